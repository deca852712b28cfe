"""The planning projections: what they say, and that a rebuild says the same after any history."""

import shutil
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.envelope import Event
from tests.warehouse.sample_events import activated, captured, discovered, failed, linked, polled
from warehouse import Log

URLS = st.sampled_from(["https://a.example/1", "https://a.example/2", "https://b.example/3"])
FACTS = st.one_of(
    st.builds(
        polled,
        st.sampled_from("ab"),
        st.sampled_from(["2026-09-14T12:00Z", "2026-09-14T12:15Z", "2026-09-14T12:30Z"]),
        etag=st.sampled_from([None, "v1"]),
        failures=st.integers(0, 2),
        outcome=st.sampled_from(["fetched", "unchanged", "failed"]),
    ),
    st.builds(discovered, st.sampled_from("ab"), st.sampled_from("xyz"), URLS),
    st.builds(captured, URLS),
    st.builds(failed, URLS, st.integers(1, 3), final=st.booleans()),
    st.builds(activated, st.sampled_from(["frames@1", "frames@2"]), st.integers(1, 3)),
    st.builds(linked, st.integers(1, 2), st.sampled_from([None, 3, 4]), person=st.booleans()),
)
PLANNED = ("feed_state", "pending_pages", "coder_ranks", "links")


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
        elif event.type == "article_discovered" and url not in settled:
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
