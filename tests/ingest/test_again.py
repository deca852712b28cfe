"""Pages asked for again, and captures read again by another coder: real sockets, real processes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingest import pipeline
from ingest.captures.find import find_captures
from ingest.captures.read import read_capture
from ingest.refetch import refetch
from ingest.reread import reread, stale
from ingest.settings import Settings
from tests.ingest.test_pipeline import NOW, Site, article, feed, rows, settings_for
from warehouse import Log, connect
from warehouse.prune import beyond, kept_files, prune, unread

pytestmark = pytest.mark.slow  # many passes over real sockets, with reader processes

PAGE = "https://site.example/p"


@pytest.fixture
def passed(tmp_path: Path) -> Iterator[tuple[Site, Settings]]:
    """A site whose one page is in the log, read by a coder that codes nothing."""
    site = Site({"/feed": feed(PAGE), "/p": article("Bergen")})
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    pipeline.run(settings, clock=lambda: NOW)
    yield site, settings
    site.close()


def later(hours: int) -> datetime:
    return NOW + timedelta(hours=hours)


def test_a_page_as_it_was_leaves_a_revisit_and_no_event(passed: tuple[Site, Settings]) -> None:
    _, settings = passed
    before = rows(settings.log, "SELECT max(position) FROM event_log")
    report = refetch(settings, [f"{PAGE}?utm_source=mail"], clock=lambda: later(1), run_id="again")
    assert (report.captured, report.unchanged, report.failed, report.appended.added) == (0, 1, 0, 0)
    assert rows(settings.log, "SELECT max(position) FROM event_log") == before
    [index] = (settings.log / "captures").rglob("again*.cdxj")
    assert '"mime": "warc/revisit"' in index.read_text()


def test_a_changed_page_is_a_revision_and_both_captures_are_kept(passed: tuple[Site, Settings]) -> None:
    site, settings = passed
    site.pages["/p"] = (200, "text/html", site.pages["/p"][2].replace(b"cranes", b"cranes, the quay"))
    report = refetch(settings, [PAGE], clock=lambda: later(1))
    assert (report.captured, report.unchanged) == (1, 0)
    assert rows(settings.log, "SELECT revisions, text LIKE '%the quay%' FROM articles") == [(2, True)]
    assert rows(
        settings.log,
        "SELECT revision, changed_by, title_changed, text_changed, date_changed, len(paragraphs_added),"
        " len(paragraphs_removed), paragraphs_added[1] LIKE '%the quay%' FROM revisions",
    ) == [(2, "page", False, True, False, 1, 1, True)]
    with connect(settings.log) as con:
        newest, oldest = find_captures(con, PAGE)
    bodies = [
        read_capture(settings.log / "captures" / one.warc, one.offset).body for one in (newest, oldest) if one.warc
    ]
    assert [b"the quay" in body for body in bodies] == [True, False]


def test_what_a_feed_said_is_found_by_its_address(passed: tuple[Site, Settings]) -> None:
    site, settings = passed
    with connect(settings.log) as con:
        [one] = find_captures(con, "https://site.example/feed")
    assert one.warc is not None
    assert read_capture(settings.log / "captures" / one.warc, one.offset).body == site.pages["/feed"][2]


def test_a_failure_now_is_no_news_of_a_page_that_was_captured(passed: tuple[Site, Settings]) -> None:
    site, settings = passed
    del site.pages["/p"]
    report = refetch(settings, [PAGE, "https://site.example/other"], clock=lambda: later(1))
    assert (report.captured, report.failed) == (0, 2)
    assert len(report.notes) == 1
    failed = "SELECT payload->>'url', (payload->>'attempt')::INTEGER FROM event_log WHERE type = 'capture_failed'"
    assert rows(settings.log, failed) == [("https://site.example/other", 1)]
    refetch(settings, ["https://site.example/other"], clock=lambda: later(2))
    assert len(rows(settings.log, failed)) == 2


def test_captures_are_read_again_by_another_coder_once(passed: tuple[Site, Settings]) -> None:
    site, settings = passed
    other = replace(settings, coder="frames")
    assert stale(settings) == []
    assert len(stale(other)) == 1
    assert stale(other, since=later(1)) == stale(other, until=NOW) == []
    asked = len(site.asked)
    report = reread(other, clock=lambda: later(1))
    assert (report.captures, report.read.articles) == (1, 1)
    assert rows(settings.log, "SELECT count(DISTINCT coder) FROM codings") == [(2,)]
    assert rows(settings.log, "SELECT count(*) FROM extractions") == [(1,)]
    assert reread(other, clock=lambda: later(2)).captures == 0
    assert len(site.asked) == asked, "nothing is fetched"


def test_pruned_captures_are_told_of_and_not_read_again(passed: tuple[Site, Settings]) -> None:
    site, settings = passed
    site.pages["/q"] = article("Narvik")
    refetch(settings, ["https://site.example/q"], clock=lambda: later(1))
    with Log.open(settings.log) as log:
        files = kept_files(log)
        spared = unread(log.location)
        assert beyond(files, max_bytes=sum(file.bytes for file in files), spared=spared) == []
        assert beyond(files, before=datetime(2000, 1, 1, tzinfo=UTC), spared=spared) == []
        [gone] = beyond(files, max_bytes=files[-1].bytes, spared=spared)
        assert gone.reason == "size"
        assert beyond(files, max_bytes=files[-1].bytes, spared=frozenset({gone.warc})) == [
            replace(files[-1], reason="size")
        ]
        assert prune(log, [gone], now=later(2), run_id="prune") == gone.bytes
        assert prune(log, [gone], now=later(3), run_id="prune") == gone.bytes
    assert not list((settings.log / "captures").rglob(f"{Path(gone.warc).name}*"))
    with connect(settings.log) as con:
        assert [one.kept for one in find_captures(con, PAGE)] == ["pruned"]
        assert [one.kept for one in find_captures(con, "https://site.example/q")] == ["yes"]
    assert len(stale(replace(settings, coder="frames"))) == 1
    from warehouse.verify import verify

    read_body = lambda file, offset: read_capture(file, offset).body  # noqa: E731
    assert list(verify(settings.log, read_body=read_body)) == []


def test_captures_that_the_spool_still_has_to_read_are_spared(tmp_path: Path) -> None:
    site = Site({"/feed": feed(PAGE), "/p": article("Bergen")})
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    planned = pipeline.plan(settings, now=NOW, run_id="first")
    pipeline.collect(settings, planned.chunks[0], run_id="first", clock=lambda: NOW)
    site.close()
    with Log.open(settings.log) as log:
        assert unread(log.location) == {file.warc for file in kept_files(log)} != frozenset()


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><id>f</id><updated>{feed}</updated>
<entry><id>p</id><title>P</title><link href="https://site.example/p"/><published>2026-10-01T06:00:00Z</published>
<updated>{page}</updated></entry>
<entry><id>q</id><title>Q</title><link href="https://site.example/q"/><published>2026-10-01T06:00:00Z</published>
<updated>2026-10-01T06:00:00Z</updated></entry></feed>"""


