"""The whole way over the sample newsroom, and over newsrooms that misbehave. Real sockets, real processes."""

import gzip
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingest import pipeline
from ingest.reports import RunReport
from ingest.settings import Settings
from samples import newsroom
from warehouse import Log, connect

SAMPLES = Path(newsroom.__file__).parent
NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def rows(log: Path, sql: str) -> list[Any]:
    with connect(log) as con:
        return con.execute(sql).fetchall()


@pytest.fixture(scope="module")
def passed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, RunReport, RunReport]:
    """A log after two passes, an hour and two ports apart."""
    log = tmp_path_factory.mktemp("log")
    Log.create(log).close()
    reports = []
    for hour in (0, 1):
        with newsroom.serve(port=0) as server:
            settings = Settings(
                log=log, feeds=SAMPLES / "feeds.opml", overrides={newsroom.DOMAIN: ("127.0.0.1", server.port)}
            )
            reports.append(pipeline.run(settings, clock=lambda h=hour: NOW + timedelta(hours=h)))  # type: ignore[misc]
    return settings, reports[0], reports[1]


def test_a_pass_brings_feeds_pages_and_events_into_the_log(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, first, _ = passed
    counts = dict(rows(settings.log, "SELECT type, count(*) FROM event_log GROUP BY type"))
    assert counts["feed_polled"] >= 2 * 6
    assert counts["page_captured"] >= 30
    assert counts["coding_completed"] == counts["article_extracted"]
    assert first.appended.world_events == rows(settings.log, "SELECT count(*) FROM world_events")[0][0] > 20
    assert {"call_held", "truce_agreed", "talks_planned"} <= set(counts)


def test_a_second_pass_on_another_port_adds_no_event(passed: tuple[Settings, RunReport, RunReport]) -> None:
    _, _, second = passed
    assert second.plan.feeds_due > 0
    assert second.appended.world_events == 0
    assert set(second.appended.by_type) <= {"feed_polled", "capture_failed"}


def test_reports_of_one_happening_are_linked_and_a_syndicated_copy_is_no_second_source(
    passed: tuple[Settings, RunReport, RunReport],
) -> None:
    settings, first, second = passed
    assert first.linked.linked > 0
    assert (second.linked.linked, second.linked.unlinked) == (0, 0)
    exchange = rows(
        settings.log,
        "SELECT reports, sources, copies, first_url NOT LIKE '%syndicated%' FROM happenings"
        " WHERE type = 'prisoners_exchanged' AND dyad = 'KGZ-TJK' AND event_date = DATE '2026-09-15'",
    )
    assert exchange == [(2, 1, 1, True)]
    assert rows(settings.log, "SELECT sum(reports) FROM happenings") == rows(
        settings.log, "SELECT count(*) FROM world_events"
    )


def test_a_syndicated_text_is_a_copy_of_the_earlier_article(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, first, second = passed
    found = rows(
        settings.log, "SELECT url, original_url, containment >= 0.7, group_id = copy_of FROM copies ORDER BY 1"
    )
    assert len(found) == first.linked.copies > 0
    assert second.linked.copies == 0
    assert all("exchange-prisoners" in url and "exchange-prisoners" in original for url, original, *_ in found)
    assert {(like, whole) for *_, like, whole in found} == {(True, True)}


def test_no_id_and_no_url_in_the_log_holds_a_port(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, _, _ = passed
    assert rows(settings.log, "SELECT payload FROM event_log WHERE payload::VARCHAR LIKE '%127.0.0.1%'") == []
    assert rows(settings.log, "SELECT stream FROM event_log WHERE regexp_matches(stream, 'example:[0-9]')") == []


def test_every_fault_of_the_newsroom_is_a_fact_with_a_reason(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, _, _ = passed
    feeds = dict(rows(settings.log, "SELECT url, message FROM feeds WHERE last_outcome = 'failed'"))
    assert any("404" in said for said in feeds.values())
    assert any("empty" in said for said in feeds.values())
    assert any("not a feed" in said for said in feeds.values())
    assert any("not an http" in said for said in feeds.values())
    pages = rows(
        settings.log,
        "SELECT payload->>'reason', payload->>'message' FROM event_log"
        " WHERE type IN ('article_skipped', 'capture_failed')",
    )
    assert {"http_404", "robots_disallowed"} <= {reason for reason, _ in pages}
    assert any("pdf" in message for _, message in pages)
    assert all(message.endswith(".") for _, message in pages)


def test_positions_are_gapless_and_causes_come_first(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, _, _ = passed
    assert rows(settings.log, "SELECT count(*) = max(position) AND min(position) = 1 FROM event_log") == [(True,)]
    assert (
        rows(
            settings.log,
            "SELECT e.position FROM event_log e LEFT JOIN event_log c ON c.event_id = e.causation_id"
            " WHERE e.causation_id IS NOT NULL AND (c.position IS NULL OR c.position > e.position)",
        )
        == []
    )


def test_quotes_are_verbatim(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, _, _ = passed
    quotes = rows(
        settings.log,
        "SELECT quote, quote_field, title, a.text FROM world_events JOIN articles a USING (article_id, title)",
    )
    assert len(quotes) > 20
    for quote, field, title, text in quotes:
        assert quote
        assert quote in (title if field == "title" else text)


def test_an_article_reached_by_two_feeds_and_two_links_is_one(passed: tuple[Settings, RunReport, RunReport]) -> None:
    settings, _, _ = passed
    assert rows(settings.log, "SELECT url FROM articles GROUP BY url HAVING count(*) > 1") == []
    twice = rows(
        settings.log,
        "SELECT payload->>'url' FROM event_log WHERE type = 'article_discovered'"
        " GROUP BY ALL HAVING count(DISTINCT feed_id) > 1",
    )
    assert twice
    assert all(
        rows(settings.log, f"SELECT count(*) FROM captures WHERE url = '{url}'") in ([(1,)], [(0,)]) for (url,) in twice
    )


@pytest.mark.slow
def test_reading_again_from_the_captures_gives_the_same_events(
    passed: tuple[Settings, RunReport, RunReport], tmp_path: Path
) -> None:
    """The captures are the second line: a new log made from them alone has the same articles and world events."""
    from ingest.backfill import backfill

    settings, _, _ = passed
    again = tmp_path / "again"
    Log.create(again).close()
    archives = sorted((settings.log / "captures").rglob("*.warc.gz"))
    report = backfill(Settings(log=again), archives, clock=lambda: NOW)
    same = "SELECT event_id, payload FROM event_log WHERE (payload->>'coding_id') IS NOT NULL ORDER BY ALL"
    assert rows(again, same) == rows(settings.log, same)
    assert report.taken > 30
    once_more = backfill(Settings(log=settings.log), archives, clock=lambda: NOW)
    assert once_more.taken == 0
    assert once_more.appended.added == 0
    assert once_more.known > 30


# --- newsrooms that misbehave ---


class Site:
    """A little web server: path -> (status, content type, body), and further headers by path."""

    def __init__(self, pages: dict[str, tuple[int, str, bytes]]) -> None:
        self.pages = pages
        self.headers: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.said: list[dict[str, str]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                site.said.append({name.lower(): value for name, value in self.headers.items()})
                status, kind, body = site.pages.get(self.path, (404, "text/html", b"no such page"))
                headers = site.headers.get(self.path, {})
                if "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def feed(*links: str) -> tuple[int, str, bytes]:
    items = "".join(f"<item><title>Item</title><link>{link}</link></item>" for link in links)
    return 200, "application/rss+xml", f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>".encode()


ARTICLE = (
    "<html lang=en><head><title>{t}</title>"
    "<meta property='article:published_time' content='2026-09-14T08:00:00Z'></head>"
    "<body><article><h1>{t}</h1>"
    + "<p>The harbour board of {t} met for an hour and spoke about the new cranes and the ferry.</p>" * 6
    + "</article></body></html>"
)


def article(title: str) -> tuple[int, str, bytes]:
    return 200, "text/html; charset=utf-8", ARTICLE.format(t=title).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site({})
    yield made
    made.close()


def settings_for(site: Site, tmp_path: Path, *urls: str, **more: Any) -> Settings:
    log = tmp_path / "log"
    if not log.exists():
        Log.create(log).close()
    outlines = "".join(f"<outline type='rss' xmlUrl='{url}'/>" for url in urls)
    (tmp_path / "feeds.opml").write_text(f"<opml version='2.0'><head/><body>{outlines}</body></opml>")
    return Settings(
        log=log,
        feeds=tmp_path / "feeds.opml",
        overrides={"site.example": ("127.0.0.1", site.port)},
        workers=1,
        coder="none",
        **more,
    )


@pytest.mark.slow
def test_a_page_that_fails_for_now_is_tried_again_and_given_up_in_the_end(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/busy"), "/busy": (503, "text/html", b"busy")}
    settings = settings_for(site, tmp_path, "https://site.example/feed", max_attempts=3)
    outcomes = []
    for day in range(6):
        pipeline.run(settings, clock=lambda d=day: NOW + timedelta(days=d))  # type: ignore[misc]
        outcomes.append(rows(settings.log, "SELECT attempts FROM proj.pending_pages"))
    failed = rows(
        settings.log,
        "SELECT payload->>'attempt', payload->>'final' FROM event_log WHERE type = 'capture_failed' ORDER BY 1",
    )
    assert failed == [("1", "false"), ("2", "false"), ("3", "true")]
    assert outcomes == [[(1,)], [(2,)], [], [], [], []]
    assert site.asked.count("/busy") == 3


@pytest.mark.slow
def test_a_page_that_comes_back_is_captured(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": (503, "text/html", b"busy")}
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    pipeline.run(settings, clock=lambda: NOW)
    site.pages["/p"] = article("Bergen")
    pipeline.run(settings, clock=lambda: NOW + timedelta(hours=1))
    assert rows(settings.log, "SELECT title FROM articles") == [("Bergen",)]
    assert rows(settings.log, "SELECT count(*) FROM proj.pending_pages") == [(0,)]


def test_an_unchanged_feed_is_not_parsed_and_a_failing_one_is_put_off(site: Site, tmp_path: Path) -> None:
    site.pages = {"/good": feed("https://site.example/p"), "/p": article("Bergen")}
    settings = settings_for(site, tmp_path, "https://site.example/good", "https://site.example/bad")
    for minutes in (0, 15, 30, 45):
        pipeline.run(settings, clock=lambda m=minutes: NOW + timedelta(minutes=m))  # type: ignore[misc]
    outcomes = rows(
        settings.log,
        "SELECT payload->>'url', payload->>'outcome' FROM event_log WHERE type = 'feed_polled' ORDER BY position",
    )
    assert [o for u, o in outcomes if u.endswith("good")] == ["fetched", "unchanged", "unchanged", "unchanged"]
    assert [o for u, o in outcomes if u.endswith("bad")] == ["failed", "failed", "failed"]


def test_a_killed_run_is_taken_up_by_the_next(site: Site, tmp_path: Path) -> None:
    """Killed after any step: the next pass finishes the work, and nothing is doubled or lost."""
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    planned = pipeline.plan(settings, now=NOW, run_id="first")
    pipeline.collect(settings, planned.chunks[0], run_id="first", clock=lambda: NOW)
    second = pipeline.run(settings, clock=lambda: NOW, run_id="second")
    assert second.read.articles == 1, "what was left over is finished first, and not fetched again"
    assert site.asked.count("/p") == 1
    assert rows(
        settings.log, "SELECT count(*), count(DISTINCT event_id) FROM event_log WHERE type = 'page_captured'"
    ) == [(1, 1)]
    assert json.loads(json.dumps(second.to_json()))["appended"]["known"] >= 0


@pytest.mark.slow
def test_a_retried_collect_doubles_nothing(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    planned = pipeline.plan(settings, now=NOW, run_id="r")
    for attempt in (1, 2):
        pipeline.collect(settings, planned.chunks[0], run_id="r", attempt=attempt, clock=lambda: NOW)
    pipeline.read(settings, run_id="r", clock=lambda: NOW)
    report = pipeline.append(settings, run_id="r", clock=lambda: NOW)
    assert report.known > 0
    assert rows(settings.log, "SELECT count(*) = count(DISTINCT event_id) FROM event_log") == [(True,)]


@pytest.mark.slow
def test_a_changed_page_is_a_revision_of_one_article(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    pipeline.run(settings, clock=lambda: NOW)
    site.pages["/other"] = (
        200,
        "text/html",
        site.pages["/p"][2]
        .replace(b"<head>", b"<head><link rel=canonical href='https://site.example/p'>")
        .replace(b"cranes", b"cranes, the quay"),
    )
    site.pages["/feed"] = feed("https://site.example/other")
    pipeline.run(settings, clock=lambda: NOW + timedelta(hours=1))
    assert rows(settings.log, "SELECT url, revisions, text LIKE '%the quay%' FROM articles") == [
        ("https://site.example/p", 2, True)
    ]


@pytest.mark.slow
def test_a_reading_that_took_too_long_is_tried_again_from_its_capture(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    hasty = settings_for(site, tmp_path, "https://site.example/feed", page_timeout=0.000001, max_attempts=3)
    pipeline.run(hasty, clock=lambda: NOW)
    pipeline.run(hasty, clock=lambda: NOW)
    attempts = "SELECT (payload->>'attempt')::INTEGER FROM event_log WHERE type = 'article_skipped' ORDER BY 1"
    assert rows(hasty.log, attempts) == [(1,), (2,)]
    patient = settings_for(site, tmp_path, "https://site.example/feed")
    pipeline.run(patient, clock=lambda: NOW)
    assert rows(hasty.log, "SELECT title FROM articles") == [("Bergen",)]
    assert site.asked.count("/p") == 1
    assert pipeline.run(patient, clock=lambda: NOW).read.pages == 0


@pytest.mark.slow
def test_a_page_that_always_fails_is_given_up(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    hasty = settings_for(site, tmp_path, "https://site.example/feed", page_timeout=0.000001, max_attempts=2)
    pages = [pipeline.run(hasty, clock=lambda: NOW).read.pages for _ in range(4)]
    assert pages == [1, 1, 0, 0]


@pytest.mark.slow
def test_two_runs_at_once_double_nothing(site: Site, tmp_path: Path) -> None:
    site.pages = {"/feed": feed("https://site.example/p"), "/p": article("Bergen")}
    settings = settings_for(site, tmp_path, "https://site.example/feed")
    for name in ("one", "two"):
        planned = pipeline.plan(settings, now=NOW, run_id=name)
        pipeline.collect(settings, planned.chunks[0], run_id=name, clock=lambda: NOW)
    pipeline.read(settings, run_id="one", clock=lambda: NOW)
    pipeline.append(settings, run_id="one", clock=lambda: NOW)
    assert rows(
        settings.log, "SELECT count(*), count(DISTINCT event_id) FROM event_log WHERE type = 'page_captured'"
    ) == [(1, 1)]


@pytest.mark.slow
def test_over_the_wire_a_moved_feed_is_asked_where_it_is_and_with_what_it_said(site: Site, tmp_path: Path) -> None:
    site.pages = {"/old": (301, "text/html", b""), "/new": feed("https://site.example/p"), "/p": article("Bergen")}
    site.headers = {"/old": {"Location": "/new"}, "/new": {"ETag": '"7"', "Cache-Control": "max-age=1200"}}
    settings = settings_for(site, tmp_path, "https://site.example/old")
    outline = "xmlUrl='https://site.example/old' header-X-Key='s3cret-word'"
    settings.feeds.write_text(f"<opml version='2.0'><head/><body><outline type='rss' {outline}/></body></opml>")
    due = [
        pipeline.run(settings, clock=lambda m=minutes: NOW + timedelta(minutes=m)).plan.feeds_due  # type: ignore[misc]
        for minutes in (0, 15, 30)
    ]
    assert due == [1, 0, 1], "what is fresh is not asked for again"
    feeds = [(path, said) for path, said in zip(site.asked, site.said, strict=True) if path in ("/old", "/new")]
    assert [path for path, _ in feeds] == ["/old", "/new", "/new"]
    assert [said.get("if-none-match") for _, said in feeds] == [None, None, '"7"']
    assert [said.get("x-key") for _, said in feeds] == ["s3cret-word"] * 3, "they are all on its own host"
    said = "SELECT last_outcome, moved_to, entries, due_why LIKE '%is fresh until%' FROM feeds"
    assert rows(settings.log, said) == [("unchanged", "https://site.example/new", 1, True)]
    files = [file for file in settings.log.rglob("*") if file.is_file()]
    assert not [file for file in files if b"s3cret-word" in opened(file)]


def opened(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


@pytest.mark.slow
def test_over_the_wire_a_pause_is_kept_and_a_feed_that_is_gone_is_left_alone(site: Site, tmp_path: Path) -> None:
    site.pages = {"/busy": (429, "text/html", b""), "/gone": (410, "text/html", b"")}
    site.headers = {"/busy": {"Retry-After": "3600"}}
    settings = settings_for(site, tmp_path, "https://site.example/busy")
    first = pipeline.run(settings, clock=lambda: NOW)
    assert first.collected[0].feeds_failed == 1
    settings = settings_for(site, tmp_path, "https://site.example/busy", "https://site.example/gone")
    site.asked.clear()
    waiting = pipeline.run(settings, clock=lambda: NOW + timedelta(minutes=30)).plan
    assert (site.asked, waiting.feeds_due, [rest.feeds for rest in waiting.resting]) == ([], 0, [1])
    for hours in (2, 50):
        pipeline.run(settings, clock=lambda h=hours: NOW + timedelta(hours=h))  # type: ignore[misc]
    assert site.asked.count("/gone") == 1
    assert rows(settings.log, "SELECT url FROM feeds WHERE ended") == [("https://site.example/gone",)]
