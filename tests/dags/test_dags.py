"""The DAGs as Airflow sees them: structure, schedules, retries, and what their files cost to parse."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dags.environment import ROOT, airflow_environment

# Asked of a process of its own: Airflow reads its settings when it is imported, and warns of much.
INSPECT = """
import json, sys
import airflow.sdk, airflow.providers.standard.operators.empty, airflow.sdk.definitions.decorators
before = set(sys.modules)
from dags.news_live import live
from dags.news_backfill import archived
from dags.news_upkeep import nightly
from dags.news_recode import again
loaded = sorted({m for m in set(sys.modules) - before})
from airflow.serialization.serialized_objects import DagSerialization
def names(callbacks):
    return [c.__name__ for c in (callbacks if isinstance(callbacks, list) else [callbacks])]
def told(dag):
    DagSerialization.serialize_dag(dag)
    return {
        "timetable": type(dag.timetable).__name__, "cron": getattr(dag.timetable, "expression", None),
        "catchup": dag.catchup, "max_active_runs": dag.max_active_runs, "start": dag.start_date.isoformat(),
        "end": dag.end_date and dag.end_date.isoformat(), "paused": dag.is_paused_upon_creation,
        "failure": names(dag.on_failure_callback), "doc": dag.doc_md, "params": list(dag.params),
        "tasks": {t.task_id: {
            "pool": t.pool, "retries": t.retries, "delay": t.retry_delay.total_seconds(),
            "backoff": t.retry_exponential_backoff, "longest": t.max_retry_delay and t.max_retry_delay.total_seconds(),
            "timeout": t.execution_timeout and t.execution_timeout.total_seconds(), "mapped": t.is_mapped,
            "rule": str(t.trigger_rule.value), "outlets": [o.name for o in t.outlets],
            "upstream": sorted(t.upstream_task_ids), "failure": names(t.on_failure_callback),
        } for t in dag.tasks},
    }
from airflow.utils.file import list_py_file_paths
files = sorted(path.rpartition("/")[2] for path in list_py_file_paths(sys.argv[1], safe_mode=False))
answer = {"loaded": loaded, "files": files, "news_live": told(live), "news_backfill": told(archived)}
answer["news_upkeep"], answer["news_recode"] = told(nightly), told(again)
print("ANSWER" + json.dumps(answer))
"""
HEAVY = {
    "aiohttp", "duckdb", "feedparser", "lxml", "pandas", "pyarrow", "pydantic_settings", "spacy", "trafilatura",
    "warcio", "warehouse", "schemas", "samples", "cli", "ingest.pipeline", "ingest.collect", "ingest.read",
    "ingest.backfill", "ingest.reread",
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("airflow")
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COURANT_")}
    environ = airflow_environment(plain | {"COURANT_INTERVAL": "30"}, home=home)
    command = [sys.executable, "-c", INSPECT, str(ROOT / "dags")]
    done = subprocess.run(command, env=environ, cwd=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.partition("ANSWER")[2])
    return answer


def test_only_the_dag_files_are_parsed(seen: dict[str, Any]) -> None:
    assert seen["files"] == ["news_backfill.py", "news_live.py", "news_recode.py", "news_upkeep.py"]


def test_parsing_a_dag_file_loads_nothing_of_the_pipeline(seen: dict[str, Any]) -> None:
    loaded = {module for module in seen["loaded"] if module in HEAVY or module.partition(".")[0] in HEAVY}
    assert not loaded
    assert "ingest.settings" in seen["loaded"]  # the list is that of the modules loaded


def test_live_goes_from_plan_to_append(seen: dict[str, Any]) -> None:
    tasks = seen["news_live"]["tasks"]
    assert {name: task["upstream"] for name, task in tasks.items()} == {
        "plan": [],
        "collect": ["plan"],
        "read": ["collect"],
        "append": ["read"],
        "link": ["append"],
        "done": ["collect", "link"],
    }
    assert [name for name, task in tasks.items() if task["mapped"]] == ["collect"]


def test_a_lost_chunk_keeps_nothing_else_from_the_log_but_fails_the_run(seen: dict[str, Any]) -> None:
    tasks = seen["news_live"]["tasks"]
    assert tasks["read"]["rule"] == "all_done"
    assert tasks["append"]["rule"] == "all_success"
    assert tasks["done"]["rule"] == "none_failed"


def test_live_runs_at_the_interval_of_the_settings_one_at_a_time(seen: dict[str, Any]) -> None:
    live = seen["news_live"]
    assert (live["timetable"], live["cron"]) == ("CronTriggerTimetable", "*/30 * * * *")
    assert (live["catchup"], live["max_active_runs"], live["end"]) == (False, 1, None)


def test_backfill_has_daily_intervals_and_no_runs_of_its_own(seen: dict[str, Any]) -> None:
    archive = seen["news_backfill"]
    assert (archive["timetable"], archive["cron"]) == ("CronDataIntervalTimetable", "0 0 * * *")
    assert datetime.fromisoformat(archive["end"]) < datetime.now(UTC) - timedelta(days=3650)
    assert archive["catchup"] is False
    assert archive["paused"] is False  # backfill runs of a paused DAG never start
    assert archive["params"] == ["archive"]


def test_reading_again_waits_to_be_asked(seen: dict[str, Any]) -> None:
    again = seen["news_recode"]
    assert (again["timetable"], again["catchup"], again["params"]) == ("NullTimetable", False, ["since", "until"])
    assert again["tasks"]["read_again"]["outlets"] == ["news://event-log"]


def test_appends_go_through_the_pool_and_update_the_asset(seen: dict[str, Any]) -> None:
    live, archive = seen["news_live"]["tasks"], seen["news_backfill"]["tasks"]
    assert [name for name, task in live.items() if task["pool"] == "warehouse_writer"] == ["append", "link"]
    assert [name for name, task in live.items() if task["outlets"] == ["news://event-log"]] == ["append", "link"]
    assert archive["bring_in"]["outlets"] == ["news://event-log"]


def test_upkeep_runs_once_a_night_and_keeps_no_append_from_its_turn(seen: dict[str, Any]) -> None:
    upkeep = seen["news_upkeep"]
    assert (upkeep["timetable"], upkeep["cron"]) == ("CronTriggerTimetable", "17 3 * * *")
    assert (upkeep["catchup"], upkeep["max_active_runs"]) == (False, 1)
    assert [task["pool"] for task in upkeep["tasks"].values()] == ["default_pool"]


def test_every_task_is_limited_retried_with_back_off_and_reported(seen: dict[str, Any]) -> None:
    dags = ("news_live", "news_backfill", "news_upkeep")
    working = [task for dag in dags for name, task in seen[dag]["tasks"].items() if name != "done"]
    assert len(working) == 7
    for task in working:
        assert task["timeout"]
        assert task["retries"] == 3
        assert task["backoff"] > 1
        assert task["delay"] < task["longest"]
        assert task["failure"] == ["report_task_failure"]
    assert all(seen[dag]["failure"] == ["report_run_failure"] for dag in dags)
