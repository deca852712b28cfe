"""Guarantees 1 to 4: atomic, exactly once, in order, readers undisturbed."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.digests import digest
from tests.warehouse.sample_events import CALL_TEXT, CALL_TITLE, call_article, captured, discovered, failed
from warehouse import AppendReport, Log, LogError, connect
from warehouse.errors import LayoutError, LogExistsError, LogNotFoundError, LogNotWritableError
from warehouse.location import LAYOUT, MARKER

ROOT = Path(__file__).parents[2]


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def pages(*numbers: int) -> list:
    return [failed(f"https://a.example/{n}", 1) for n in numbers]


def test_g1_append_reports_its_positions(log: Log) -> None:
    assert log.append(pages(1, 2, 3)) == AppendReport(1, 3, added=3, by_type={"capture_failed": 3})
    report = log.append(pages(3, 4))
    assert (report.first, report.last, report.added, report.known) == (4, 4, 1, 1)
    assert log.append([]) == AppendReport(by_type={})
    assert log.append(pages(1)) == AppendReport(known=1, by_type={})
    assert log.head() == 4


def test_g1_an_append_that_fails_midway_leaves_nothing(log: Log, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append(pages(1))

    def burst(*_: object) -> None:
        raise duckdb.IOException("No space left on device")

    monkeypatch.setattr("warehouse.projections.fold", burst)
    with pytest.raises(LogNotWritableError, match=r"disk .* is full"):
        log.append(call_article("https://a.example/call"))
    monkeypatch.undo()
    assert rows(path, "SELECT count(*), (SELECT count(*) FROM texts) FROM event_log") == [(1, 0)]
    assert log.append(call_article("https://a.example/call")).first == 2


@pytest.mark.parametrize("raised", [KeyboardInterrupt, MemoryError])
def test_g1_an_interrupt_lets_go_of_lock_and_transaction(
    log: Log, path: Path, monkeypatch: pytest.MonkeyPatch, raised: type[BaseException]
) -> None:
    def burst(*_: object) -> None:
        raise raised

    monkeypatch.setattr("warehouse.projections.fold", burst)
    with pytest.raises(raised):
        log.append(pages(1))
    monkeypatch.undo()
    with Log.open(path) as other:
        assert other.append(pages(1)).added == 1
    assert log.append(pages(1)).known == 1


def test_g1_the_same_id_with_another_payload_is_a_conflict_and_the_first_stands(log: Log, path: Path) -> None:
    first = failed("https://a.example/1", 1)
    second = replace(first, payload=first.payload.replace("timeout", "refused"))
    assert log.append([first, second]).conflicts == (first.event_id,)
    report = log.append([second, first])
    assert (report.known, report.conflicts) == (2, (first.event_id,))
    assert rows(path, "SELECT payload->>'reason' FROM event_log") == [("timeout",)]


def test_g1_circumstances_are_no_conflict(log: Log) -> None:
    log.append([captured("https://a.example/1", warc="one.warc.gz")])
    report = log.append([captured("https://a.example/1", warc="two.warc.gz", via="backfill")])
    assert (report.known, report.conflicts) == (1, ())


def test_g1_a_text_is_stored_once(log: Log, path: Path) -> None:
    log.append(call_article("https://a.example/call") + call_article("https://b.example/copy"))
    log.append(call_article("https://c.example/copy"))
    log.catch_up()
    stored = dict(rows(path, "SELECT digest, text FROM texts"))
    assert stored == {digest(text): text for text in (CALL_TITLE, CALL_TEXT)}
    assert rows(path, "SELECT count(*) FROM articles WHERE text IS NOT NULL") == [(3,)]
    assert all(CALL_TEXT[:40] not in payload for (payload,) in rows(path, "SELECT payload FROM event_log"))


def test_g2_what_was_appended_adds_nothing_again(log: Log, path: Path) -> None:
    batch = call_article("https://a.example/call")
    log.append(batch)
    again = [replace(e, run_id="run-2", observed_at=datetime(2027, 9, 14, tzinfo=UTC)) for e in batch]
    assert log.append(again + again) == AppendReport(known=2 * len(batch), by_type={})
    with Log.open(path) as other:
        assert other.append(batch[::-1]).added == 0


def test_g2_killed_between_commit_and_index_note(log: Log, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    batch = call_article("https://a.example/call")
    monkeypatch.setattr("warehouse.index.IdIndex.add", killed)
    with pytest.raises(KeyboardInterrupt):
        log.append(batch)
    monkeypatch.undo()
    assert len(rows(path, "SELECT 1 FROM event_log")) == len(batch)
    assert log.append(batch).added == 0


def lose(index: Path) -> None:
    shutil.rmtree(index)


def tear(index: Path) -> None:
    (index / "manifest.json").write_bytes(b"{no manifest at all")


def cut_short(index: Path) -> None:
    for file in index.glob("*.run"):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def lose_a_run(index: Path) -> None:
    next(index.glob("*.run")).unlink()


def change(index: Path, **said: object) -> None:
    manifest = index / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **said}))


def forget(index: Path) -> None:
    (index / "manifest.json").write_text("{}")


def of_another_log(index: Path) -> None:
    change(index, log_id=str(UUID(int=3)))


def of_another_duckdb(index: Path) -> None:
    change(index, duckdb="0.0.1")


def of_a_lost_future(index: Path) -> None:
    change(index, position=1000)


def of_another_history(index: Path) -> None:
    change(index, event_id=str(UUID(int=1)))


HARMS = [
    lose,
    tear,
    cut_short,
    lose_a_run,
    forget,
    of_another_log,
    of_another_duckdb,
    of_a_lost_future,
    of_another_history,
]


@pytest.mark.parametrize("harm", HARMS)
def test_g2_the_index_is_made_again_when_harmed(
    path: Path, harm: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.index._CHUNK", 7)
    with Log.open(path) as log:
        log.append(pages(*range(40)))
        log.append(call_article("https://a.example/call"))
    harm(path / "index")
    with Log.open(path) as log:
        again = log.append(call_article("https://a.example/call") + pages(*range(41)))
        assert (again.added, again.known, again.conflicts) == (1, 45, ())
        assert log.append(pages(99)).added == 1
        assert log.pages_done(["https://a.example/call", "https://a.example/1"]) == {"https://a.example/call"}


APPEND = """
import sys
from tests.warehouse.sample_events import failed
from warehouse import Log
with Log.open(sys.argv[1]) as log:
    added = 0
    for start in range(0, 60, 6):
        added += log.append([failed(f"https://a.example/{n}", 1) for n in range(start, start + 12)]).added
