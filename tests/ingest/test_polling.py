"""Polls over many passes: rhythm, moves, feeds that are gone, pauses, hosts that do not answer. A made-up web."""

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest import pipeline
from ingest.fetch.outcomes import Failure, NotModified, Outcome, Request, Response
from ingest.outside import Outside
from ingest.plan import Plan
from ingest.settings import Settings
from schemas.urls import host_of
from warehouse import Log, connect

pytestmark = pytest.mark.slow  # many passes over real sockets, with reader processes

NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)
FEED = "https://news.example/feed"
Answer = Callable[[Request, datetime], Outcome]


def ok(body: bytes, **headers: str) -> Answer:
    said = {"content-type": "application/rss+xml", **{name.replace("_", "-"): value for name, value in headers.items()}}

    def answer(request: Request, now: datetime) -> Outcome:
        if request.etag and request.etag == said.get("etag"):
            return NotModified(request.url, request.url, (), now, request.etag, headers=said)
        return Response(
            request.url, request.url, (), 200, said, body, said["content-type"], now, "1.1", tuple(said.items())
        )

    return answer


def rss(*links: str, head: str = "") -> bytes:
    items = "".join(f"<item><title>Item</title><link>{link}</link></item>" for link in links)
    return f"<rss version='2.0'><channel><title>F</title>{head}{items}</channel></rss>".encode()


def fails(reason: str, status: int | None = None, *, retry_after: float | None = None, final: bool = False) -> Answer:
    def answer(request: Request, now: datetime) -> Outcome:
        said = f"{request.url} failed: {reason}."
        return Failure(request.url, reason, said, now, not final, status, retry_after)

    return answer


@dataclass
class Web:
    """Answers by URL; whoever `moves` is led to the answer of another URL by a redirect of a status."""

    answers: dict[str, Answer] = field(default_factory=dict)
    moves: dict[str, tuple[int, str]] = field(default_factory=dict)
    led_to: dict[str, str] = field(default_factory=dict)
    """Addresses as they are recorded, of those that hold a secret."""
    asked: list[Request] = field(default_factory=list)
    now: datetime = NOON

    async def __aenter__(self) -> "Web":
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def fetch(self, request: Request) -> Outcome:
        self.asked.append(request)
        place, redirects = request.url, []
        while place in self.moves:
            status, place = self.moves[place]
            redirects.append((status, self.led_to.get(place, place)))
        found = self.answers.get(place, fails("http_404", 404, final=True))(request, self.now)
        said: dict[str, Any] = {"redirects": tuple(redirects)}
        if not isinstance(found, Failure):
            said["final_url"] = place
        return replace(found, **said)

    def urls(self) -> list[str]:
        urls = [request.url for request in self.asked]
        self.asked.clear()
        return urls


@dataclass
class Desk:
    """A log with its feeds file, and a web to poll."""

    folder: Path
    web: Web = field(default_factory=Web)
    more: dict[str, Any] = field(default_factory=dict)
    passes: Iterator[int] = field(default_factory=itertools.count)

    def feeds(self, *outlines: str) -> None:
        body = "".join(f"<outline type='rss' {said}/>" for said in outlines)
        (self.folder / "feeds.opml").write_text(f"<opml version='2.0'><head/><body>{body}</body></opml>")

    @property
    def settings(self) -> Settings:
        return Settings(log=self.folder / "log", feeds=self.folder / "feeds.opml", coder="none", workers=1, **self.more)

    def run(self, at: datetime) -> Plan:
        """One pass, as far as polling goes: pages are captured, and not read."""
        self.web.now = at
        name = f"pass-{next(self.passes)}"

        outside = Outside(lambda *_: self.web, nothing_read)
        planned = pipeline.plan(self.settings, now=at, run_id=name)
        for chunk in planned.chunks:
            pipeline.collect(self.settings, chunk, run_id=name, clock=lambda: at, outside=outside)
        pipeline.read(self.settings, run_id=name, clock=lambda: at, outside=outside)
        pipeline.append(self.settings, run_id=name, clock=lambda: at)
        return planned

    def polls(self, url: str = FEED) -> list[dict[str, Any]]:
        rows = self.rows(
            f"SELECT payload::VARCHAR FROM event_log WHERE type = 'feed_polled' AND (payload->>'url') = '{url}'"
            " ORDER BY position"
        )
        return [json.loads(payload) for (payload,) in rows]

    def rows(self, sql: str) -> list[Any]:
        with connect(self.folder / "log") as con:
            return con.execute(sql).fetchall()


