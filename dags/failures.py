"""What is said when a task or a run fails: one line with what failed, why, and what comes next."""

import logging
from collections.abc import Mapping
from typing import Any

log = logging.getLogger("courant.dags")

_OURS = ("ingest", "warehouse", "schemas", "dags")


def report_retry(context: Mapping[str, Any]) -> None:
    """Callback of a task that has failed and will be tried again."""
    task = context["task_instance"]
    log.warning(
        "%s failed at try %d, to be tried again: %s", task_name(task), task.try_number, cause(context.get("exception"))
    )


def report_task_failure(context: Mapping[str, Any]) -> None:
    """Callback of a task that has failed for good: its tries are used up, or another one would not help."""
    task = context["task_instance"]
    log.error("%s failed for good at try %d: %s", task_name(task), task.try_number, cause(context.get("exception")))


def report_run_failure(context: Mapping[str, Any]) -> None:
    """Callback of a run that ended with a failed task."""
    run = context["dag_run"]
    log.error(
        "%s of %s failed: see its red tasks. What it left in the spool, the next run takes up", run.run_id, run.dag_id
    )


def task_name(task: Any) -> str:
    """`news_live.collect[2]`: DAG, task and, of a mapped one, which."""
    index = getattr(task, "map_index", None)
    return f"{task.dag_id}.{task.task_id}" + (f"[{index}]" if index is not None and index >= 0 else "")


def cause(error: object) -> str:
    """The first line of an error; its class too, unless it is of ours, whose messages say all by themselves."""
    if error is None:
        return "no reason given (killed from outside, or out of memory)"
    kind = type(error)
    words = str(error).strip().partition("\n")[0]
    if isinstance(error, str):
        return words
    if kind.__module__.partition(".")[0] in _OURS or kind.__name__ == "AirflowFailException":
        return words or kind.__name__
    return f"{kind.__name__}: {words}" if words else kind.__name__
