"""Guarantee 12: what is erased is nowhere any more, nothing brings it back, and the log stays in order."""

import gzip
import io
import shutil
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from ingest.captures.store import new_captures
from ingest.captures.values import Captured
from tests.warehouse.sample_events import CALL_TEXT, NOON, article, call_article, captured, discovered
from tests.warehouse.stores import Logs, elsewhere, places, places_in_postgres, places_in_s3
from warehouse import Log, LogError, connect
from warehouse.backup import back_up, restore
from warehouse.erase import erase, find_host, find_older, find_returned, find_text, find_url
from warehouse.location import Location
from warehouse.log import to_table
from warehouse.publish import publish
from warehouse.upkeep import upkeep
from warehouse.verify import verify
from warehouse.warc_blank import empty_members

pytestmark = pytest.mark.slow

URL, KEPT = "https://a.example/call", "https://b.example/other"
SECRET = "Aaron Zzyzx"
TITLE, TEXT = f"{SECRET} leaves the desk", f"{SECRET} called Norland on Monday. {CALL_TEXT}"
WORDS = [SECRET.encode(), b"person:aaron-zzyzx"]
HOW = {"reason": "request", "now": NOON + timedelta(days=1), "run_id": "erase-1"}


@pytest.fixture
def filled(path: Path) -> Path:
    """A page whose words lie everywhere that words can lie, and another page."""
    page = Captured(URL, URL, 200, (("Content-Type", "text/html"),), f"<p>{TITLE}<p>{TEXT}".encode() * 40, NOON)
    other = Captured(KEPT, KEPT, 200, (("Content-Type", "text/html"),), b"<p>other words", NOON)
    with new_captures(path / "captures", "run-1", NOON) as store:
        ref, kept = store.keep(page), store.keep(other)
    shots = [captured(URL, "p"), captured(KEPT, "o")]
    for n, (shot, where) in enumerate(zip(shots, (ref, kept), strict=True)):
        detail = where.model_dump_json()
        shots[n] = type(shot)(**{**{f: getattr(shot, f) for f in shot.__slots__}, "detail": f'{{"capture":{detail}}}'})
    claim = {"type": "call_held", "quote": f"{SECRET} called Norland on Monday",
             "participants": [{"name": SECRET, "kind": "person", "role": "party"}]}  # fmt: skip
    events = article(URL, TITLE, TEXT, claims=[claim], capture=shots[0])
    with Log.open(path) as log:
        log.append([discovered("a", "e1", URL, title=TITLE), *events])
        log.append([shots[1], *call_article(KEPT)])
    with (
        pa.OSFile(str(path / "spool" / "run-1.arrow"), "wb") as sink,
        pa.ipc.new_file(sink, to_table(events).schema) as out,
    ):
        out.write_table(to_table(events))
    upkeep(path)
    return path


def holding(catalog: Logs, path: Path) -> set[str]:
    """What holds the words: parts of the log's folder and of its storage, and files beside it."""
    location = Location.find(path)
    found = {place.removeprefix(f"{path.name}/").split("/")[0] for place in places(path.parent, WORDS)}
    if catalog.storage:
        found |= {place.split("/")[0] for place in places_in_s3(location.base, WORDS)}
    if catalog.server and places_in_postgres(catalog.server, location, WORDS):
        found.add("catalog.sqlite")
    return found


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def test_g12_the_words_are_in_no_file_any_more(filled: Path, catalog: Logs) -> None:
    publish(filled, filled.parent / "news.duckdb", now=NOON)
    assert {"captures", "data", "spool", "catalog.sqlite", "catalog-copies", "news.duckdb"} <= holding(catalog, filled)
    before = rows(filled, "SELECT position, event_id FROM event_log ORDER BY 1")
    with Log.open(filled) as log:
        report = erase(log, find_url(log, URL), **HOW)
    assert (report.texts, report.captures, report.spool_files, report.published) == (2, 1, 1, 1)
    assert holding(catalog, filled) == set()
    assert rows(filled, "SELECT position, event_id FROM event_log ORDER BY 1")[: len(before)] == before
    shown = rows(filled, "SELECT url, title IS NULL, text IS NULL, text_status FROM articles ORDER BY url")
    assert shown == [(URL, True, True, "erased"), (KEPT, False, False, "stored")]
    assert rows(filled, f"SELECT type, quote, actor1_name FROM world_events WHERE url = '{URL}'") == [
        ("call_held", None, None)
    ]
    assert rows(filled, "SELECT what, reason, count(*) FROM erasures GROUP BY ALL ORDER BY 1") == [
        ("capture", "request", 1), ("text", "request", 2),
    ]  # fmt: skip
    assert list(verify(filled)) == []
    [warc] = (filled / "captures").rglob("*.warc.gz")
    urls = [r.rec_headers.get_header("WARC-Target-URI") for r in ArchiveIterator(io.BytesIO(warc.read_bytes()))]
    assert urls.count(KEPT) == 2  # the other page's response and request are where they were


def test_g12_nothing_brings_it_back(filled: Path, tmp_path: Path) -> None:
    back_up(filled, tmp_path / "copy")
    with Log.open(filled) as log:
        erase(log, find_url(log, URL), **HOW)
    again = article(URL, TITLE, TEXT, extractor="trafilatura/3", capture=captured(URL, "p"))
    shutil.rmtree(filled / "index")
    with Log.open(filled) as log:
        assert log.append(again).added == 2
    assert rows(filled, f"SELECT count(*) FROM articles WHERE url = '{URL}' AND text IS NOT NULL") == [(0,)]
    restore(tmp_path / "copy", filled, **elsewhere(filled))
    with Log.open(filled) as log:
        returned = find_returned(log)
        assert (len(returned.texts), len(returned.captures)) == (2, 1)
        erase(log, returned, **HOW)
        assert not find_returned(log).digests
    assert places(filled, WORDS) == []
    assert rows(filled, "SELECT count(*) FROM texts WHERE text LIKE '%Zzyzx%'") == [(0,)]


def test_g12_a_host_a_text_and_what_is_old(filled: Path) -> None:
    with Log.open(filled) as log:
        assert len(find_host(log, "a.example").texts) == 2
        assert len(find_host(log, "b.example").captures) == 2
        old = find_older(log, NOON + timedelta(hours=1))
        assert len(old.texts) == 4
        assert find_older(log, NOON - timedelta(hours=1)).digests == set()
        for unknown in (lambda: find_host(log, "c.example"), lambda: find_url(log, "https://c.example/"),
                        lambda: find_text(log, "sha256:00"), lambda: find_url(log, "mailto:x")):  # fmt: skip
            with pytest.raises(LogError):
                unknown()


def test_g12_erasing_again_finishes_what_was_cut_short(
    filled: Path, catalog: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Log.open(filled) as log:
        target = find_url(log, URL)
    monkeypatch.setattr("warehouse.erase._erase_texts", killed)
    with pytest.raises(KeyboardInterrupt), Log.open(filled) as log:
        erase(log, target, **HOW)
    monkeypatch.undo()
    assert any(finding.check == "texts" for finding in verify(filled))
    with Log.open(filled) as log:
        erase(log, find_url(log, URL), **HOW)
    assert holding(catalog, filled) == set()
    assert list(verify(filled)) == []


@given(st.integers(22, 200_000))
def test_blank_members_have_the_length_asked_for_and_no_content(length: int) -> None:
    members = empty_members(length)
    assert len(members) == length
    assert gzip.decompress(members) == b""
