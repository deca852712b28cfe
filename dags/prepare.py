"""Make Airflow's metadata database and the pool that appends go through: `python -m dags.prepare`.

May be run again at any time. Which database, Airflow's settings say (see `dags.environment`).
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
