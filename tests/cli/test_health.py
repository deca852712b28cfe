"""`courant feeds health` over a made-up fortnight: one publisher has a new design, one feed falls silent."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from schemas.envelope import Event
from schemas.facts import ArticleSkipped
from tests.cli.conftest import Courant
from tests.warehouse.sample_events import article, captured, discovered, listed, origin, polled
from warehouse import Log

START = datetime(2026, 8, 31, tzinfo=UTC)
ROUNDS = 15 * 4
"""Polls of each feed, six hours apart."""
A_ROUND = 3
"""New entries that each of them brings."""


def minutes(hours: int) -> float:
    return (START + timedelta(hours=hours) - origin().observed_at).total_seconds() / 60


def a_round(feed: str, number: int, *, new: int = A_ROUND, empty: bool = False) -> list[Event]:
    """A poll, and what became of its new pages: articles, or pages without one."""
    at = minutes(6 * number)
    slot = f"{START + timedelta(hours=6 * number):%Y-%m-%dT%H:%MZ}"
    outcome = "fetched" if new else "unchanged"
    events = [polled(feed, slot, at=at, outcome=outcome, entries=30, entries_new=new)]
    for n in range(new):
        url = f"https://{feed}.example/{number}-{n}"
        shot = captured(url, at=at)
        events += [discovered(feed, url, url, at=at), shot]
        if empty:
            fact = ArticleSkipped(
                url=url, capture_id=shot.event_id, reason="empty", message="No article.", extractor="x/1"
            )
            events.append(Event.of_fact(fact, origin(at), shot.event_id))
        else:
            events += article(url, f"Title {url}", "Nothing of note took place in town.", capture=shot, at=at)[1:]
    return events


@pytest.fixture(scope="module")
def fortnight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("health") / "log"
    last_day = ROUNDS - 4
    batch = [listed("Tide", "bay.example", "cape.example")]
    for number in range(ROUNDS):
        last = number >= last_day
        batch += a_round("bay", number, empty=last)
        batch += a_round("cape", number, empty=last)
        batch += a_round("dam", number, new=0 if last else A_ROUND)
        batch += a_round("elm", number, empty=number % 5 == 0)
        batch += a_round("firth", number, new=A_ROUND if number % 6 == 0 else 0)
    batch += a_round("new", ROUNDS - 1, empty=True, new=9)
    with Log.create(path) as log:
        log.append(batch)
    return path


def test_a_redesign_and_a_silent_feed_are_told_and_the_others_are_not(courant: Courant, fortnight: Path) -> None:
    said = courant("feeds", "health", "--log", fortnight, "--json")
    found = json.loads(said.text)
    signs = {feed["url"] or feed["name"]: feed["signs"] for feed in found["feeds"]}
    assert signs == {
        "https://bay.example/feed.xml": ["empty"],
        "https://cape.example/feed.xml": ["empty"],
        "https://dam.example/feed.xml": ["silent", "few"],
        "https://elm.example/feed.xml": [],
        "https://firth.example/feed.xml": [],
        "https://new.example/feed.xml": [],
    }
    assert found["until"].startswith("2026-09-14T18:00")
    assert [warning.partition(" ")[0].rstrip(":") for warning in found["warnings"]] == [
        "Tide",  # the publisher's redesign is told once, not of each of its feeds
        "https://dam.example/feed.xml",
        "https://dam.example/feed.xml",
    ]
    assert "24 of 24 pages of the last day held no article, 0% before" in found["warnings"][0]
    assert said.words.count("warning: ") == 3
    assert said.code == 0


def test_rates_and_numbers_are_told_of_every_feed_and_publisher(courant: Courant, fortnight: Path) -> None:
    found = json.loads(courant("feeds", "health", "--log", fortnight, "--json").text)
    feeds = {feed["url"] or feed["name"]: feed for feed in found["feeds"]}
    bay, dam = feeds["https://bay.example/feed.xml"], feeds["https://dam.example/feed.xml"]
    assert (bay["publisher"], bay["empty_rate"], bay["empty_rate_before"], bay["error_rate"]) == ("Tide", 1, 0, 0)
    assert (bay["entries_a_day"], bay["articles_a_day"], bay["failures_in_a_row"]) == (12, 12, 0)
    assert (dam["publisher"], dam["silent_hours"], dam["longest_silence_hours"]) == (None, 24, 6)
    assert dam["last_success_at"] == dam["last_polled_at"]
    [tide] = found["publishers"]
    assert (tide["name"], tide["feeds"], tide["entries_a_day"], tide["signs"]) == ("Tide", 2, 24, ["empty"])


def test_the_status_warns_too_and_tables_have_a_row_each(courant: Courant, fortnight: Path) -> None:
    status = courant("status", "--log", fortnight)
    assert "warning: Tide: 24 of 24 pages" in status.words
    of_feeds = courant("status", "--feeds", "--log", fortnight, "--json")
    assert of_feeds.text == courant("feeds", "health", "--log", fortnight, "--json").text
    table = courant("feeds", "health", "--log", fortnight, "--by", "publisher", "--format", "csv").text.splitlines()
    assert len(table) == 2
    assert table[1].startswith("Tide,")


def test_a_day_and_feed_has_its_sums(courant: Courant, fortnight: Path) -> None:
    asked = (
        "SELECT day, polls, entries_new, extracted, empty, empty_rate FROM feed_days"
        " WHERE feed_url = 'https://bay.example/feed.xml' ORDER BY day DESC LIMIT 2"
    )
    rows = json.loads(courant("sql", asked, "--log", fortnight, "--json").text)
    assert rows == [
        {"day": "2026-09-14", "polls": 4, "entries_new": 12, "extracted": 0, "empty": 12, "empty_rate": 1.0},
        {"day": "2026-09-13", "polls": 4, "entries_new": 12, "extracted": 12, "empty": 0, "empty_rate": 0.0},
    ]


def test_an_empty_log_has_no_feed_to_tell_of(courant: Courant, tmp_path: Path) -> None:
    Log.create(tmp_path / "log").close()
    said = courant("feeds", "health", "--log", tmp_path / "log", "--json")
    assert json.loads(said.text) == {"until": None, "feeds": [], "publishers": [], "warnings": []}
