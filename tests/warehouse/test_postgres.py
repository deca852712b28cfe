"""Guarantee 13: a catalog in PostgreSQL, data in S3: what holds there beside the guarantees that every log keeps."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.warehouse.sample_events import NOON, call_article, failed
from tests.warehouse.stores import BUCKET, Logs
from warehouse import Log, LogError, connect, files, postgres
from warehouse import log as module
from warehouse.backup import back_up, restore
from warehouse.erase import erase, find_url
from warehouse.errors import CommitConflictError, LayoutError, LogBusyError, LogExistsError
from warehouse.location import LAYOUT, Location
from warehouse.lock import describe, holder, writer_lock
from warehouse.query import open_for_reading
from warehouse.upgrade import STEPS, upgrade
from warehouse.upkeep import upkeep
from warehouse.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.catalogs("postgres", "postgres-s3")]
one_catalog = pytest.mark.catalogs("postgres")

ROOT = Path(__file__).parents[2]
POSITIONS = "SELECT position, event_id FROM event_log ORDER BY position"


def rows(path: Path, sql: str = POSITIONS) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def pages(*numbers: int) -> list:
    return [failed(f"https://a.example/{n}", 1) for n in numbers]


@contextmanager
def superuser(path: Path) -> Iterator["psycopg2.extensions.cursor"]:
    with postgres.session(Location.find(path).catalog) as cursor:
        yield cursor


def test_g13_folders_on_several_machines_write_to_one_log(path: Path, tmp_path: Path) -> None:
    said = Location.find(path)
    data = said.base if said.elsewhere else str(path)
    other = Log.create(tmp_path / "other", catalog=said.catalog.name, data=data).location.root
    third = Log.create(tmp_path / "third", catalog=said.catalog.name).location
    assert third.data == said.data
    for n, folder in enumerate((path, other, third.root, path, other)):
        with Log.open(folder) as log:
            assert log.append(pages(0, n + 1)).added == (2 if n == 0 else 1)
    assert [row[0] for row in rows(path)] == list(range(1, 7))
    assert rows(path) == rows(other) == rows(third.root)
    assert upkeep(other, grace=timedelta(0)).failed == ()
    assert list(verify(third.root)) == []


def test_g13_without_the_lock_an_append_still_adds_each_event_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder that lost its lock and does not know: its commit fails, for the log has gone on since it looked."""
    monkeypatch.setattr(module, "writer_lock", lambda *_, **__: nullcontext())
    insert, between = Log._insert, [pages(1, 2, 3)]

    def interrupted(self: Log, *arguments):  # type: ignore[no-untyped-def]
        done = insert(self, *arguments)
        if between:
            with Log.open(path) as other:
                other.append(between.pop())
        return done

    monkeypatch.setattr(Log, "_insert", interrupted)
    with Log.open(path) as log:
        report = log.append(pages(3, 4))
    assert (report.first, report.added, report.known) == (4, 1, 1)
    assert [row[0] for row in rows(path)] == [1, 2, 3, 4]
    assert list(verify(path)) == []


def test_g13_a_lasting_conflict_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "writer_lock", lambda *_, **__: nullcontext())
    insert, numbers = Log._insert, iter(range(100, 200))

    def always(self: Log, *arguments):  # type: ignore[no-untyped-def]
        done = insert(self, *arguments)
        monkeypatch.setattr(Log, "_insert", insert)
        with Log.open(path) as other:
            other.append(pages(next(numbers)))
        monkeypatch.setattr(Log, "_insert", always)
        return done

    monkeypatch.setattr(Log, "_insert", always)
    with pytest.raises(CommitConflictError) as error:
        Log.open(path).append(pages(1))
    assert "\n" not in str(error.value)
    assert len(rows(path)) == module.CONFLICTS + 1


HOLD = """
import sys, time
from warehouse.location import Location
from warehouse.lock import writer_lock
with writer_lock(Location.find(sys.argv[1]), purpose="test"):
    print("held", flush=True)
    time.sleep(60)
"""


