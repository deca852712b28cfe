"""`courant why`: every turn that a page's way can take, told from the log."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.digests import digest
from schemas.envelope import Event
from schemas.facts import ArticleCopied, PageCaptured
from tests.cli.conftest import Courant
from tests.warehouse.sample_events import NOON, call_article, discovered, failed, origin, polled
from warehouse import Log
from warehouse.erase import erase, find_url

CALL, LATE, DEAD = "https://a.example/call", "https://a.example/late", "https://a.example/dead"


@pytest.fixture
def told(courant: Courant, tmp_path: Path) -> Courant:
    with Log.create(tmp_path / "log") as log:
        log.append([polled("a", "2026-09-14T10:00Z")])
        log.append([discovered("a", "e1", CALL), discovered("a", "e2", LATE), discovered("a", "e3", DEAD)])
        log.append([failed(LATE, 1), failed(DEAD, 1, final=True)])
        log.append(call_article(CALL))
    return lambda url: courant("why", url, "--log", tmp_path / "log", "--json")


def steps(told: Courant, url: str) -> tuple[list[str], str, str]:
    done = told(url)
    said = json.loads(done.text)
    assert done.code == (0 if said["steps"] else 1)
    return [step["type"] for step in said["steps"]], said["steps"][-1]["told"] if said["steps"] else "", said["next"]


def test_a_page_that_was_coded(told: Courant) -> None:
    types, last, after = steps(told, f"{CALL}?utm_source=mail#top")
    assert types == ["article_discovered", "page_captured", "article_extracted", "coding_completed"]
    assert "call_held" in last
    assert after.startswith("Nothing")


def test_a_page_that_is_still_to_come_and_one_that_was_given_up(told: Courant) -> None:
    types, last, after = steps(told, LATE)
    assert types == ["article_discovered", "capture_failed"]
    assert "attempt 1" in last
    assert "attempt 2 of 4" in after
    types, last, after = steps(told, DEAD)
    assert "given up" in last
    assert "courant backfill" in after


def test_a_page_that_waits_for_its_host_and_one_that_is_refused(told: Courant, tmp_path: Path) -> None:
    page, other = "https://b.example/1", "https://c.example/1"
    with Log.open(tmp_path / "log") as log:
        log.append([discovered("a", "e4", page), discovered("a", "e5", other, refused="host_not_allowed")])
        log.append([failed("https://b.example/2", 1, run="run-2", reason="dns", final=True)])
    assert "Its host b.example has not answered since 1 pass: It did not answer." in steps(told, page)[2]
    pause = {"reason": "http_429", "http_status": 429, "host_wait_until": "2026-09-14T14:00:00+00:00"}
    with Log.open(tmp_path / "log") as log:
        log.append([failed("https://b.example/2", 2, reason="http_404", http_status=404)])
        log.append([failed("https://b.example/3", 1, **pause)])
    assert "b.example asked to be left alone until 2026-09-14T14:00:00+00:00" in steps(told, page)[2]
    _, last, after = steps(told, other)
    assert "its host is not among those allowed" in last
    assert "no feed that names it may have it fetched" in after


def test_a_page_that_nobody_named(told: Courant) -> None:
    assert steps(told, "https://a.example/never")[0] == []
    assert "no feed has named it" in steps(told, "https://a.example/never")[2]
    assert told("not an address").code == 2


def test_a_copy_names_its_original(told: Courant, tmp_path: Path) -> None:
    first = call_article(CALL)
    other = call_article("https://b.example/call")
    one, two = (next(e for e in events if e.type == "article_extracted") for events in (first, other))
    assert one.article_id is not None
    assert two.article_id is not None
    said = ArticleCopied(
        article_id=two.article_id, copy_of=one.article_id, containment=0.93, text_digest="t", original_digest="t"
    )
    with Log.open(tmp_path / "log") as log:
        log.append([*other, Event.of_fact(said, origin(5))])
    types, last, _ = steps(told, "https://b.example/call")
    assert types[-1] == "article_copied"
    assert last == f"carries 93% of the text of {CALL}: one source with it"


def test_the_same_text_elsewhere_and_an_erasure(told: Courant, tmp_path: Path) -> None:
    with Log.open(tmp_path / "log") as log:
        log.append(call_article("https://b.example/copy"))
    assert "https://b.example/copy" in steps(told, CALL)[2]
    with Log.open(tmp_path / "log") as log:
        erase(log, find_url(log, CALL), reason="request", now=NOON + timedelta(days=1), run_id="erase-1")
    types, _, after = steps(told, CALL)
    assert "content_erased" in types
    assert "erased" in after


def test_a_redirected_page_is_found_by_either_address(courant: Courant, tmp_path: Path) -> None:
    with Log.create(tmp_path / "log") as log:
        fact = PageCaptured(
            url="https://go.example/1", final_url="https://a.example/story", digest=digest("body"), bytes=4
        )
        log.append([Event.of_fact(fact, origin(0))])
    for url in ("https://go.example/1", "https://a.example/story"):
        assert "page_captured" in courant("why", url, "--log", tmp_path / "log").text