@contextmanager
def nothing_read(*_: object) -> Iterator[Any]:
    """Readers that find nothing in any page."""
    yield type("Reads", (), {"read": staticmethod(lambda tasks: iter([[] for _ in tasks]))})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    Log.create(tmp_path / "log").close()
    made = Desk(tmp_path)
    made.feeds(f"xmlUrl='{FEED}'")
    return made


def quarters(hours: float, start: datetime = NOON) -> list[datetime]:
    return [start + timedelta(minutes=15 * n) for n in range(int(hours * 4))]


# --- rhythm ---


def test_a_quiet_feed_is_polled_ever_less_often_and_news_bring_it_back(desk: Desk) -> None:
    desk.web.answers[FEED] = ok(rss("https://news.example/1"), etag='"1"')
    waits = []
    for hours in (0, 6, 24, 72):
        assert desk.run(NOON + timedelta(hours=hours)).feeds_due == 1
        poll = desk.polls()[-1]
        due = datetime.fromisoformat(poll.get("due_at") or f"{NOON + timedelta(minutes=15)}")
        waits.append((due - NOON - timedelta(hours=hours), poll["due_why"].partition(":")[0]))
    assert waits == [
        (timedelta(minutes=15), "first poll"),
        (timedelta(minutes=30), "quiet for 6 h"),
        (timedelta(hours=2), "quiet for 24 h"),
        (timedelta(hours=6), "quiet for 3 days"),
    ]
    at = NOON + timedelta(hours=78)
    assert desk.run(at - timedelta(minutes=15)).feeds_due == 0
    desk.web.answers[FEED] = ok(rss("https://news.example/2"), etag='"2"')
    desk.run(at)
    assert (desk.polls()[-1]["due_why"], "due_at" in desk.polls()[-1]) == ("it brought news: every 15 min", False)
    assert desk.run(at + timedelta(minutes=15)).feeds_due == 1


def test_the_ceiling_is_a_setting(desk: Desk) -> None:
    desk.more = {"max_interval": 15}
    desk.web.answers[FEED] = ok(rss("https://news.example/1"), etag='"1"')
    for day in (0, 2):
        desk.run(NOON + timedelta(days=day))
    assert desk.polls()[-1]["due_why"] == "quiet for 2 days: every 15 min"
    assert desk.run(NOON + timedelta(days=2, minutes=15)).feeds_due == 1


def test_what_the_feed_says_of_itself_is_remembered_while_it_does_not_change(desk: Desk) -> None:
    head = "<ttl>60</ttl><skipHours><hour>14</hour></skipHours>"
    desk.web.answers[FEED] = ok(rss("https://news.example/1", head=head), etag='"1"')
    passes = [NOON + timedelta(minutes=minutes) for minutes in (0, 15, 30, 60, 75, 135, 165, 180)]
    # Once more after the first poll, then an hour from poll to poll, and none from two to three.
    assert [desk.run(at).feeds_due for at in passes] == [1, 1, 0, 0, 1, 0, 0, 1]
    assert [poll["outcome"] for poll in desk.polls()] == ["fetched", "unchanged", "unchanged", "unchanged"]
    assert "does not want to be asked" in desk.polls()[2]["due_why"]


def test_what_is_fresh_by_its_headers_is_not_asked_for_again(desk: Desk) -> None:
    desk.web.answers[FEED] = ok(rss("https://news.example/1"), etag='"1"', cache_control="max-age=2700")
    assert [desk.run(at).feeds_due for at in quarters(1)] == [1, 0, 0, 1]
    assert desk.polls()[0]["fresh_until"] == "2026-09-14T12:45:00+00:00"
    desk.web.answers[FEED] = ok(rss("https://news.example/1"), etag='"1"', cache_control="no-cache")
    desk.run(NOON + timedelta(minutes=90))
    assert "due_at" not in desk.polls()[-1]


