"""The planning projections: what they say, and that a rebuild says the same after any history."""

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.envelope import Event
from tests.warehouse.sample_events import NOON, activated, captured, discovered, failed, linked, listed, polled
from warehouse import Log

URLS = st.sampled_from(["https://a.example/1", "https://a.example/2", "https://b.example/3"])
MINUTES = st.sampled_from([0, 5, 20])
RUNS = st.sampled_from(["run-1", "run-2", "run-3"])
FACTS = st.one_of(
    st.builds(
        polled,
        st.sampled_from("ab"),
        st.sampled_from(["2026-09-14T12:00Z", "2026-09-14T12:15Z", "2026-09-14T12:30Z"]),
        etag=st.sampled_from([None, "v1"]),
        failures=st.integers(0, 2),
        outcome=st.sampled_from(["fetched", "unchanged", "failed"]),
        reason=st.sampled_from([None, "timeout", "http_429"]),
        host_wait_until=st.sampled_from([None, "2026-09-14T12:10:00+00:00"]),
        at=MINUTES,
        run=RUNS,
    ),
    st.builds(
        discovered,
        st.sampled_from("ab"),
        st.sampled_from("xyz"),
        URLS,
        refused=st.sampled_from([None, None, "host_not_allowed"]),
    ),
    st.builds(captured, URLS, at=MINUTES, run=RUNS, via=st.sampled_from(["live", "backfill"])),
    st.builds(
        failed,
        URLS,
        st.integers(1, 3),
        final=st.booleans(),
        at=MINUTES,
        run=RUNS,
        reason=st.sampled_from(["timeout", "dns", "http_404"]),
    ),
    st.builds(activated, st.sampled_from(["frames@1", "frames@2"]), st.integers(1, 3)),
    st.builds(listed, st.sampled_from("ab"), st.sampled_from(["a.example", "b.example"])),
    st.builds(linked, st.integers(1, 2), st.sampled_from([None, 3, 4]), person=st.booleans()),
)
PLANNED = ("feed_state", "pending_pages", "host_state", "coder_ranks", "links", "publishers")


def planned(log: Log) -> dict[str, list[tuple]]:
    return {name: sorted(log.query(f"SELECT * FROM proj.{name}"), key=repr) for name in PLANNED}


def expected_pending(history: list[Event]) -> dict[str, int]:
    """URL to attempts, told plainly: one event after the other."""
    pending: dict[str, int] = {}
    settled: set[str] = set()
    seen: set[str] = set()
    for event in history:
        if str(event.event_id) in seen:
            continue
        seen.add(str(event.event_id))
        url = event.stream.removeprefix("page:")
        if event.type == "page_captured" or (event.type == "capture_failed" and '"final":true' in event.payload):
            settled.add(url)
            pending.pop(url, None)
        elif event.type == "article_discovered" and url not in settled and "host_not_allowed" not in event.payload:
            pending.setdefault(url, 0)
        elif event.type == "capture_failed" and url in pending:
            pending[url] = max(pending[url], int(event.payload.split('"attempt":')[1][0]))
    return pending


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(FACTS, min_size=1, max_size=8), min_size=1, max_size=4))
def test_g6_projections_equal_a_rebuild(
    new_log: Callable[..., Path], tmp_path: Path, batches: list[list[Event]]
) -> None:
    shutil.rmtree(tmp_path / "log", ignore_errors=True)
    with Log.open(new_log()) as log:
        for batch in batches:
            log.append(batch)
        grown = planned(log)
        history = [event for batch in batches for event in batch]
        assert {row["url"]: row["attempts"] for row in log.pending_pages()} == expected_pending(history)
        log.rebuild_projections()
        assert planned(log) == grown


def test_a_feeds_state_is_its_latest_slot_whichever_came_last(log: Log) -> None:
    log.append([polled("a", "2026-09-14T12:30Z", etag="new", failures=0)])
    log.append([polled("a", "2026-09-14T12:00Z", etag="old", failures=3)])
    [state] = log.feed_states()
    assert (state["slot"], state["etag"], state["failures"]) == ("2026-09-14T12:30Z", "new", 0)


