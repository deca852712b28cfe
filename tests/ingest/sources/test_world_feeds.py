"""The list of feeds that comes with the project: all regions, both sides of the major conflicts, and who they are."""

from collections import Counter
from pathlib import Path

import pytest
from pycountry import countries

from ingest import pipeline
from ingest.errors import SettingsError
from ingest.feeds.opml import read_feeds
from ingest.plan import Chunk, FeedTask
from ingest.settings import Settings
from ingest.sources.publishers import load
from schemas.urls import host_of
from tests.cli.conftest import Courant, courant
from warehouse import Log

__all__ = ["courant"]
WORLD = Path(__file__).parents[3] / "feeds" / "world.opml"
FEEDS = read_feeds(WORLD)
REGIONS = ("Africa", "Americas", "Asia and the Pacific", "Europe", "Middle East")
SIDES = [
    ({"UKR"}, {"RUS"}),
    ({"ISR"}, {"PSE", "QAT", "SAU"}, {"IRN"}),
    ({"CHN"}, {"TWN"}),
    ({"IND"}, {"PAK"}),
    ({"KOR"}, {"PRK"}),
    ({"USA"}, {"CUB", "VEN"}),
]


def test_there_are_enough_feeds_and_each_is_an_address() -> None:
    assert 60 <= len(FEEDS) <= 90
    assert [feed.url for feed in FEEDS if feed.problem] == []
    assert len({feed.url for feed in FEEDS}) == len(FEEDS)


def test_every_feed_has_a_publisher_of_known_ownership() -> None:
    publishers = load()
    found = {feed.url: publishers.of(host_of(feed.url)) for feed in FEEDS}
    assert [url for url, publisher in found.items() if publisher is None] == []
    assert [url for url, publisher in found.items() if publisher and publisher.ownership is None] == []


@pytest.mark.parametrize("region", REGIONS)
def test_every_region_of_the_world_speaks(region: str) -> None:
    counts = Counter(feed.groups[0] for feed in FEEDS)
    assert set(counts) == set(REGIONS)
    assert counts[region] >= 9


def told_from() -> Counter[str]:
    """Feeds by the country that they tell from, as the list says; North Korea's own word comes by an archive of it."""
    codes = (countries.get(alpha_2=feed.settings.get("country", "")) for feed in FEEDS)
    counts = Counter(country.alpha_3 for country in codes if country is not None)
    return counts + Counter(PRK=sum("kcnawatch" in feed.url for feed in FEEDS))


@pytest.mark.parametrize("sides", SIDES, ids=lambda sides: "-".join(min(side) for side in sides))
def test_both_sides_of_the_major_conflicts_are_heard(sides: tuple[set[str], ...]) -> None:
    counts = told_from()
    assert all(sum(counts[code] for code in side) >= 1 for side in sides)


def test_all_kinds_of_hands_are_there() -> None:
    publishers = load()
    hands = Counter(one.ownership for feed in FEEDS if (one := publishers.of(host_of(feed.url))))
    assert {"state", "public", "private", "ngo", "party"} <= set(hands)
    assert max(hands.values()) <= 0.7 * len(FEEDS)


def test_real_feeds_are_not_asked_without_a_contact(tmp_path: Path) -> None:
    log = tmp_path / "log"
    Log.create(log).close()
    settings = Settings(log=log, feeds=WORLD)
    with pytest.raises(SettingsError, match=r"no contact is set.*COURANT_CONTACT"):
        pipeline.run(settings)
    with Log.open(log) as opened:
        assert opened.query("SELECT count(*) FROM event_log WHERE type = 'feed_polled'") == [(0,)]


def test_the_command_says_so_in_one_line(courant: Courant, tmp_path: Path) -> None:
    assert courant("init", ".", "--contact", "").code == 0
    said = courant("run")
    assert said.code == 2
    lines = [line for line in said.words.splitlines() if line.startswith("courant: ")]
    assert len(lines) == 1
    assert "no contact is set" in lines[0]
    assert "set `contact` in courant.toml" in lines[0]


def test_a_contact_is_all_that_was_missing(tmp_path: Path) -> None:
    from ingest.network import fetch_config

    task = FeedTask(feed_id="x", url=FEEDS[0].url, slot="2026-09-14T12:00Z")
    work = Chunk(feeds=(task,), pages=())
    with pytest.raises(SettingsError, match="should know whom to turn to"):
        fetch_config(Settings(), work)
    config = fetch_config(Settings(contact="desk@example.org"), work)
    assert config.user_agent.endswith("(+mailto:desk@example.org)")