def test_a_feeds_own_interval_is_its_floor(desk: Desk) -> None:
    desk.feeds(f"xmlUrl='{FEED}' interval='60'", "xmlUrl='https://news.example/other'")
    desk.web.answers = dict.fromkeys([FEED, "https://news.example/other"], ok(rss(head="<ttl>15</ttl>")))
    desk.web.answers[FEED] = ok(rss("https://news.example/1", head="<ttl>240</ttl>"))
    assert [desk.run(at).feeds_due for at in quarters(1.25)] == [2, 1, 1, 1, 2]
    assert [poll["slot"] for poll in desk.polls()] == ["2026-09-14T12:00Z", "2026-09-14T13:00Z"]


# --- feeds that move ---


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_moved_for_good_is_asked_at_its_new_address_and_keeps_its_id(desk: Desk, status: int) -> None:
    new, newer = "https://paper.example/feed", "https://paper.example/rss"
    desk.web.answers = {new: ok(rss("https://news.example/1"), etag='"1"')}
    desk.web.moves = {FEED: (status, new)}
    desk.run(NOON)
    desk.run(NOON + timedelta(minutes=15))
    assert [url for url in desk.web.urls() if not url.endswith("/1")] == [FEED, new]
    first, second = desk.polls()
    assert first["feed_id"] == second["feed_id"]
    assert (second["outcome"], second["moved_to"], second["host"]) == ("unchanged", new, "paper.example")
    # The new address moves on, and back to the old one in the end.
    desk.web.answers[newer] = desk.web.answers.pop(new)
    desk.web.moves[new] = (status, newer)
    desk.run(NOON + timedelta(minutes=30))
    desk.run(NOON + timedelta(minutes=45))
    assert desk.web.urls() == [new, newer]
    assert desk.rows("SELECT url, moved_to FROM feeds") == [(FEED, newer)]
    desk.web.answers[FEED] = desk.web.answers.pop(newer)
    desk.web.moves = {newer: (status, FEED)}
    desk.run(NOON + timedelta(minutes=60))
    desk.run(NOON + timedelta(minutes=75))
    assert desk.web.urls() == [newer, FEED]
    assert desk.rows("SELECT moved_to FROM feeds") == [(None,)]


def test_a_redirect_for_now_is_followed_each_time_anew(desk: Desk) -> None:
    desk.web.answers = {"https://mirror.example/": ok(rss("https://news.example/1"))}
    desk.web.moves = {FEED: (302, "https://mirror.example/")}
    for at in quarters(0.5):
        desk.run(at)
    assert "moved_to" not in desk.polls()[-1]
    assert desk.web.urls().count(FEED) == 2


@pytest.mark.parametrize(
    "trouble",
    [fails("http_404", 404, final=True), fails("dns"), fails("http_410", 410, final=True), ok(b"<html>Parked</html>")],
)
def test_where_the_new_address_fails_the_old_one_is_asked_and_the_problem_told(desk: Desk, trouble: Answer) -> None:
    new = "https://paper.example/feed"
    desk.web.answers = {new: ok(rss("https://news.example/1"), etag='"1"')}
    desk.web.moves = {FEED: (301, new)}
    desk.run(NOON)
    desk.web.moves.clear()
    desk.web.answers |= {new: trouble, FEED: ok(rss("https://news.example/1", "https://news.example/2"), etag='"1"')}
    desk.web.urls()
    desk.run(NOON + timedelta(minutes=15))
    assert [url for url in desk.web.urls() if "/feed" in url] == [new, FEED]
    poll = desk.polls()[-1]
    assert (poll["outcome"], poll["entries_new"], poll.get("moved_to")) == ("fetched", 1, None)
    assert poll["problems"][0].startswith(f"It had moved to {new}, where it is no more")
    desk.run(NOON + timedelta(minutes=30))
    assert [url for url in desk.web.urls() if "/feed" in url] == [FEED]