@one_catalog
def test_g13_the_lock_tells_its_holder_and_goes_with_it(path: Path) -> None:
    location = Location.find(path)
    assert holder(location) is None
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdout=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        note = holder(location)
        assert note is not None
        assert (note["pid"], note["purpose"]) == (process.pid, "test")
        with (
            pytest.raises(LogBusyError, match=f"process {process.pid} on .*test"),
            writer_lock(location, purpose="mine", timeout=0.3),
        ):
            pass
        assert "since 20" in describe(note)
        process.send_signal(signal.SIGKILL)
    with writer_lock(location, purpose="mine", timeout=10):
        assert (holder(location) or {})["pid"] == os.getpid()


@one_catalog
def test_g13_another_log_of_the_same_database_has_a_lock_of_its_own(path: Path, tmp_path: Path) -> None:
    location = Location.find(path)
    other = Log.create(tmp_path / "other", catalog=location.catalog.name.replace("=courant", "=desk")).location
    with writer_lock(location, purpose="one"), writer_lock(other, purpose="two", timeout=1):
        assert [(holder(each) or {})["purpose"] for each in (location, other)] == ["one", "two"]


@one_catalog
def test_g13_a_server_that_goes_away_is_an_error_of_one_line_and_the_next_append_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off() -> None:
        with superuser(path) as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    insert = Log._insert

    def interrupted(self: Log, *arguments):  # type: ignore[no-untyped-def]
        done = insert(self, *arguments)
        cut_off()
        return done

    log = Log.open(path)
    log.append(pages(1))
    monkeypatch.setattr(Log, "_insert", interrupted)
    with pytest.raises(LogError) as error:
        log.append(pages(2))
    assert "\n" not in str(error.value)
    monkeypatch.undo()
    assert log.append(pages(2, 3)).first == 2
    cut_off()
    assert log.append(pages(4)).first == 4
    log.close()
    assert len(rows(path)) == 4


