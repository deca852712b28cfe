"""Airflow for real: its scheduler over PostgreSQL, one pass over SQLite, the samples as the world."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from dags.environment import ROOT, airflow_environment
from dags.server import free_port
from tests.servers import Postgres
from warehouse import connect

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(
        datetime.now(UTC) < datetime(2026, 9, 17, tzinfo=UTC), reason="Airflow backfills only past days"
    ),
]
DAYS = ("--from-date", "2026-09-14", "--to-date", "2026-09-16")
NO_FEEDS = '<opml version="2.0"><body/></opml>'


def clean_environment(**variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COURANT_", "AIRFLOW"))}
    return kept | variables


def log_rows(log: Path, sql: str) -> list[Any]:
    with connect(log) as con:
        return con.execute(sql).fetchall()


@dataclass(frozen=True)
class Scheduler:
    """A running Airflow and the log that its tasks write to."""

    home: Path
    log: Path
    environ: dict[str, str]

    def airflow(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            env=self.environ,
            cwd=self.home,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def rows(self, sql: str) -> list[Any]:
        """Of Airflow's metadata."""
        con = psycopg2.connect(self.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", ""))
        try:
            with con.cursor() as cursor:
                cursor.execute(sql)
                found: list[Any] = cursor.fetchall()
                return found
        finally:
            con.close()

    def wait_for(self, what: str, seen: Callable[[], bool], timeout: float = 240.0) -> None:
        deadline = time.monotonic() + timeout
        while not seen():
            if time.monotonic() > deadline:
                states = self.rows("SELECT dag_id, run_id, task_id, state, try_number FROM task_instance")
                pytest.fail(f"{what}: not seen in {timeout:.0f} s; tasks: {states}")
            time.sleep(1)

    def backfill(self, *options: str) -> None:
        """Ask for the three days, and wait until the scheduler says that they are done."""
        before = self.rows("SELECT count(*) FROM backfill WHERE completed_at IS NOT NULL")[0][0]
        self.airflow("backfill", "create", "--dag-id", "news_backfill", *DAYS, *options)
        done = "SELECT count(*) FROM backfill WHERE completed_at IS NOT NULL"
        self.wait_for("backfill done", lambda: self.rows(done)[0][0] > before)


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Scheduler]:
    """What `make up` starts, over no feeds, so that all that comes into the log comes from the archive.

    Its metadata are in PostgreSQL: over SQLite, `airflow backfill create` beside a scheduler now and then finds the
    database locked, on a busy machine.
    """
    folder = tmp_path_factory.mktemp("up")
    home, log, feeds, said = folder / "airflow", folder / "log", folder / "feeds.opml", folder / "said.txt"
    feeds.write_text(NO_FEEDS)
    port = free_port()
    command = [sys.executable, "-m", "dags.standalone", "up", "--port", str(port)]
    command += ["--feeds", str(feeds), "--log", str(log)]
    environ = clean_environment(
        COURANT_AIRFLOW_HOME=str(home),
        COURANT_AIRFLOW_DATABASE=postgres.create("airflow_up"),
        COURANT_CONTACT="desk@newsroom.example",
    )
    with said.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out, start_new_session=True)
    try:
        deadline = time.monotonic() + 400
        while "Airflow is up" not in said.read_text():
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < deadline, said.read_text()
            time.sleep(0.5)
        (line,) = (line for line in said.read_text().splitlines() if "Airflow is up" in line)
        assert re.fullmatch(rf"Airflow is up: http://127\.0\.0\.1:{port}  user admin  password \S{{8,}}  \(.*\)", line)
        yield Scheduler(home, log, airflow_environment(environ, home=home, port=port))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=90) == 130
    assert not processes_with(str(home)), "Airflow left processes behind"


