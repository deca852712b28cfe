"""### Archived pages, day by day

A run brings what was captured within its data interval, one day (UTC), from an archive into the event log: WARC files,
a folder of HTML, or JSON lines. It has no schedule of its own (it ended long ago); days are asked for:

    airflow backfill create --dag-id news_backfill --from-date 2026-09-14 --to-date 2026-09-16 \\
        --dag-run-conf '{"archive": "/archives/2026"}'

The archive is the run's `archive`, else the variable COURANT_ARCHIVE of the worker, else the samples' own. A page that
the log knows, whichever way it came, adds nothing; so a day can be run again at any time.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import CronDataIntervalTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from dags.defaults import EVENT_LOG, TASK_DEFAULTS, load_settings, no_retry_in_vain
from dags.failures import report_run_failure
from dags.runs import run_name

SAMPLES = Path(__file__).resolve().parents[1] / "samples" / "archive"


# No pool: a day of a large archive takes hours, most of them reading, and would keep live runs from appending.
@task(
    outlets=[EVENT_LOG],
    execution_timeout=timedelta(hours=12),
    # Its readers keep every core of a machine busy; more at a time only pays with workers on several machines.
    max_active_tis_per_dag=int(os.environ.get("COURANT_BACKFILL_TASKS", "1")),
)
def bring_in() -> dict[str, Any]:
    """Read the interval's records out of the archive, through the same stages as live pages, into the log."""
    from dags.progress import log_progress, log_summary
    from ingest.backfill import backfill

    context = get_current_context()
    start, end = context["data_interval_start"], context["data_interval_end"]
    if start is None or end is None:
        raise AirflowFailException("The run has no data interval: make it by `airflow backfill create`")
    archive = context["params"]["archive"] or os.environ.get("COURANT_ARCHIVE") or SAMPLES
    with no_retry_in_vain():
        report = backfill(
            load_settings(),
            [Path(archive)],
            since=start.date(),
            until=end.date(),
            run_id=run_name(context["dag"].dag_id, context["run_id"]),
            progress=log_progress(),
        ).to_json()
    context["outlet_events"][EVENT_LOG].extra = {
        "head": report["appended"]["head"],
        "added": report["appended"]["added"],
    }
    return log_summary("archive", report)


@dag(
    # Data intervals of a day need this timetable (a plain cron string gives empty ones), and an end that is past keeps
    # the scheduler from making runs by itself. A backfill is not run while its DAG is paused.
    schedule=CronDataIntervalTimetable("0 0 * * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    end_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    on_failure_callback=report_run_failure,
    params={
        "archive": Param(
            None,
            type=["null", "string"],
            description="WARC file or folder, folder of HTML, or JSON lines; a path on the worker",
        )
    },
    doc_md=__doc__,
    tags=["courant"],
)
def news_backfill() -> None:
    """Archives to events."""
    bring_in()


archived = news_backfill()
