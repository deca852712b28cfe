"""`courant feeds …` over the sample newsroom: the list as a person keeps it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.feeds.opml import parse_opml
from samples.newsroom import serve
from schemas.envelope import Event
from schemas.facts import FeedPolled
from schemas.ids import feed_id
from tests.cli.conftest import Courant
from tests.warehouse.sample_events import origin, polled
from warehouse import Log

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


def test_settings_of_a_feeds_own_are_kept_shown_and_changed(
    courant: Courant, environ: dict[str, str], tmp_path: Path
) -> None:
    own = (
        "--interval",
        "60",
        "--header",
        "X-Key: s3cret: word",
        "--allow-host",
        "Newsroom.example",
        "--language",
        "en",
    )
    assert courant("feeds", "add", WORLD, *own, env=environ).code == 0
    [feed] = listed(courant, environ)
    said = {name: feed[name] for name in ("interval", "headers", "allow_hosts", "language", "problem")}
    assert said == {"interval": 60, "headers": "X-Key: …", "allow_hosts": "newsroom.example", "language": "en",
                    "problem": None}  # fmt: skip
    assert "s3cret" not in courant("feeds", "list", "--json", env=environ).text
    changed = courant("feeds", "add", WORLD, "--interval", "30", "--header", "x-key: other", env=environ)
    assert "settings of" in changed.words
    [feed] = listed(courant, environ)
    assert (feed["interval"], feed["headers"], feed["allow_hosts"]) == (30, "x-key: …", "newsroom.example")
    assert "on the list already" in courant("feeds", "add", WORLD, env=environ).words
    exported = tmp_path / "out.opml"
    courant("feeds", "export", "-o", exported, env=environ)
    again = {**environ, "COURANT_FEEDS": str(tmp_path / "again.opml")}
    assert courant("feeds", "import", exported, env=again).code == 0
    assert dict(parse_opml((tmp_path / "again.opml").read_bytes())[0].options.headers) == {"x-key": "other"}


@pytest.mark.parametrize(
    "option",
    [
        ("--interval", "0"),
        ("--header", "X-Key"),
        ("--header", "Host: evil.example"),
        ("--header", "X-Key: a\r\nEvil: s3cret"),
        ("--allow-host", "https://a.example/"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(
    courant: Courant, environ: dict[str, str], option: tuple[str, str]
) -> None:
    done = courant("feeds", "add", WORLD, *option, env=environ)
    assert done.code == 2
    assert "s3cret" not in done.words
    assert not Path(environ["COURANT_FEEDS"]).exists()


def test_who_may_read_the_list_stays_as_it_was(courant: Courant, environ: dict[str, str]) -> None:
    file = Path(environ["COURANT_FEEDS"])
    courant("feeds", "add", WORLD, env=environ)
    file.chmod(0o640)
    courant("feeds", "add", WORLD, "--interval", "30", env=environ)
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_lost_address_is_listed_as_a_problem(courant: Courant, environ: dict[str, str]) -> None:
    Path(environ["COURANT_FEEDS"]).write_text(
        "<opml version='2.0'><body><outline text='Harbour' xmlUrl=''/></body></opml>"
    )
    assert [feed["problem"] for feed in listed(courant, environ)] == ["the outline 'Harbour' has no address (xmlUrl)"]
    assert courant("feeds", "check", env=environ).code == 1


def test_when_a_feed_is_polled_next_and_why(courant: Courant, environ: dict[str, str], tmp_path: Path) -> None:
    gone, quiet, new = (f"https://newsroom.example/{name}" for name in ("gone", "quiet", "new"))
    for url in (gone, quiet, new):
        courant("feeds", "add", url, "--no-ask", env=environ)
    assert {feed["due_why"] for feed in listed(courant, environ)} == {None}, "there is no log yet"
    environ["COURANT_LOG"] = str(tmp_path / "log")
    with Log.create(tmp_path / "log") as log:
        ended = of_feed(gone, outcome="failed", reason="http_410", due_why="gone for good")
        log.append([ended, of_feed(quiet, due_at="2026-09-14T18:00:00+00:00", due_why="quiet for 3 days: every 6 h")])
    found = {feed["url"]: (feed["due_at"], feed["due_why"], feed["outcome"]) for feed in listed(courant, environ)}
    assert found[gone] == (None, "gone for good", "ended")
    assert found[quiet] == ("2026-09-14T18:00:00+00:00", "quiet for 3 days: every 6 h", "fetched")
    assert (found[new][1:]) == ("never polled", None)
    [checked] = [json.loads(line) for line in courant("feeds", "check", quiet, env=environ).text.splitlines()]
    assert checked["due_why"] == "quiet for 3 days: every 6 h"
    warned = courant("status", env=environ).words
    assert f"{gone} is gone for good (410) and polled no more" in warned
    again = courant("feeds", "add", gone, "--no-ask", env=environ)
    assert "is polled again" in again.words
    found = {feed["url"]: (feed["due_at"], feed["due_why"]) for feed in listed(courant, environ)}
    assert found[gone] == ("2026-09-14T12:15:00+00:00", "asked for again after it had gone for good")


def of_feed(url: str, **said: object) -> Event:
    fact = {"feed_id": feed_id(url), "url": url, "slot": "2026-09-14T12:00Z", "outcome": "fetched", **said}
    return Event.of_fact(FeedPolled.model_validate(fact), origin())


def test_what_is_wrong_with_a_host_is_told(courant: Courant, environ: dict[str, str], tmp_path: Path) -> None:
    url = "https://harbour.example/feed.xml"
    courant("feeds", "add", url, "--no-ask", env=environ)
    environ["COURANT_LOG"] = str(tmp_path / "log")
    silent = {
        "outcome": "failed",
        "reason": "timeout",
        "message": "It is silent.",
        "due_why": "failed 3 times in a row",
    }
    with Log.create(tmp_path / "log") as log:
        log.append([polled("harbour", f"2026-09-14T1{n}:00Z", run=f"run-{n}", **silent) for n in range(3)])
    [feed] = listed(courant, environ)
    assert feed["due_why"] == (
        "failed 3 times in a row; its host did not answer in 3 passes in a row and is asked one thing a pass"
    )
    assert "harbour.example did not answer in 3 passes in a row" in courant("status", env=environ).words
    wait = "2999-01-01T00:00:00+00:00"
    with Log.open(tmp_path / "log") as log:
        log.append([polled("harbour", "2026-09-14T16:00Z", host_wait_until=wait, **silent)])
    [feed] = listed(courant, environ)
    assert (feed["due_at"], feed["due_why"]) == (wait, "its host asked to be left alone")