print(added)
"""


def test_g2_two_processes_at_once_add_each_event_once(path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(path)], stdout=subprocess.PIPE, env=env) for _ in range(2)
    ]
    added = [int(process.communicate(timeout=60)[0]) for process in running]
    assert sum(added) == 66
    assert rows(path, "SELECT count(*), count(DISTINCT event_id), min(position), max(position) FROM event_log") == [
        (66, 66, 1, 66)
    ]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.integers(0, 30), max_size=15), max_size=4))
def test_g3_positions_are_gapless_and_in_order(new_log: Callable[..., Path], tmp_path: Path, batches: list) -> None:
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    path = new_log()
    expected: list[int] = []
    with Log.open(path) as log:
        for batch in batches:
            log.append(pages(*batch))
            expected += [n for n in dict.fromkeys(batch) if n not in expected]
    found = rows(path, "SELECT position, payload->>'url' FROM event_log ORDER BY position")
    assert found == [(i, f"https://a.example/{n}") for i, n in enumerate(expected, start=1)]


def test_g3_commits_carry_one_time_that_never_goes_back(path: Path) -> None:
    moments = iter([datetime(2026, 9, 14, 12, tzinfo=UTC), datetime(2026, 9, 14, 11, tzinfo=UTC)])
    with Log.open(path, clock=lambda: next(moments)) as log:
        log.append(pages(1, 2))
        log.append(pages(3))
    found = rows(path, "SELECT commit_id, recorded_at FROM event_log ORDER BY position")
    assert found == [(c, datetime(2026, 9, 14, 12, tzinfo=UTC)) for c in (1, 1, 3)]


def test_g4_readers_see_whole_commits_during_writes(path: Path) -> None:
    ended = threading.Event()
    torn: list[tuple] = []

    def look() -> None:
        with connect(path) as con:
            while not ended.is_set():
                found = con.execute(
                    "SELECT commit_id, count(*) FROM event_log GROUP BY commit_id HAVING count(*) <> 11"
                ).fetchall()
                torn.extend(found)

    readers = [threading.Thread(target=look)]
    for reader in readers:
        reader.start()
    with Log.open(path) as log:
        for n in range(6):
            log.append(pages(*range(n * 11, n * 11 + 11)))
    ended.set()
    for reader in readers:
        reader.join()
    assert torn == []


def test_g4_a_readers_transaction_stays_as_it_was(path: Path) -> None:
    with Log.open(path) as log, connect(path) as con:
        log.append(pages(1))
        con.execute("BEGIN")
        before = con.execute("SELECT count(*) FROM event_log").fetchall()
        log.append(pages(2))
        assert con.execute("SELECT count(*) FROM event_log").fetchall() == before
        con.execute("COMMIT")
        assert con.execute("SELECT count(*) FROM event_log").fetchall() == [(2,)]


def test_g4_a_reader_cannot_write(path: Path) -> None:
    with connect(path) as con, pytest.raises(duckdb.Error, match="read-only"):
        con.execute("DELETE FROM event_log")


def test_causal_order_is_kept_within_a_batch(log: Log, path: Path) -> None:
    log.append(call_article("https://a.example/call"))
    found = rows(
        path,
        "SELECT e.position, c.position FROM event_log e JOIN event_log c ON c.event_id = e.causation_id",
    )
    assert found
    assert all(cause < effect for effect, cause in found)


@pytest.mark.parametrize(("layout", "way_out"), [(0, "courant log upgrade"), (99, "upgrade Courant")])
def test_another_layout_names_the_way_out(path: Path, layout: int, way_out: str) -> None:
    marker = path / "courant-log.json"
    marker.write_text(marker.read_text().replace(f'"layout": {LAYOUT}', f'"layout": {layout}'))
    for opened in (connect, Log.open):
        with pytest.raises(LayoutError, match=way_out) as error:
            opened(path)
        assert "\n" not in str(error.value)


def test_no_log_here(tmp_path: Path) -> None:
    with pytest.raises(LogNotFoundError, match="courant init"):
        Log.open(tmp_path)


def test_a_log_is_made_once(path: Path) -> None:
    with pytest.raises(LogExistsError):
        Log.create(path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LogNotWritableError, match="--log"):
        Log.create(tmp_path / "file" / "log")


def test_a_damaged_marker(path: Path) -> None:
    (path / "courant-log.json").write_text("{")
    with pytest.raises(LayoutError, match="courant log restore"):
        Log.open(path)


def test_a_lost_catalog_is_an_error_of_one_line(path: Path) -> None:
    (path / "catalog.sqlite").unlink()
    with pytest.raises(LogError) as error:
        connect(path)
    assert "\n" not in str(error.value)


def test_pages_discovered_are_planned_until_they_are_settled(log: Log) -> None:
    url = "https://a.example/1"
    log.append([discovered("a", "e1", url)])
    assert [row["url"] for row in log.pending_pages()] == [url]
    log.append([captured(url)])
    assert log.pending_pages() == []


def test_a_making_that_was_killed_is_made_again(tmp_path: Path) -> None:
    """Killed when all but the marker was there. A log that has events and has lost its marker is left alone."""
    Log.create(tmp_path / "log")
    (tmp_path / "log" / MARKER).unlink()
    with Log.create(tmp_path / "log") as log:
        log.append([failed("https://a.example/1", 1)])
    (tmp_path / "log" / MARKER).unlink()
    with pytest.raises(LogExistsError, match="from a backup"):
        Log.create(tmp_path / "log")