def test_a_new_address_that_works_only_by_way_of_the_old_one_is_not_asked_directly_again(desk: Desk) -> None:
    new = "https://paper.example/feed"
    desk.web.moves = {FEED: (301, f"{new}?token=t"), f"{new}?token=t": (301, new)}
    desk.web.answers[new] = ok(rss("https://news.example/1"), etag='"1"')
    desk.run(NOON)
    direct = desk.web.answers.pop(new)
    desk.web.moves, desk.web.answers[f"{new}?token=t"] = {FEED: (301, f"{new}?token=t")}, direct
    desk.web.led_to = {f"{new}?token=t": new}
    desk.web.urls()
    desk.run(NOON + timedelta(minutes=15))
    assert desk.web.urls() == [new, FEED]
    assert "moved_to" not in desk.polls()[-1]
    desk.run(NOON + timedelta(minutes=30))
    assert desk.web.urls() == [FEED]


def test_where_both_addresses_fail_the_new_one_stands(desk: Desk) -> None:
    new = "https://paper.example/feed"
    desk.web.answers = {new: ok(rss("https://news.example/1"), etag='"1"')}
    desk.web.moves = {FEED: (301, new)}
    desk.run(NOON)
    desk.web.moves.clear()
    good, desk.web.answers[new] = desk.web.answers[new], fails("timeout")
    desk.web.answers[FEED] = fails("dns")
    desk.run(NOON + timedelta(minutes=15))
    poll = desk.polls()[-1]
    assert (poll["outcome"], poll["reason"], poll["moved_to"]) == ("failed", "timeout", new)
    assert "Its own address is of no use either" in poll["message"]
    desk.web.answers[new] = good
    desk.run(NOON + timedelta(minutes=30))
    assert (desk.polls()[-1]["outcome"], desk.polls()[-1]["moved_to"]) == ("unchanged", new)


def test_a_new_address_that_is_only_busy_is_not_given_up(desk: Desk) -> None:
    new = "https://paper.example/feed"
    desk.web.answers = {new: ok(rss("https://news.example/1"))}
    desk.web.moves = {FEED: (301, new)}
    desk.run(NOON)
    desk.web.urls()
    desk.web.answers[new] = fails("http_503", 503, retry_after=60)
    desk.run(NOON + timedelta(minutes=15))
    assert desk.web.urls() == [new]
    assert desk.polls()[-1]["moved_to"] == new


# --- feeds that are gone ---


def test_a_feed_that_is_gone_is_polled_no_more_until_it_is_asked_for_again(desk: Desk) -> None:
    desk.web.answers[FEED] = fails("http_410", 410, final=True)
    desk.run(NOON)
    assert [desk.run(NOON + timedelta(days=day)).feeds_due for day in (1, 30, 365)] == [0, 0, 0]
    poll = desk.polls()[-1]
    assert (poll["reason"], poll["http_status"], "gone for good" in poll["due_why"]) == ("http_410", 410, True)
    assert desk.rows("SELECT ended FROM feeds") == [(True,)]
    desk.feeds(f"xmlUrl='{FEED}' resumed='2026-09-14T11:00:00+00:00'")
    assert desk.run(NOON + timedelta(days=366)).feeds_due == 0, "that was asked before it was gone"
    desk.feeds(f"xmlUrl='{FEED}' resumed='2026-09-20T00:00:00+00:00'")
    desk.web.answers[FEED] = ok(rss("https://news.example/1"))
    assert desk.run(NOON + timedelta(days=367)).feeds_due == 1
    assert desk.rows("SELECT last_outcome, ended FROM feeds") == [("fetched", False)]


def test_a_feed_that_is_not_found_is_asked_once_a_day_in_the_end(desk: Desk) -> None:
    at, gaps = NOON, []
    for _ in range(9):
        assert desk.run(at).feeds_due == 1
        due = desk.polls()[-1].get("due_at")
        then = datetime.fromisoformat(due) if due else at + timedelta(minutes=15)
        gaps.append(then - at)
        at = then
    assert all(timedelta(hours=18) <= gap <= timedelta(hours=24) for gap in gaps[-2:])
    assert desk.polls()[-1]["due_why"].startswith("failed 9 times in a row: again after ")


# --- hosts that ask for a pause, and hosts that do not answer ---


