"""`courant capture`, `courant refetch`, `courant reextract`, as a person types them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.captures.store import new_captures
from ingest.captures.values import Captured
from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import PageCaptured
from tests.cli.conftest import Courant
from warehouse import Log

PAGE = "https://news.example/truce"
HOSTILE = b"<p>one \x1b[31m red</p>"


@pytest.fixture
def captured(tmp_path: Path) -> Path:
    """A log with two captures of a page, an hour apart."""
    path = tmp_path / "log"
    with Log.create(path) as log:
        for hour, body in ((10, b"<p>zero</p>"), (11, HOSTILE)):
            at = datetime(2026, 9, 14, hour, tzinfo=UTC)
            page = Captured(PAGE, f"{PAGE}/", 200, (("Content-Type", "text/html"),), body, at)
            with new_captures(log.location.captures, f"run{hour}", at) as captures:
                where = captures.keep(page)
            fact = PageCaptured(
                url=PAGE, final_url=f"{PAGE}/", digest=digest(body), bytes=len(body), capture=where, http_status=200
            )
            log.append([Event.of_fact(fact, Origin(at, "run", "test/1"))])
    return path


def test_the_latest_capture_or_the_one_of_then_byte_for_byte(courant: Courant, captured: Path) -> None:
    assert courant("capture", "show", f"{PAGE}#top", "--log", captured).data == HOSTILE
    assert courant("capture", "show", f"{PAGE}/", "--log", captured).data == HOSTILE
    then = courant("capture", "show", PAGE, "--log", captured, "--at", "2026-09-14T10:30Z", "--headers")
    assert then.data == b"HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n<p>zero</p>"
    before = courant("capture", "show", PAGE, "--log", captured, "--at", "2026-09-14")
    assert (before.code, before.data) == (1, b"")
    assert "courant why" in before.words
    assert courant("capture", "show", PAGE, "--log", captured, "--at", "noon").code == 2


def test_captures_are_listed_and_indexed(courant: Courant, captured: Path) -> None:
    listed = json.loads(courant("capture", "list", PAGE, "--log", captured, "--json").text)
    assert [(one["captured_at"], one["kept"]) for one in listed] == [
        ("2026-09-14T11:00:00Z", "yes"),
        ("2026-09-14T10:00:00Z", "yes"),
    ]
    assert courant("capture", "list", "https://news.example/none", "--log", captured).code == 1
    lines = courant("capture", "index", "--log", captured).text.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["example,news)/truce/", "20260914100000"],
        ["example,news)/truce/", "20260914110000"],
    ]


def test_pruning_says_what_would_go_and_then_takes_it(courant: Courant, captured: Path) -> None:
    asked = courant("capture", "prune", "--log", captured)
    assert asked.code == 2
    assert "--older-than" in asked.words
    assert courant("capture", "prune", "--keep", "much", "--log", captured).code == 2
    size = str(max(file.stat().st_size for file in captured.rglob("*.warc.gz")))
    dry = courant("capture", "prune", "--keep", size, "--dry-run", "--log", captured, "--json")
    assert [file["warc"] for file in json.loads(dry.text)] == ["2026/09/run10.warc.gz"]
    assert len(list(captured.rglob("*.warc.gz"))) == 2
    assert courant("capture", "prune", "--keep", size, "--log", captured).code == 0
    assert [file.name for file in captured.rglob("*.warc.gz")] == ["run11.warc.gz"]
    gone = courant("capture", "show", PAGE, "--log", captured, "--at", "2026-09-14T10:30Z")
    assert gone.code == 1
    assert "pruned" in gone.words
    assert "since pruned" in courant("why", PAGE, "--log", captured, "--json").text


def test_nothing_is_due_to_be_read_again(courant: Courant, captured: Path) -> None:
    env = {"COURANT_CODER": "none"}
    assert courant("reextract", "--dry-run", "--log", captured, "--json", env=env).text.strip() == '{"captures": 0}'
    assert courant("reextract", "--dry-run", "--log", captured, env={"COURANT_CODER": "nobody"}).code == 2
    assert courant("refetch", "not an address", "--log", captured).code == 2
