"""### From feeds to events, every few minutes

`plan` decides what is due; `collect` polls feeds and captures pages, a task for each chunk of the plan; `read` makes
articles and events of the captures, in processes of its own; `append` takes everything into the event log, once; `link`
decides which reports of different articles tell one happening.

Between the tasks lies the spool, in the log's folder: XCom carries names and counts. A chunk that could not be
collected fails the run, but not what the other chunks brought; whatever a run leaves over, the next one takes up. Every
task can be cleared and run again at any time: the log takes nothing in twice.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import CronTriggerTimetable, TriggerRule, dag, get_current_context, task

from dags.defaults import EVENT_LOG, TASK_DEFAULTS, WRITER_POOL, load_settings, no_retry_in_vain
from dags.failures import report_run_failure
from dags.runs import cron_every, run_name


@task(execution_timeout=timedelta(minutes=5))
def plan() -> list[str]:
    """What is due now, as the names of its chunks in the spool; how much that is goes by the XCom key `counts`."""
    from dags.progress import log_summary
    from ingest import pipeline

    with no_retry_in_vain():
        planned = pipeline.plan(load_settings(), now=pipeline.utc_now(), run_id=_run_id())
    counts = log_summary("plan", planned.to_json())
    get_current_context()["ti"].xcom_push("counts", counts)
    return list(planned.chunks)


@task
def collect(chunk: str) -> dict[str, Any]:
    """Poll, fetch and capture one chunk. I/O only."""
    from dags.progress import log_summary
    from ingest import pipeline

    with no_retry_in_vain():
        attempt = get_current_context()["ti"].try_number
        report = pipeline.collect(load_settings(), chunk, run_id=_run_id(), attempt=attempt)
    return log_summary("collect", report.to_json())


# What was collected is read whether or not every chunk could be; `done` fails the run in the end.
@task(trigger_rule=TriggerRule.ALL_DONE, execution_timeout=timedelta(hours=1))
def read() -> dict[str, Any]:
    """Extract and code whatever lies in the spool, also what an earlier run left there."""
    from dags.progress import log_progress, log_summary
    from ingest import pipeline

    with no_retry_in_vain():
        report = pipeline.read(load_settings(), run_id=_run_id(), progress=log_progress())
    return log_summary("read", report.to_json())


@task(pool=WRITER_POOL, outlets=[EVENT_LOG], execution_timeout=timedelta(minutes=30))
def append() -> dict[str, Any]:
    """Take what was read into the log."""
    from dags.progress import log_progress, log_summary
    from ingest import pipeline

    with no_retry_in_vain():
        report = pipeline.append(load_settings(), run_id=_run_id(), progress=log_progress())
    get_current_context()["outlet_events"][EVENT_LOG].extra = {"head": report.head, "added": report.added}
    return log_summary("append", report.to_json())


@task(pool=WRITER_POOL, outlets=[EVENT_LOG], execution_timeout=timedelta(hours=1))
def link() -> dict[str, Any]:
    """Decide which reports tell one happening: of what is new, against the days around it."""
    from dags.progress import log_progress, log_summary
    from ingest import pipeline

    with no_retry_in_vain():
        report = pipeline.link(load_settings(), run_id=_run_id(), progress=log_progress())
    return log_summary("link", report.to_json())


@dag(
    schedule=CronTriggerTimetable(cron_every(load_settings().interval), timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=TASK_DEFAULTS,
    on_failure_callback=report_run_failure,
    doc_md=__doc__,
    tags=["courant"],
)
def news_live() -> None:
    """Feeds to events."""
    collected = collect.expand(chunk=plan())
    appended = append()
    done = EmptyOperator(task_id="done", trigger_rule=TriggerRule.NONE_FAILED)
    collected >> read() >> appended >> link() >> done
    collected >> done


def _run_id() -> str:
    context = get_current_context()
    return run_name(context["dag"].dag_id, context["run_id"])


live = news_live()