def test_a_page_is_pending_until_it_is_settled_and_never_again(log: Log) -> None:
    url = "https://a.example/1"
    log.append([discovered("a", "x", url), failed(url, 1)])
    assert [(row["url"], row["attempts"], row["reason"]) for row in log.pending_pages()] == [(url, 1, "timeout")]
    log.append([failed(url, 2, final=True)])
    log.append([discovered("b", "y", url)])
    assert log.pending_pages() == []


def test_a_page_refused_to_one_feed_is_brought_by_another(log: Log) -> None:
    url = "https://a.example/1"
    log.append([discovered("a", "x", url, refused="host_not_allowed")])
    assert log.pending_pages() == []
    log.append([discovered("b", "x", url)])
    assert [row["url"] for row in log.pending_pages()] == [url]


def test_a_feeds_state_holds_its_latest_poll_whole(log: Log) -> None:
    log.append([polled("a", "2026-09-14T12:30Z", due_why="quiet", news=("2026-09-14T12:00:00+00:00",))])
    [state] = log.feed_states()
    said = json.loads(state["said"])
    assert (said["due_why"], said["news"]) == ("quiet", ["2026-09-14T12:00:00+00:00"])


def test_a_host_in_trouble_is_counted_by_passes_and_forgotten_once_it_answers(log: Log) -> None:
    page = "https://a.example/1"
    log.append([failed(page, 1), failed(f"{page}2", 1, reason="http_503", http_status=503, at=1)])
    log.append([polled("a", "2026-09-14T12:15Z", outcome="failed", reason="dns", message="No.", at=15, run="run-2")])
    [state] = log.host_states()
    assert (state["host"], state["passes"], state["run_id"], state["reason"]) == ("a.example", 2, "run-2", "dns")
    assert state["last_at"] - state["since"] == timedelta(minutes=15)
    log.append([failed("https://b.example/", 1, run="run-3", host="a.example")])
    assert [(row["host"], row["passes"]) for row in log.host_states()] == [("a.example", 3)]
    log.append([captured(page, run="run-3", via="backfill")])
    assert log.host_states(), "an archive tells nothing of the host"
    log.append([failed(f"{page}3", 1, reason="http_404", http_status=404)])
    assert log.host_states() == [], "whoever says that there is no such page is up"


def test_a_pause_that_a_host_asked_for_outlives_an_answer(log: Log) -> None:
    until = (NOON + timedelta(minutes=30)).isoformat()
    asked = {"outcome": "failed", "reason": "http_429", "http_status": 429, "host_wait_until": until}
    log.append([polled("a", "2026-09-14T12:00Z", **asked), captured("https://a.example/1", at=1)])
    assert [(row["passes"], row["wait_until"]) for row in log.host_states()] == [(0, until)]
    log.append([captured("https://a.example/2", at=31)])
    assert log.host_states() == []


def test_a_coders_rank_is_its_greatest(log: Log) -> None:
    log.append([activated("frames@1", 1), activated("frames@2", 2), activated("frames@1", 3)])
    assert log.coder_ranks() == {"frames@1": 3, "frames@2": 2}


def test_a_link_is_the_last_decision_about_its_report(log: Log) -> None:
    log.append([linked(1, 3), linked(2, 3), linked(1, None)])
    log.append([linked(2, 4)])
    found = log.query("SELECT claim_id, happening_id, position FROM proj.links ORDER BY claim_id")
    assert found == [(UUID(int=1), None, 3), (UUID(int=2), UUID(int=4), 4)]


def test_a_deleted_projection_is_made_again(log: Log) -> None:
    log.append([polled("a", "2026-09-14T12:30Z"), discovered("a", "x", "https://a.example/1"), activated("c@1", 1)])
    before = planned(log)
    with log.writing("harm") as con:
        for name in PLANNED:
            con.execute(f"DELETE FROM proj.{name}")
    log.rebuild_projections()
    assert planned(log) == before
