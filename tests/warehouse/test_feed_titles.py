"""What a feed said of a page stands beside what the page says of itself, and changes nothing else."""

from pathlib import Path

import pytest

from schemas.digests import digest
from schemas.envelope import Event
from tests.warehouse.sample_events import article, captured, discovered
from warehouse import Log, connect
from warehouse.erase import erase, find_text
from warehouse.verify import verify

URL = "https://a.example/1"
BESIDE = "SELECT title, feed_title, feed_published, language_confidence, agency FROM articles"


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


def read(capture: Event, **said: object) -> list[Event]:
    return article(URL, "Ministers meet", "Nothing of note took place in town.", capture=capture, **said)[1:]


def test_a_feeds_title_and_date_stand_beside_the_pages(path: Path) -> None:
    shot = captured(URL)
    with Log.open(path) as log:
        log.append([discovered("a", "1", URL, title="MINISTERS MEET!", published="2026-09-14T08:00:00Z")])
        log.append([shot, *read(shot, language_confidence=0.98, agency="Reuters")])
    assert rows(path, BESIDE) == [("Ministers meet", "MINISTERS MEET!", "2026-09-14T08:00:00Z", 0.98, "Reuters")]


@pytest.mark.parametrize("cut", [1, 2, 99])
@pytest.mark.parametrize("via", ["live", "backfill"])
def test_g6_what_is_listed_after_a_page_was_fetched_changes_nothing(path: Path, cut: int, via: str) -> None:
    shot = captured(URL, via=via)
    listings = [discovered(feed, feed, URL, title=f"By {feed}") for feed in "abc"]
    batches = [[listings[0]], [listings[1]], [shot, *read(shot)], [listings[2]], read(shot, extractor="later/1")]
    with Log.open(path) as log:
        for n, batch in enumerate(batches, start=1):
            log.append(batch)
            if n % cut == 0:
                log.catch_up()
    expected = [("By b" if via == "live" else None,)]
    assert rows(path, "SELECT feed_title FROM articles") == expected
    assert list(verify(path)) == []
    with Log.open(path) as log:
        log.rebuild_projections()
    assert rows(path, "SELECT feed_title FROM articles") == expected


def test_g12_an_erased_feed_title_is_gone_from_the_articles(path: Path) -> None:
    from tests.warehouse.sample_events import NOON

    shot = captured(URL)
    with Log.open(path) as log:
        log.append([discovered("a", "1", URL, title="A name in full"), shot, *read(shot)])
    with Log.open(path) as log:
        erase(log, find_text(log, digest("A name in full")), reason="request", now=NOON, run_id="desk")
    assert rows(path, "SELECT title, feed_title FROM articles") == [("Ministers meet", None)]
