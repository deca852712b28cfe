"""`courant feeds …` over the sample newsroom: the list as a person keeps it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.feeds.opml import parse_opml
from samples.newsroom import serve
from tests.cli.conftest import Courant

SAMPLE = Path(__file__).parents[2] / "samples" / "feeds.opml"
WORLD = "https://newsroom.example/feeds/world.xml"


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    with serve() as newsroom:
        hosts = ("", "courier.", "region.", "old.", "valley.", "wire.", "live.")
        answers = ",".join(f"{host}newsroom.example={newsroom.host}:{newsroom.port}" for host in hosts)
        yield {"COURANT_OVERRIDES": answers, "COURANT_FEEDS": str(tmp_path / "mine.opml")}


def listed(courant: Courant, environ: dict[str, str]) -> list[dict[str, str | None]]:
    return [json.loads(line) for line in courant("feeds", "list", env=environ).text.splitlines()]


def test_a_feed_is_added_once_and_taken_off(courant: Courant, environ: dict[str, str]) -> None:
    added = courant("feeds", "add", WORLD, "--group", "World", "--group", "Norland", "--language", "en", env=environ)
    assert (added.code, "has 1 feed now" in added.words) == (0, True)
    assert "on the list already" in courant("feeds", "add", f"{WORLD}?utm_source=x", env=environ).words
    [feed] = listed(courant, environ)
    assert (feed["url"], feed["group"], feed["language"]) == (WORLD, "World / Norland", "en")
    assert feed["title"]  # what the feed calls itself
    assert courant("feeds", "remove", WORLD, env=environ).code == 0
    assert listed(courant, environ) == []
    gone = courant("feeds", "remove", WORLD, env=environ)
    assert (gone.code, "courant feeds list" in gone.words) == (2, True)


def test_of_a_site_its_feed_is_added_or_the_choice_is_named(courant: Courant, environ: dict[str, str]) -> None:
    done = courant("feeds", "add", "https://newsroom.example/", env=environ)
    if done.code == 0:
        assert [feed["url"] for feed in listed(courant, environ)] != ["https://newsroom.example/"]
    else:
        assert "add the one you mean: https://" in done.words
    nothing = courant("feeds", "add", "https://newsroom.example/nowhere", env=environ)
    assert (nothing.code, "--no-ask" in nothing.words) == (2, True)
    assert courant("feeds", "add", "https://newsroom.example/nowhere", "--no-ask", env=environ).code == 0


def test_lists_are_exchanged(courant: Courant, environ: dict[str, str], tmp_path: Path) -> None:
    first = courant("feeds", "import", SAMPLE, env=environ)
    assert "14 feeds added" in first.words
    assert "0 feeds added" in courant("feeds", "import", SAMPLE, env=environ).words
    assert parse_opml(courant("feeds", "export", env=environ).data) == parse_opml(SAMPLE.read_bytes())
    assert courant("feeds", "export", "-o", tmp_path / "out.opml", env=environ).code == 0
    assert len(parse_opml((tmp_path / "out.opml").read_bytes())) == 14


def test_check_asks_every_feed_and_names_those_that_are_none(courant: Courant, environ: dict[str, str]) -> None:
    courant("feeds", "import", SAMPLE, env=environ)
    done = courant("feeds", "check", "--json", env=environ)
    answers = {row["url"]: row for row in json.loads(done.text)}
    assert done.code == 1
    assert len(answers) == 14
    assert answers[WORLD]["state"] == "feed"
    assert answers[WORLD]["entries"] >= 5
    assert answers[WORLD]["latest"].startswith("2026-09")
    assert answers["https://newsroom.example/feeds/gone.xml"]["problem"]
    assert answers["newsroom, second floor"]["state"] == "failed"
    one = courant("feeds", "check", WORLD, env=environ)
    assert (one.code, len(one.text.splitlines())) == (0, 1)