def processes_with(home: str) -> list[str]:
    """Command lines of the processes whose environment names this Airflow home."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"AIRFLOW_HOME={home}\0".encode() in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_three_days_of_the_archive_twice(scheduler: Scheduler) -> None:
    scheduler.backfill()
    runs = scheduler.rows("SELECT run_id, state FROM dag_run WHERE dag_id = 'news_backfill'")
    assert [state for _, state in runs] == ["success"] * 3
    first = log_rows(scheduler.log, "SELECT type, count(*) FROM event_log GROUP BY type ORDER BY type")
    assert dict(first)["page_captured"] >= 6
    assert log_rows(scheduler.log, "SELECT count(*) FROM world_events")[0][0] >= 1
    days = log_rows(scheduler.log, "SELECT DISTINCT captured_at::DATE::VARCHAR FROM captures ORDER BY 1")
    assert [day for (day,) in days] == ["2026-09-14", "2026-09-15", "2026-09-16"]

    scheduler.backfill("--reprocess-behavior", "completed")
    tries = scheduler.rows("SELECT state, try_number FROM task_instance WHERE dag_id = 'news_backfill'")
    assert tries == [("success", 2)] * 3
    again = log_rows(scheduler.log, "SELECT type, count(*) FROM event_log GROUP BY type ORDER BY type")
    assert again == first
    assert log_rows(scheduler.log, "SELECT count(*) - count(DISTINCT event_id) FROM event_log") == [(0,)]
    updates = scheduler.rows("SELECT count(*) FROM asset_event WHERE source_dag_id = 'news_backfill'")
    assert updates == [(6,)]


def test_the_schedule_is_on_and_only_for_live_runs(scheduler: Scheduler) -> None:
    live = "SELECT state FROM dag_run WHERE dag_id = 'news_live' AND run_type = 'scheduled'"
    scheduler.wait_for("a scheduled run", lambda: ("success",) in scheduler.rows(live))
    states = dict(scheduler.rows("SELECT task_id, state FROM task_instance WHERE dag_id = 'news_live'"))
    assert states == {
        "plan": "success",
        "collect": "skipped",
        "read": "success",
        "append": "success",
        "link": "success",
        "done": "success",
    }
    assert scheduler.rows("SELECT pool, slots FROM slot_pool WHERE pool = 'warehouse_writer'") == [
        ("warehouse_writer", 1)
    ]
    other = "SELECT count(*) FROM dag_run WHERE dag_id = 'news_backfill' AND run_type <> 'backfill'"
    assert scheduler.rows(other) == [(0,)]


def test_upkeep_runs_in_the_scheduler(scheduler: Scheduler) -> None:
    scheduler.airflow("dags", "trigger", "news_upkeep")
    done = "SELECT state FROM task_instance WHERE dag_id = 'news_upkeep' AND task_id = 'keep_up'"
    scheduler.wait_for("upkeep", lambda: ("success",) in scheduler.rows(done))
    assert list((scheduler.log / "catalog-copies").iterdir())
    assert log_rows(scheduler.log, "SELECT count(*) - count(DISTINCT event_id) FROM event_log") == [(0,)]


def one_pass(folder: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """What `make run` does and prints. A slot a minute, so that a run a minute later polls again."""
    environ = clean_environment(COURANT_AIRFLOW_HOME=str(folder / "airflow"), COURANT_INTERVAL="1", **variables)
    command = [sys.executable, "-m", "dags.standalone", "run", "--log", str(folder / "log"), "--port", str(free_port())]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_a_second_pass_on_another_port_adds_no_event(tmp_path: Path) -> None:
    done = one_pass(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    first = done.stdout
    found = log_rows(tmp_path / "log", "SELECT event_id FROM world_events ORDER BY event_id")
    assert len(found) >= 20
    assert f"{len(found)} new events" in first
    assert "could not be used" in first  # the newsroom has faulty feeds, each with its line
    shown = re.findall(r"^(?:2026-\d\d-\d\d|undated)  [a-z ]+  ", first, re.MULTILINE)
    assert len(shown) == 24
    assert first.count(" sql --log ") == 3

    polled = log_rows(tmp_path / "log", "SELECT max(slot) FROM proj.feed_state")[0][0]
    while f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}" <= polled:
        time.sleep(1)
    done = one_pass(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"No new events. The log holds {len(found)} events already." in done.stdout
    assert log_rows(tmp_path / "log", "SELECT event_id FROM world_events ORDER BY event_id") == found
    assert log_rows(tmp_path / "log", "SELECT count(*) FROM feeds WHERE last_outcome = 'unchanged'")[0][0] >= 6
    assert log_rows(tmp_path / "log", "SELECT count(*) - count(DISTINCT event_id) FROM event_log") == [(0,)]


def test_what_a_failed_pass_collected_the_next_one_reads(tmp_path: Path) -> None:
    broken = one_pass(tmp_path, COURANT_CODER="no-such-coder")
    assert broken.returncode == 1
    assert "news_live.read failed for good at try 1: " in broken.stdout
    assert "no-such-coder" in broken.stdout
    assert "Traceback" not in broken.stdout + broken.stderr
    (line,) = broken.stderr.splitlines()
    assert line.startswith("A task failed. What was collected is kept")
    assert log_rows(tmp_path / "log", "SELECT count(*) FROM event_log") == [(0,)]

    mended = one_pass(tmp_path)
    assert mended.returncode == 0, mended.stdout + mended.stderr
    runs = log_rows(tmp_path / "log", "SELECT run_id, pages_captured FROM runs ORDER BY started_at")
    assert runs[0][1] >= 30  # pages that the failed run captured, under its name
    assert log_rows(tmp_path / "log", "SELECT count(*) FROM world_events")[0][0] >= 20
    assert log_rows(tmp_path / "log", "SELECT count(*) - count(DISTINCT event_id) FROM event_log") == [(0,)]