def test_a_pause_is_kept_for_all_that_the_host_serves_across_passes(desk: Desk) -> None:
    other, elsewhere, page = "https://news.example/other", "https://paper.example/feed", "https://news.example/page"
    desk.feeds(f"xmlUrl='{FEED}'", f"xmlUrl='{other}'", f"xmlUrl='{elsewhere}'")
    desk.web.answers = {
        FEED: fails("http_429", 429, retry_after=7200),
        other: ok(rss("https://news.example/1"), etag='"o"'),
        elsewhere: ok(rss(page), etag='"e"'),
        page: fails("http_503", 503),
        "https://news.example/1": fails("http_503", 503),
    }
    desk.run(NOON)
    desk.web.urls()
    later = desk.run(NOON + timedelta(hours=1))
    assert desk.web.urls() == [elsewhere]
    [rest] = later.resting
    assert (rest.host, rest.feeds, rest.pages) == ("news.example", 1, 2)
    assert "asked to be left alone until 2026-09-14T14:00:00" in rest.why
    assert [row["attempts"] for row in pending(desk)] == [1, 1], (
        "no attempt is counted against pages that were not asked"
    )
    desk.run(NOON + timedelta(hours=3))
    assert {host_of(url) for url in desk.web.urls()} == {"news.example", "paper.example"}


def pending(desk: Desk) -> list[dict[str, Any]]:
    with Log.open(desk.folder / "log") as log:
        return log.pending_pages()


def test_of_a_host_that_does_not_answer_one_thing_is_asked_first(desk: Desk) -> None:
    feeds = [f"https://news.example/{n}" for n in range(5)]
    desk.feeds(*(f"xmlUrl='{url}'" for url in feeds), "xmlUrl='https://paper.example/feed'")
    pages = [f"https://news.example/page-{n}" for n in range(4)]
    desk.web.answers = dict.fromkeys([*feeds, *pages], fails("connect"))
    desk.web.answers["https://paper.example/feed"] = ok(rss(*pages[:2]), etag='"1"')
    for day in range(3):
        desk.run(NOON + timedelta(days=day))
    [host] = desk.rows("SELECT host, passes_failed, reason FROM hosts")
    assert host == ("news.example", 3, "connect")
    attempts = {row["url"]: row["attempts"] for row in pending(desk)}
    desk.web.urls()
    desk.web.answers["https://paper.example/feed"] = ok(rss(*pages), etag='"2"')
    planned = desk.run(NOON + timedelta(days=4))
    assert [url for url in desk.web.urls() if "news.example" in url] == [feeds[0]]
    assert [(rest.host, rest.feeds, rest.pages) for rest in planned.resting] == [("news.example", 4, 2)]
    assert "one request first" in planned.resting[0].why
    assert {row["url"]: row["attempts"] for row in pending(desk)} == {**attempts, pages[2]: 0, pages[3]: 0}
    # It answers again: the one request shows it, and the next pass asks for all that waited.
    desk.web.answers |= dict.fromkeys(feeds, ok(rss()))
    desk.run(NOON + timedelta(days=5))
    assert len(desk.web.urls()) == 2
    assert desk.rows("SELECT * FROM hosts") == []
    desk.run(NOON + timedelta(days=5, minutes=15))
    assert {*feeds[1:], *pages} <= set(desk.web.urls())


def test_a_feed_that_shows_its_host_to_be_up_has_its_pages_fetched_at_once(desk: Desk) -> None:
    desk.web.answers[FEED] = fails("timeout")
    for day in range(3):
        desk.run(NOON + timedelta(days=day))
    desk.web.answers = {FEED: ok(rss("https://news.example/1")), "https://news.example/1": ok(b"<html>")}
    desk.web.urls()
    desk.run(NOON + timedelta(days=4))
    assert desk.web.urls() == [FEED, "https://news.example/1"]


def test_a_page_whose_host_was_left_alone_within_a_pass_stays_as_it_is(desk: Desk) -> None:
    def left_alone(request: Request, now: datetime) -> Outcome:
        return Failure(request.url, "host_down", "It failed again and again.", now, True, retry_after=60, asked=False)

    desk.web.answers = {FEED: ok(rss("https://paper.example/1")), "https://paper.example/1": left_alone}
    desk.run(NOON)
    assert [(row["attempts"], row["retry_at"]) for row in pending(desk)] == [(0, None)]
    assert desk.rows("SELECT count(*) FROM event_log WHERE type = 'capture_failed'") == [(0,)]