def test_a_page_that_its_feed_calls_updated_is_asked_for_again_once(tmp_path: Path) -> None:
    def atom(minute: int, page: str) -> tuple[int, str, bytes]:
        return 200, "application/atom+xml", ATOM.format(feed=f"2026-10-01T08:{minute:02}:00Z", page=page).encode()

    site = Site({"/feed": atom(0, "2026-10-01T06:00:00Z"), "/p": article("Bergen"), "/q": article("Narvik")})
    settings = settings_for(site, tmp_path, "https://site.example/feed")

    def run(minutes: int) -> None:
        pipeline.run(settings, clock=lambda: NOW + timedelta(minutes=minutes))

    revisits = (
        "SELECT payload->>'updated', payload->>'outcome' FROM event_log WHERE type = 'page_revisited' ORDER BY position"
    )
    run(0)
    site.pages["/feed"] = atom(20, "2026-10-01T08:20:00Z")
    run(30)
    assert rows(settings.log, revisits) == [("2026-10-01T08Z", "unchanged")]
    site.pages["/feed"] = atom(40, "2026-10-01T08:40:00Z")
    run(45)
    assert site.asked.count("/p") == 2, "once for each hour of updates"
    site.pages["/feed"] = atom(59, "2026-10-01T09:05:00Z")
    site.pages["/p"] = (200, "text/html", site.pages["/p"][2].replace(b"cranes", b"cranes, the quay"))
    run(75)
    assert rows(settings.log, revisits)[1:] == [("2026-10-01T09Z", "changed")]
    assert rows(settings.log, "SELECT revisions FROM articles WHERE title = 'Bergen'") == [(2,)]
    site.pages["/feed"] = atom(59, "2026-10-01T10:10:00Z")
    del site.pages["/p"]
    run(135)
    assert rows(settings.log, revisits)[2:] == [("2026-10-01T10Z", "failed")]
    assert rows(settings.log, "SELECT count(*) FROM event_log WHERE type = 'capture_failed'") == [(0,)]
    assert site.asked.count("/q") == 1
    site.close()
