"""Guarantee 9: upkeep changes files, never what the log says; it spares readers, and its failures harm nothing."""

import sqlite3
import threading
import time
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.sample_events import call_article, failed
from tests.warehouse.stores import data_files
from warehouse import Log, connect, files
from warehouse import upkeep as module
from warehouse.attach import attach
from warehouse.compact import DataFile, rows_to_move
from warehouse.location import Location
from warehouse.upkeep import live_files, upkeep

pytestmark = pytest.mark.slow

ALL = "SELECT * FROM event_log ORDER BY position"
NOTHING = timedelta(0)


def fill(path: Path) -> list[tuple]:
    with Log.open(path) as log:
        for n in range(6):
            log.append([failed(f"https://a.example/{n}/{k}", 1) for k in range(11)])
        log.append(call_article("https://a.example/call"))
    with connect(path) as con:
        return con.execute(ALL).fetchall()


def content(path: Path) -> list[tuple]:
    with connect(path) as con:
        return con.execute(ALL).fetchall()


def parquet(path: Path) -> list[str]:
    return data_files(path, "event_log")


def test_g9_upkeep_makes_few_files_and_changes_nothing(path: Path) -> None:
    before = fill(path)
    many = len(parquet(path))
    report = upkeep(path, grace=NOTHING)
    assert report.failed == ()
    assert [step.step for step in report.steps] == [
        "catch up", "compact", "expire snapshots", "clean up files", "delete orphans",
    ]  # fmt: skip
    assert content(path) == before
    assert len(parquet(path)) < many
    with Log.open(path) as log:
        assert log.append(call_article("https://a.example/call")).added == 0
        assert log.append([failed("https://a.example/new", 1)]).first == len(before) + 1
    assert upkeep(path, grace=NOTHING).failed == ()


@pytest.mark.catalogs("sqlite")
def test_g9_a_catalog_copy_lies_beside_the_data_and_names_live_files_only(path: Path) -> None:
    before = fill(path)
    upkeep(path, grace=NOTHING)
    copy = path / "catalog-copies" / "latest.sqlite"
    for file in path.glob("catalog.sqlite*"):
        file.unlink()
    copy.rename(path / "catalog.sqlite")
    assert content(path) == before


def test_g9_upkeep_brings_the_views_up_to_the_log(path: Path) -> None:
    log = Log.open(path)
    log.append(call_article("https://a.example/call"))
    log.close()
    upkeep(path)
    with connect(path) as con:
        assert con.execute("SELECT count(*) FROM world_events").fetchall() == [(2,)]


def test_g4_upkeep_spares_what_a_reader_may_still_read(path: Path) -> None:
    before = fill(path)
    looked, waiting = connect(path), connect(path)
    looked.execute("BEGIN")
    looked.execute("SELECT count(*) FROM event_log").fetchall()
    waiting.execute("BEGIN")
    waiting.execute("SELECT count(*) FROM texts").fetchall()
    old = parquet(path)
    upkeep(path)
    assert set(old) < set(parquet(path))
    for con in (looked, waiting):
        assert con.execute(ALL).fetchall() == before
        assert con.execute("SELECT count(*) FROM world_events").fetchall() == [(2,)]
        con.close()


def test_g9_orphans_go_once_they_are_old_and_live_files_never(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fill(path)
    orphan = f"{parquet(path)[0].rsplit('/', 1)[0]}/ducklake-of-a-killed-writer.parquet"
    files.write(orphan, b"half a file")
    upkeep(path)
    assert orphan in parquet(path)
    time.sleep(1.1)  # object storage tells whole seconds
    upkeep(path, grace=NOTHING)
    assert orphan not in parquet(path)

    real = module._old

    def mistaken(con, call, grace, **how):  # type: ignore[no-untyped-def]
        if call == "ducklake_delete_orphaned_files":
            return [(parquet(path)[0],)]
        return real(con, call, grace, **how)

    monkeypatch.setattr(module, "_old", mistaken)
    assert "left alone" in (upkeep(path).steps[-1].note or "")
    assert content(path) == before


def test_g9_a_failing_step_is_reported_and_the_others_go_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fill(path)

    def broken(*_: object) -> tuple[int, str | None]:
        raise duckdb.InternalException("attempted to merge nothing")

    monkeypatch.setitem(module.STEPS, "compact", broken)
    report = upkeep(path, grace=NOTHING)
    assert [(step.step, step.error) for step in report.failed] == [("compact", "attempted to merge nothing")]
    assert content(path) == before


def test_g9_writers_and_upkeep_take_turns(path: Path) -> None:
    def write() -> None:
        with Log.open(path) as log:
            for n in range(4):
                log.append([failed(f"https://b.example/{n}/{k}", 1) for k in range(12)])

    before = fill(path)
    writing = threading.Thread(target=write)
    writing.start()
    assert upkeep(path, grace=NOTHING).failed == ()
    writing.join()
    assert [row[0] for row in content(path)] == list(range(1, len(before) + 49))


@pytest.mark.parametrize(
    ("files", "start"),
    [
        ([], None),
        ([DataFile(50, 0, 0)], None),
        ([DataFile(50, 0, 0), DataFile(5, 0, 50)], 0),
        ([DataFile(500, 0, 0), DataFile(5, 0, 500)], None),
        ([DataFile(500, 0, 0), DataFile(5, 0, 500), DataFile(5, 0, 505)], 500),
        ([DataFile(5, 0, 0), DataFile(500, 0, 5), DataFile(5, 0, 505), DataFile(5, 0, 510)], 505),
        ([DataFile(500, 200, 0)], 0),
        ([DataFile(500, 10, 0), DataFile(5, 1, 500)], 500),
        ([DataFile(5, 0, None), DataFile(5, 0, 5)], 0),
        ([DataFile(500, 0, None), DataFile(5, 0, 5)], None),
    ],
)
def test_what_is_compacted(files: list[DataFile], start: int | None) -> None:
    assert rows_to_move(files, small=100) == start


def test_live_files_are_the_catalogs(path: Path) -> None:
    fill(path)
    location = Location(path)
    con = attach(location, read_only=True)
    live = live_files(con, location)
    con.close()
    assert live
    assert live <= files.find(location.data).keys()
    with sqlite3.connect(location.catalog_file) as catalog:
        assert (
            len(live)
            == catalog.execute(
                "SELECT (SELECT count(*) FROM ducklake_data_file) + (SELECT count(*) FROM ducklake_delete_file)"
            ).fetchone()[0]
        )
