"""One pass of `news_live` in Airflow, without a scheduler: `python -m dags.one_pass REPORT CHATTER`.

Runs in an environment made by `dags.environment`. The progress of our own steps goes to stdout, all else that Airflow
says to the file CHATTER. What the pass came to is written to the file REPORT, as JSON in the shape of
`ingest.reports.RunReport.to_json`. Exit code 0 where every task succeeded, else 1.
"""

import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun


def main(report: Path, chatter: Path) -> int:
    terminal = _divert_output(chatter)
    print("Preparing Airflow", file=terminal, flush=True)
    # Only now: importing Airflow and its database's migration are what is slow here.
    from dags.prepare import prepare

    prepare()
    from dags.news_live import live
    from dags.progress import STEPS

    handler = logging.StreamHandler(terminal)
    handler.setFormatter(logging.Formatter("  %(message)s"))
    # The notes on single feeds are for the end, all together.
    handler.addFilter(lambda record: record.name != STEPS or record.levelno < logging.WARNING)
    for name in (STEPS, "courant.dags"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    print("Running the DAG news_live", file=terminal, flush=True)
    for task in live.tasks:
        task.retries = 0  # somebody is waiting, and the next pass takes up what this one leaves
    run = live.test()
    said = _report(run)
    if said["plan"] and said["read"] and said["appended"]:
        report.write_text(json.dumps(said))
    return 0 if run.state == "success" else 1


def _divert_output(chatter: Path) -> TextIO:
    """Lead stdout and stderr, also of child processes, into a file; gives back what was stdout."""
    terminal = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="replace")
    with chatter.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    return terminal


def _report(run: "DagRun") -> dict[str, Any]:
    from dags.runs import run_name

    said: dict[str, list[Any]] = {"plan": [], "collect": [], "read": [], "append": [], "link": []}
    for task in sorted(run.get_task_instances(), key=lambda task: task.map_index):
        if task.task_id in said:
            key = "counts" if task.task_id == "plan" else "return_value"
            said[task.task_id].append(task.xcom_pull(task_ids=task.task_id, map_indexes=task.map_index, key=key))
    return {
        "run_id": run_name(run.dag_id, run.run_id),
        "plan": said["plan"][0],
        "collected": [counts for counts in said["collect"] if counts],
        "read": said["read"][0],
        "appended": said["append"][0],
        "linked": said["link"][0],
    }


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