def test_a_feed_whose_host_was_left_alone_within_a_pass_stays_as_it_is(desk: Desk) -> None:
    def left_alone(request: Request, now: datetime) -> Outcome:
        return Failure(request.url, "host_asked_to_wait", "A pause.", now, True, retry_after=60, asked=False)

    desk.web.answers[FEED] = left_alone
    desk.run(NOON)
    assert desk.polls() == []
    assert desk.run(NOON + timedelta(minutes=1)).feeds_due == 1


def test_two_polls_in_one_slot_that_hear_the_same_say_the_same(desk: Desk) -> None:
    desk.web.answers[FEED] = ok(rss("https://news.example/1", "https://news.example/2"), etag='"1"')
    planned = pipeline.plan(desk.settings, now=NOON, run_id="twice")
    for attempt in (1, 2):
        at = NOON + timedelta(minutes=attempt)
        outside = Outside(lambda *_: desk.web, nothing_read)
        pipeline.collect(
            desk.settings, planned.chunks[0], run_id="twice", attempt=attempt, clock=lambda t=at: t, outside=outside
        )
        desk.web.now = at
    pipeline.read(desk.settings, run_id="twice", clock=lambda: NOON, outside=outside)
    report = pipeline.append(desk.settings, run_id="twice", clock=lambda: NOON)
    assert (report.known > 0, report.conflicts) == (True, 0)


# --- a feed's own settings ---


def test_pages_of_other_hosts_than_the_allowed_ones_are_recorded_and_not_fetched(desk: Desk) -> None:
    desk.feeds(f"xmlUrl='{FEED}' allowHosts='news.example'", "xmlUrl='https://paper.example/feed'")
    pages = [
        "https://www.news.example/1",
        "https://ads.example/2",
        "https://ads.example/3",
        "https://badnews.example/4",
    ]
    desk.web.answers = {FEED: ok(rss(*pages)), "https://paper.example/feed": ok(rss(pages[2]))}
    desk.run(NOON)
    fetched = {request.url: request.allow_hosts for request in desk.web.asked if "feed" not in request.url}
    assert fetched == {pages[0]: ("news.example",), pages[2]: ()}, "another feed brings what this one may not"
    refused = desk.rows(
        "SELECT payload->>'url' FROM event_log WHERE (payload->>'refused') = 'host_not_allowed' ORDER BY 1"
    )
    assert refused == [(pages[1],), (pages[2],), (pages[3],)]


def test_a_feeds_own_headers_go_to_its_own_host_alone_and_stand_in_no_file_of_the_log(desk: Desk) -> None:
    new = "https://paper.example/feed"
    desk.feeds(f"xmlUrl='{FEED}' header-X-Key='s3cret-word'", "xmlUrl='https://other.example/feed'")
    desk.web.answers = {new: ok(rss("https://news.example/1")), "https://other.example/feed": ok(rss())}
    desk.web.moves = {FEED: (301, new)}
    desk.run(NOON)
    desk.run(NOON + timedelta(minutes=15))
    sent = [(request.url, dict(request.headers)) for request in desk.web.asked]
    assert (FEED, {"X-Key": "s3cret-word"}) in sent
    assert [headers for url, headers in sent if url != FEED] == [{}] * (len(sent) - 1)
    for file in (desk.folder / "log").rglob("*"):
        assert not file.is_file() or b"s3cret-word" not in file.read_bytes(), file


def test_feeds_that_cannot_be_asked_are_recorded_with_what_is_wrong(desk: Desk) -> None:
    desk.feeds("title='Harbour' xmlUrl=''", "title='Lost'", f"xmlUrl='{FEED}' interval='often'")
    assert desk.run(NOON).feeds_due == 2  # those without an address share what stands for one
    said = [message for (message,) in desk.rows("SELECT message FROM feeds ORDER BY url")]
    assert said == ["the outline 'Harbour' has no address (xmlUrl)",
                    "the interval must be minutes from 1 to 1440 (a day), not 'often'"]  # fmt: skip
    assert desk.web.asked == []
