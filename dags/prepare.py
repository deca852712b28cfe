"""Make Airflow's metadata database and the pool that appends go through: `python -m dags.prepare`, as often as you like.

Runs in an environment that says which database (see `dags.environment`); several seconds the first time.
"""


def prepare() -> None:
    """Create or migrate the metadata database, and the pool."""
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    from dags.defaults import WRITER_POOL

    initdb()
    Pool.create_or_update_pool(WRITER_POOL, slots=1, description="One append at a time", include_deferred=False)


if __name__ == "__main__":
    prepare()
