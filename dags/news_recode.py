"""### Stored captures read again

Reads captures again, from the WARC files, by today's extractor and coder, where these versions have not read them:
after an upgrade, say. Nothing is fetched. What comes of it is appended; the newest reading becomes the current one.

It has no schedule; trigger it by hand, with `since` and `until` (days, UTC) to take only what was captured then:

    airflow dags trigger news_recode --conf '{"since": "2026-09-01"}'

It can be stopped and triggered again at any time: what was read is not read twice.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import Param, dag, get_current_context, task

from dags.defaults import EVENT_LOG, TASK_DEFAULTS, load_settings, no_retry_in_vain
from dags.failures import report_run_failure
from dags.runs import run_name


# No pool, as for news_backfill: most of its time goes into reading, which keeps no live run from appending.
@task(outlets=[EVENT_LOG], execution_timeout=timedelta(hours=24), max_active_tis_per_dag=1)
def read_again() -> dict[str, Any]:
    """Read what is due again, chunk by chunk, through the same stages as live pages, into the log."""
    from dags.progress import log_progress, log_summary
    from ingest.reread import reread

    context = get_current_context()
    with no_retry_in_vain():
        report = reread(
            load_settings(),
            since=_day(context["params"]["since"]),
            until=_day(context["params"]["until"]),
            run_id=run_name(context["dag"].dag_id, context["run_id"]),
            progress=log_progress(),
        ).to_json()
    context["outlet_events"][EVENT_LOG].extra = {
        "head": report["appended"]["head"],
        "added": report["appended"]["added"],
    }
    return log_summary("again", report)


def _day(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    on_failure_callback=report_run_failure,
    params={
        "since": Param(None, type=["null", "string"], format="date", description="Captured from this day on (UTC)"),
        "until": Param(None, type=["null", "string"], format="date", description="Captured before this day (UTC)"),
    },
    doc_md=__doc__,
    tags=["courant"],
)
def news_recode() -> None:
    """Captures to articles and events, once more."""
    read_again()


again = news_recode()
