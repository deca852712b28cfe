from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plan import Chunk, FeedTask, PageTask, chunked, is_due, next_slot, retry_at, slot_of

NOW = datetime(2026, 9, 14, 8, 22, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("interval", "slot"), [(15, "2026-09-14T08:15Z"), (1, "2026-09-14T08:22Z"), (60, "2026-09-14T08:00Z")]
)
def test_a_slot_is_the_last_whole_interval(interval: int, slot: str) -> None:
    assert slot_of(NOW, interval) == slot


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), timezones=st.timezones()),  # noqa: DTZ001 - aware by timezones
    st.integers(1, 1440),
)
def test_a_slot_never_lies_ahead_and_is_the_same_for_all_of_it(now: datetime, interval: int) -> None:
    slot = slot_of(now, interval)
    start = datetime.fromisoformat(slot)
    assert start <= now
    assert slot_of(start, interval) == slot
    assert start < datetime.fromisoformat(next_slot(now, interval))


def test_a_feed_is_due_once_a_slot() -> None:
    state = {"slot": "2026-09-14T08:00Z", "due_at": None, "reason": None}
    assert is_due(None, "2026-09-14T08:15Z", NOW)
    assert is_due(state, "2026-09-14T08:15Z", NOW)
    assert not is_due(state, "2026-09-14T08:00Z", NOW)


def test_a_feed_that_was_put_off_waits() -> None:
    state = {"slot": "2026-09-14T08:00Z", "due_at": (NOW + timedelta(seconds=1)).isoformat(), "reason": None}
    assert not is_due(state, "2026-09-14T08:15Z", NOW)
    assert is_due(state, "2026-09-14T08:15Z", NOW + timedelta(seconds=1))


def test_a_page_is_tried_again_later_and_a_host_that_names_a_time_is_obeyed() -> None:
    assert retry_at(1, NOW, None) == "2026-09-14T08:32:31+00:00"
    assert retry_at(1, NOW, 7200) == "2026-09-14T10:22:31+00:00"
    assert retry_at(1, NOW, 5) == "2026-09-14T08:32:31+00:00"


def test_chunks_hold_everything_once_and_survive_json() -> None:
    feeds = [FeedTask(str(n), f"https://f{n}.example/", "s") for n in range(7)]
    pages = [PageTask(f"https://p.example/{n}") for n in range(5)]
    chunks = chunked(feeds, pages, size_feeds=3, size_pages=2)
    assert [(len(c.feeds), len(c.pages)) for c in chunks] == [(3, 0), (3, 0), (1, 0), (0, 2), (0, 2), (0, 1)]
    assert [f for c in chunks for f in c.feeds] == feeds
    assert [Chunk.from_json(c.to_json()) for c in chunks] == chunks
