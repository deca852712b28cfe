"""Guarantee 10: verify finds what is off; backup, restore and recovery bring the log back."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.warehouse.sample_events import activated, call_article, captured, failed, polled
from tests.warehouse.stores import data_files, elsewhere, lose_catalog, tear_catalog
from warehouse import Log, LogError, connect, files
from warehouse.backup import back_up, recover, restore
from warehouse.errors import LogExistsError, LogNotFoundError
from warehouse.upkeep import upkeep
from warehouse.verify import verify

pytestmark = pytest.mark.slow

URL = "https://a.example/call"


def fill(path: Path) -> None:
    with Log.open(path) as log:
        log.append([polled("a", "2026-09-14T12:00Z"), activated("frames@1", 1), *call_article(URL)])
        log.append([failed(f"https://a.example/{n}", 1) for n in range(3)])


def rows(path: Path, sql: str = "SELECT * FROM event_log ORDER BY position") -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def found(path: Path) -> set[tuple[str, str]]:
    return {(finding.check, finding.where) for finding in verify(path)}


@pytest.mark.catalogs("sqlite", "postgres")
@pytest.mark.parametrize("harm", [
    ("UPDATE event_log SET position = 99 WHERE position = 10", {("positions", "99"), ("commits", "8")}),
    ("INSERT INTO event_log SELECT * FROM event_log WHERE position = 9",
     {("positions", "9"), ("commits", "8"), ("ids", "{ninth}")}),
    ("UPDATE event_log SET payload = replace(payload, '\"attempt\":1', '\"attempt\":0') WHERE position = 9",
     {("payloads", "9")}),
    ("UPDATE event_log SET payload = replace(payload, '/1', '/7') WHERE position = 9", {("payloads", "9")}),
    ("UPDATE event_log SET event_id = uuid() WHERE position = 10", {("ids", "10")}),
    ("UPDATE event_log SET schema_version = 9 WHERE position = 10", {("payloads", "10")}),
    ("UPDATE event_log SET causation_id = uuid() WHERE position = 10", {("order", "10")}),
    ("UPDATE event_log SET recorded_at = '2020-01-01' WHERE position >= 8", {("commits", "8")}),
    ("UPDATE texts SET text = 'another' WHERE length(text) > 100",
     {("texts", "{text}"), ("evidence", "6"), ("evidence", "7"), ("projections", "proj.world_events")}),
    ("DELETE FROM proj.world_events WHERE type = 'call_held'", {("projections", "proj.world_events")}),
    ("DELETE FROM event_log WHERE position = 7", {("positions", "8"), ("codings", "5"),
     ("projections", "proj.world_events")}),
])  # fmt: skip
def test_g10_verify_finds_what_is_off(path: Path, harm: tuple[str, set[tuple[str, str]]]) -> None:
    fill(path)
    assert found(path) == set()
    [(ninth,)] = rows(path, "SELECT event_id FROM event_log WHERE position = 9")
    [(text,)] = rows(path, "SELECT digest FROM texts WHERE length(text) > 100")
    with Log.open(path).writing("harm") as con:
        con.execute(harm[0])
    expected = {(check, where.format(ninth=ninth, text=text)) for check, where in harm[1]}
    assert found(path) == expected


def test_g10_verify_reads_captures(path: Path) -> None:
    bodies = {"one": b"page one", "two": b"page two"}
    with Log.open(path) as log:
        log.append([captured(f"https://a.example/{name}", body.decode(), warc=name) for name, body in bodies.items()])

    def read_body(file: Path, offset: int) -> bytes:
        return bodies[file.name]

    assert list(verify(path, read_body=read_body)) == []
    bodies["two"] = b"another page"
    del bodies["one"]
    assert [(f.check, f.where) for f in verify(path, read_body=read_body)] == [("captures", "1"), ("captures", "2")]


def test_g10_verify_names_a_missing_data_file(path: Path) -> None:
    fill(path)
    file = data_files(path, "texts")[-1]
    files.remove([file])
    first = next(verify(path))
    assert (first.check, first.where) == ("files", file.rsplit("/", 1)[-1])


def test_g10_a_backup_restores_the_log(path: Path, tmp_path: Path) -> None:
    fill(path)
    assert back_up(path, tmp_path / "copy") > 0
    before = rows(path)
    with Log.open(path) as log:
        log.append([failed("https://b.example/1", 1)])
    assert back_up(path, tmp_path / "copy") < 5  # only what is new
    after = rows(path)
    upkeep(path)
    files.remove(data_files(path))
    place = elsewhere(path)
    restore(tmp_path / "copy", path, **place)
    assert rows(path) == after == [*before, after[-1]]
    assert found(path) == set()
    with Log.open(path) as log:
        assert log.append(call_article(URL)).added == 0
        assert log.append([failed("https://b.example/2", 1)]).first == len(after) + 1
    with pytest.raises(LogExistsError, match="before-restore"):
        restore(tmp_path / "copy", path, **place)


def test_g10_a_backup_that_was_cut_short_is_refused(path: Path, tmp_path: Path) -> None:
    fill(path)
    back_up(path, tmp_path / "copy")
    (tmp_path / "copy" / "courant-log.json").unlink()
    with pytest.raises(LogNotFoundError, match="no whole backup"):
        restore(tmp_path / "copy", path)


def test_g10_a_backup_of_another_log_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    back_up(path, tmp_path / "copy")
    marker = tmp_path / "copy" / "courant-log.json"
    said = json.loads(marker.read_text())
    marker.write_text(json.dumps({**said, "log_id": "00000000-0000-0000-0000-000000000001"}))
    with pytest.raises(LogExistsError, match="another log"):
        back_up(path, tmp_path / "copy")


@pytest.mark.parametrize("harm", [lose_catalog, tear_catalog])
@pytest.mark.parametrize("copied", [True, False])
def test_g10_a_lost_catalog_is_made_again_from_copy_and_files(
    path: Path, harm: Callable[[Path], None], copied: bool
) -> None:
    fill(path)
    if copied:
        upkeep(path)
    with Log.open(path) as log:
        log.append(call_article("https://late.example/1"))
        log.append([failed("https://late.example/2", 1)])
    before, shown = rows(path), rows(path, "SELECT * FROM world_events ORDER BY position")
    if (path / "catalog.sqlite").exists():
        with closing(sqlite3.connect(path / "catalog.sqlite")) as con:
            con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harm(path)
    report = recover(path)
    assert (report.known + report.found, report.missing) == (len(before), ())
    assert report.known == (10 if copied else 0)
    assert rows(path) == before
    assert rows(path, "SELECT * FROM world_events ORDER BY position") == shown
    assert found(path) == set()
    with Log.open(path) as log:
        assert log.append(call_article("https://late.example/1")).added == 0


def test_g10_a_recovery_names_the_positions_that_are_gone(path: Path) -> None:
    fill(path)
    upkeep(path)
    with Log.open(path) as log:
        for n in range(3):
            log.append([failed(f"https://late.example/{n}", 1)])
    files.remove(data_files(path, "event_log")[-2:-1])
    lose_catalog(path)
    assert recover(path).missing == ((12, 12),)


def test_g10_a_recovery_cannot_do_without_a_file_that_the_copy_names(path: Path) -> None:
    fill(path)
    upkeep(path)
    files.remove(data_files(path, "event_log")[-1:])
    with pytest.raises(LogError, match="restore a backup"):
        recover(path)
