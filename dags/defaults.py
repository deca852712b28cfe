"""What the DAGs have in common: the asset they update, the pool they write through, how a task is tried again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import Asset

from dags.failures import report_retry, report_task_failure

if TYPE_CHECKING:
    from ingest.settings import Settings

EVENT_LOG = Asset("news://event-log", group="courant")
"""Updated by every append; what must run after new events is scheduled on it."""

WRITER_POOL = "warehouse_writer"
"""A pool of one slot for every append: a courtesy that keeps tasks from waiting for the lock inside `append`, which is
the guarantee. `python -m dags.prepare` makes it."""

TASK_DEFAULTS: dict[str, Any] = {
    "owner": "courant",
    "retries": 3,
    "retry_delay": timedelta(seconds=20),
    "retry_exponential_backoff": 3,  # 20 s, 1 min, 3 min
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=10),
    "on_retry_callback": report_retry,
    "on_failure_callback": report_task_failure,
}


def load_settings() -> "Settings":
    """The settings of this deployment: courant.toml and COURANT_* variables. Raises SettingsError."""
    from ingest.settings import Settings

    return Settings.load()


@contextmanager
def no_retry_in_vain() -> Iterator[None]:
    """Fail the task at once for what no second try mends: a wrong setting, a missing feeds file, archive or log."""
    from airflow.sdk.exceptions import AirflowFailException

    from ingest.errors import CourantError
    from warehouse.errors import LayoutError, LogNotFoundError

    try:
        yield
    except (CourantError, LayoutError, LogNotFoundError) as error:
        raise AirflowFailException(str(error)) from error
