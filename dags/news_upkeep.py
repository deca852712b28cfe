"""### What keeps the log quick, once a night

Catch up what the views show, make small files big, let old snapshots and files go, copy the catalog: `courant upkeep`.
Readers go on reading, and a live run has its turn between any two steps. A step that fails harms nothing: it is named,
the task is tried again, and the log is as right as before.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from dags.defaults import TASK_DEFAULTS, load_settings, no_retry_in_vain
from dags.failures import report_run_failure


# No pool: the lock is let go between steps, and a task that waits for the whole of it would keep live runs waiting.
@task(execution_timeout=timedelta(hours=6))
def keep_up() -> dict[str, Any]:
    """Run all steps; how much each did. Fails where one failed."""
    from dags.progress import log_summary
    from warehouse.errors import LogError
    from warehouse.upkeep import upkeep

    with no_retry_in_vain():
        report = upkeep(load_settings().log)
    if report.failed:
        raise LogError("; ".join(f"{step.step}: {step.error}" for step in report.failed))
    notes = [f"{step.step}: {step.note}" for step in report.steps if step.note]
    return log_summary("upkeep", {step.step: step.done for step in report.steps} | {"notes": notes})


@dag(
    schedule=CronTriggerTimetable("17 3 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    on_failure_callback=report_run_failure,
    doc_md=__doc__,
    tags=["courant"],
)
def news_upkeep() -> None:
    """A log that stays quick."""
    keep_up()


nightly = news_upkeep()