@one_catalog
def test_g13_a_password_is_nowhere_to_be_read(
    catalog: Logs, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = catalog.server
    assert server is not None
    # This user alone is asked for a password: the server's rules are read from the top.
    rules = server.data / "pg_hba.conf"
    rules.write_text(f"host all keyed 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
    with superuser(path) as cursor:
        cursor.execute("CREATE ROLE keyed LOGIN PASSWORD 'hunter2' SUPERUSER")
        cursor.execute("SELECT pg_reload_conf()")
    name = Location.find(path).catalog.url.rsplit("/", 1)[-1]
    said = f"postgresql://keyed:hunter2@127.0.0.1:{server.port}/{name}?schema=keyed"
    without = said.replace(":hunter2", "")
    with pytest.raises(LogError, match="password") as error:
        Log.create(tmp_path / "refused", catalog=without)
    assert "\n" not in str(error.value)
    monkeypatch.setenv("COURANT_CATALOG", said)
    with Log.create(tmp_path / "keyed", catalog=said) as log:
        log.append(call_article("https://a.example/call"))
    made = tmp_path / "keyed"
    assert upkeep(made).failed == ()
    shown = rows(
        made, "SELECT d::VARCHAR FROM duckdb_databases() d UNION ALL SELECT s::VARCHAR FROM duckdb_secrets() s"
    )
    assert "hunter2" not in repr(shown)
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or b"hunter2" not in file.read_bytes(), file
    monkeypatch.setenv("COURANT_CATALOG", said.replace("hunter2", "hunter3"))
    for attempt in (
        lambda: connect(made),
        lambda: Log.open(made).append(pages(1)),
        lambda: holder(Location.find(made)),
    ):
        with pytest.raises(LogError) as error:
            attempt()
        assert "hunter3" not in str(error.value)
        assert "\n" not in str(error.value)


@one_catalog
def test_g13_the_environment_cannot_lead_a_folder_to_another_log(
    path: Path, new_log: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Log.create(
        tmp_path / "other", catalog=Location.find(path).catalog.name.replace("=courant", "=desk")
    ).location
    monkeypatch.setenv("COURANT_CATALOG", other.catalog.name)
    with pytest.raises(LogError, match="another log"):
        connect(path)
    with pytest.raises(LogError, match="another log"):
        Log.open(path).append(pages(1))


def test_g13_a_reader_needs_no_right_to_write(path: Path, tmp_path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article("https://a.example/call"))
    with superuser(path) as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'analyst'")
        if cursor.fetchone() is None:
            cursor.execute("CREATE ROLE analyst LOGIN")
        cursor.execute("GRANT USAGE ON SCHEMA courant TO analyst")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA courant TO analyst")
    location = Location.find(path)
    reader = replace(location.catalog, url=location.catalog.url.replace("postgres@", "analyst@"))
    here = tmp_path / "reader"
    here.mkdir()
    replace(location, root=here, catalog=reader, elsewhere=location.base).write_marker(location.check())
    assert rows(here, "SELECT count(*) FROM world_events") == [(2,)]
    with open_for_reading(here) as con:
        assert con.execute("SELECT count(*) FROM calls_held").fetchall() == [(1,)]
    with pytest.raises(LogError) as error:
        Log.open(here).append(pages(1))
    assert "\n" not in str(error.value)


@one_catalog
def test_g13_of_the_database_a_query_reaches_the_logs_schema_alone(path: Path) -> None:
    with superuser(path) as cursor:
        cursor.execute("CREATE TABLE public.connection (password text)")
    with open_for_reading(path) as con:
        for name in ("__ducklake_metadata_courant.public.connection", "__ducklake_metadata_courant.connection"):
            with pytest.raises(Exception, match="does not exist"):
                con.execute(f"FROM {name}")


def test_g13_a_log_whose_making_was_cut_short_is_made_anew(
    catalog: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    name = catalog.new_database()
    how = {"catalog": catalog.catalog(name), "data": catalog.data(name)}
    monkeypatch.setattr("warehouse.postgres.set_layout", killed)
    with pytest.raises(KeyboardInterrupt):
        Log.create(tmp_path / "log", **how)
    monkeypatch.undo()
    with pytest.raises(LogError, match="courant init"):
        Log.open(tmp_path / "log")
    with Log.create(tmp_path / "log", **how) as log:
        assert log.append(pages(1)).first == 1
    assert list(verify(tmp_path / "log")) == []


def test_g13_two_logs_never_share_a_place_for_data(catalog: Logs, path: Path, tmp_path: Path) -> None:
    location = Location.find(path)
    base = location.base
    if not location.elsewhere:
        base = str(tmp_path / "shared")
        Log.create(tmp_path / "first", catalog=location.catalog.name.replace("=courant", "=first"), data=base).close()
    with pytest.raises(LogExistsError, match="--data"):
        Log.create(tmp_path / "second", catalog=location.catalog.name.replace("=courant", "=second"), data=base)


@pytest.mark.catalogs("postgres-s3")
def test_g13_a_log_is_moved_to_postgresql_and_s3_and_back(catalog: Logs, tmp_path: Path) -> None:
    with Log.create(tmp_path / "small") as log:
        for n in range(3):
            log.append([*pages(n), *call_article(f"https://a.example/call/{n}")])
    whole = rows(tmp_path / "small", "SELECT * FROM event_log ORDER BY position")
    shown = rows(tmp_path / "small", "SELECT * FROM world_events ORDER BY position")
    back_up(tmp_path / "small", tmp_path / "copy")
    name = catalog.new_database()
    how = {"catalog": catalog.catalog(name), "data": catalog.data(name)}
    restore(tmp_path / "copy", tmp_path / "big", **how)
    assert Location.find(tmp_path / "big").data == f"s3://{BUCKET}/{name}/data"
    with Log.open(tmp_path / "big") as log:
        assert log.append(pages(0, 1, 9)).added == 1
    assert upkeep(tmp_path / "big", grace=timedelta(0)).failed == ()
    assert list(verify(tmp_path / "big")) == []
    with pytest.raises(LogError, match="holds a log already"):
        restore(tmp_path / "copy", tmp_path / "third", **how)
    with pytest.raises(LogError, match="--catalog"):
        restore(tmp_path / "copy", tmp_path / "big")
    back_up(tmp_path / "big", tmp_path / "copy-of-big")
    restore(tmp_path / "copy-of-big", tmp_path / "small-again", catalog="sqlite")
    again = rows(tmp_path / "small-again", "SELECT * FROM event_log ORDER BY position")
    assert again[:-1] == whole
    assert len(again) == len(whole) + 1
    assert rows(tmp_path / "small-again", "SELECT * FROM world_events ORDER BY position") == shown
    assert list(verify(tmp_path / "small-again")) == []


def test_g13_an_upgrade_on_one_machine_is_noticed_on_the_others(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = LAYOUT - 1
    monkeypatch.setitem(STEPS, before, lambda con: None)
    said = Location.find(path)
    other = Log.create(tmp_path / "other", catalog=said.catalog.name, data=said.base).location
    for place in (path, other.root):
        marker = place / "courant-log.json"
        marker.write_text(marker.read_text().replace(f'"layout": {LAYOUT}', f'"layout": {before}'))
    postgres.set_layout(said.catalog, before)
    assert upgrade(path) == (before, LAYOUT)
    with pytest.raises(LayoutError, match="courant log upgrade"):
        connect(other.root)
    assert upgrade(other.root) == (before, LAYOUT)
    assert rows(other.root) == []
    assert files.find(said.copies)


@pytest.mark.catalogs("postgres-s3")
def test_g13_s3_that_refuses_is_an_error_of_one_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LogError) as error:
        Log.create(path.parent / "nowhere", catalog=Location.find(path).catalog.name.replace("=courant", "=nowhere"),
                   data="s3://no-such-bucket/log")  # fmt: skip
    assert "\n" not in str(error.value)
    assert "no-such-bucket" in str(error.value)


@one_catalog
def test_g13_an_upkeep_that_lost_its_lock_deletes_no_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Log.open(path) as log:
        log.append(pages(1))
    orphan = f"{files.find(Location.find(path).data).popitem()[0].rsplit('/', 1)[0]}/ducklake-of-another.parquet"
    files.write(orphan, b"being written")
    monkeypatch.setattr("warehouse.upkeep.writer_lock", lambda *_, **__: nullcontext())
    failed = upkeep(path, grace=timedelta(0)).failed
    assert [(step.step, "lost" in (step.error or "")) for step in failed] == [("delete orphans", True)]
    assert orphan in files.find(Location.find(path).data)


@one_catalog
def test_g13_an_erasure_says_what_open_readers_keep_it_from(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, how = "https://a.example/call", {"reason": "request", "now": NOON, "run_id": "erase-1"}
    with Log.open(path) as log:
        log.append(call_article(url))
    monkeypatch.setattr(postgres, "READERS_WAIT", 0.5)
    with connect(path) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM texts WHERE digest > 'sha'").fetchall()
        with pytest.raises(LogError, match="open transactions") as error, Log.open(path) as log:
            erase(log, find_url(log, url), **how)
        assert "\n" not in str(error.value)
    with Log.open(path) as log:
        assert erase(log, find_url(log, url), **how).texts == 2
    assert list(verify(path)) == []


def test_g13_every_command_works_there(catalog: Logs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def courant(*words: str) -> str:
        done = CliRunner().invoke(app, list(words))
        assert done.exit_code == 0, (words, done.output)
        return done.stdout

    name, here = catalog.new_database(), tmp_path / "desk"
    data = catalog.data(name)
    courant("init", str(here), "--contact", "desk@newsroom.example", "--catalog", catalog.catalog(name),
            *(["--data", data] if data else []))  # fmt: skip
    monkeypatch.chdir(here)
    with Log.open(here / "courant-log") as log:
        log.append(call_article("https://a.example/call"))
    status = json.loads(courant("status", "--json"))["log"]
    assert (
        status["bytes"] > sum(info.size for info in files.find(Location.find(here / "courant-log").data).values()) > 0
    )
    assert json.loads(courant("sql", "SELECT count(*) AS n FROM calls_held", "--json")) == [{"n": 1}]
    assert len(courant("log", "tail", "-n", "3", "--format", "jsonl").splitlines()) == 3
    assert json.loads(courant("log", "lock", "--json"))["held"] is False
    assert json.loads(courant("upkeep", "--json"))["failed"] == 0
    assert len(courant("export", "calls_held", "--format", "csv").splitlines()) == 2
    courant("publish", "news.duckdb")
    courant("log", "rebuild")
    courant("log", "backup", "copy")
    courant("erase", "https://a.example/call", "--reason", "request")
    courant("log", "recover")
    courant("log", "upgrade")
    assert courant("log", "verify") == ""
    place = [f"--catalog={catalog.catalog(name)}?schema=again"] + ([f"--data={data}-again"] if data else [])
    courant("log", "restore", "copy", *place)
    assert json.loads(courant("sql", "SELECT count(quote) AS n FROM calls_held", "--json")) == [{"n": 0}]
    assert courant("log", "verify") == ""
