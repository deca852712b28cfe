"""When a feed is due again: the rules of docs/operations.md, each by itself and together."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.rhythm import Bounds, Due, Rhythm, after_answer, after_failure, jitter, outside, spoken, with_news

SLOT = "2026-09-14T12:00Z"  # a Monday
NOON = datetime(2026, 9, 14, 12, 0, 31, tzinfo=UTC)
BOUNDS = Bounds(15, 360)
FEED = "00000000-0000-0000-0000-000000000001"


def ago(**span: float) -> str:
    return (NOON - timedelta(**span)).isoformat()


def answered(rhythm: Rhythm, bounds: Bounds = BOUNDS, **more: Any) -> Due:
    said: dict[str, Any] = {"slot": SLOT, "at": NOON, "news": False, "first": False, "fresh_until": None, **more}
    return after_answer(rhythm, bounds, **said)


def failed(failures: int, feed: str = FEED, *, wait: float | None = None, slot: str = SLOT) -> Due:
    return after_failure(failures, BOUNDS, feed_id=feed, slot=slot, at=NOON, retry_after=wait)


def minutes(due: Due) -> float:
    """From the start of the slot until it is due; 0 for the next slot, whenever that is."""
    start = datetime.fromisoformat(SLOT)
    return (datetime.fromisoformat(due.at) - start).total_seconds() / 60 if due.at else 0


def test_a_first_poll_and_news_are_followed_by_the_next_slot() -> None:
    assert answered(Rhythm(), first=True) == Due(None, "first poll: every 15 min")
    long_quiet = Rhythm(news=(ago(days=9), ago(days=0)), pace=9 * 24 * 60)
    assert answered(long_quiet, news=True) == Due(None, "it brought news: every 15 min")


@pytest.mark.parametrize(
    ("quiet", "wait", "why"),
    [
        ({"minutes": 15}, 0, "quiet for 15 min: every 15 min"),
        ({"hours": 3}, 0, "quiet for 3 h: every 15 min"),
        ({"hours": 6}, 30, "quiet for 6 h: every 30 min"),
        ({"days": 1}, 120, "quiet for 24 h: every 2 h"),
        ({"days": 3}, 360, "quiet for 3 days: every 6 h"),
        ({"days": 300}, 360, "quiet for 300 days: every 6 h"),
    ],
)
def test_a_quiet_feed_drifts_to_the_ceiling(quiet: dict[str, float], wait: int, why: str) -> None:
    due = answered(Rhythm(news=(ago(**quiet),)))
    assert (minutes(due), due.why) == (wait, why)


def test_a_feed_of_slow_pace_is_not_asked_all_the_time_in_between() -> None:
    due = answered(Rhythm(news=(ago(hours=1),), pace=24 * 60))
    assert (minutes(due), due.why) == (120, "it usually brings news every 24 h: every 2 h")


def test_what_a_feed_asks_for_is_heeded_up_to_the_ceiling_unless_the_feeds_file_says_otherwise() -> None:
    assert minutes(answered(Rhythm(wanted_interval=60), news=True)) == 60
    assert minutes(answered(Rhythm(wanted_interval=10_080), news=True)) == 360
    assert minutes(answered(Rhythm(wanted_interval=5), news=True)) == 0
    assert minutes(answered(Rhythm(wanted_interval=60), first=True)) == 0
    assert minutes(answered(Rhythm(wanted_interval=60), Bounds(15, 360, own=True), news=True)) == 0


def test_what_is_fresh_is_not_asked_for_again_up_to_the_ceiling() -> None:
    until = NOON + timedelta(minutes=50)
    due = answered(Rhythm(), news=True, fresh_until=until)
    assert due.at == until.isoformat()
    assert due.why == "what it sent is fresh until 2026-09-14 12:50 UTC: not before 2026-09-14 12:50 UTC"
    far = answered(Rhythm(), news=True, fresh_until=NOON + timedelta(days=30))
    assert far.at == (NOON + timedelta(hours=6)).isoformat()
    assert answered(Rhythm(), news=True, fresh_until=NOON + timedelta(minutes=2)).at is None


def test_hours_and_days_to_skip_are_skipped_beyond_the_ceiling() -> None:
    night = answered(Rhythm(skip_hours=(12, 13)), news=True)
    assert (night.at, "does not want" in night.why) == ("2026-09-14T14:00:00+00:00", True)
    week = answered(Rhythm(skip_days=("monday", "tuesday")), news=True)
    assert week.at == "2026-09-16T00:00:00+00:00"
    both = answered(Rhythm(skip_hours=(0, 1), skip_days=("monday",)), news=True)
    assert both.at == "2026-09-15T02:00:00+00:00"
    assert answered(Rhythm(skip_hours=tuple(range(24))), news=True).at is None


def test_a_feed_that_brings_something_each_time_stays_at_the_floor_and_comes_back_to_it() -> None:
    """A day of a busy feed, a quiet week, and news again: by the decisions alone, as passes would take them."""
    rhythm, now, polls = Rhythm(), datetime(2026, 9, 1, tzinfo=UTC), []
    due = Due(None, "")
    busy_until, back_at = now + timedelta(days=1), now + timedelta(days=8)
    while now < back_at + timedelta(hours=8):
        if not due.at or datetime.fromisoformat(due.at) <= now:
            news = now < busy_until or (now >= back_at and not any(at >= back_at for at, _ in polls))
            polls.append((now, news))
            rhythm = with_news(rhythm, now, [], first=len(polls) == 1) if news else rhythm
            due = after_answer(
                rhythm,
                BOUNDS,
                slot=f"{now:%Y-%m-%dT%H:%MZ}",
                at=now,
                news=news,
                first=len(polls) == 1,
                fresh_until=None,
            )
        now += timedelta(minutes=15)
    times = [at for at, _ in polls]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    busy = [gap for at, gap in zip(times, gaps, strict=False) if at < busy_until]
    assert set(busy) == {timedelta(minutes=15)}
    assert max(gaps) == timedelta(hours=6)
    quiet = [gap for at, gap in zip(times, gaps, strict=False) if busy_until <= at < back_at - timedelta(hours=6)]
    assert quiet == sorted(quiet)
    found = next(at for at in times if at >= back_at)
    assert found - back_at < timedelta(hours=6)
    assert times[times.index(found) + 1] - found == timedelta(minutes=15)
    assert len(polls) < 200


def test_news_are_remembered_with_the_pace_that_the_entries_dates_tell() -> None:
    dates = [f"2026-09-{day:02}T08:00:00Z" for day in range(5, 12)] + ["2031-01-01T00:00:00Z", None, "2026-09-06"]
    rhythm = with_news(Rhythm(), NOON, dates, first=True)
    assert rhythm == Rhythm(news=("2026-09-11T08:00:00+00:00",), pace=24 * 60)
    later = with_news(rhythm, NOON, dates, first=False)
    assert later.news == ("2026-09-11T08:00:00+00:00", NOON.isoformat())


def test_without_dates_the_polls_that_brought_news_tell_the_pace() -> None:
    rhythm = Rhythm()
    for hours in (30, 20, 10, 0):
        rhythm = with_news(rhythm, NOON - timedelta(hours=hours), [None], first=False)
    assert rhythm.pace == 600
    for _ in range(20):
        rhythm = with_news(rhythm, NOON, [], first=False)
    assert len(rhythm.news) == 8


RHYTHMS = st.builds(
    Rhythm,
    news=st.lists(st.integers(0, 10**6).map(lambda m: ago(minutes=m)), max_size=3).map(tuple),
    pace=st.none() | st.integers(0, 10**6),
    wanted_interval=st.none() | st.integers(1, 10**6),
)


@given(RHYTHMS, st.integers(1, 1440), st.integers(1, 2880), st.booleans(), st.none() | st.integers(0, 10**6))
def test_no_wait_is_shorter_than_the_floor_or_longer_than_the_ceiling(
    rhythm: Rhythm, floor: int, ceiling: int, news: bool, fresh: int | None
) -> None:
    bounds = Bounds(floor, max(floor, ceiling))
    until = NOON + timedelta(seconds=fresh) if fresh is not None else None
    due = answered(rhythm, bounds, news=news, fresh_until=until)
    if due.at is not None:
        assert minutes(due) > floor
        assert datetime.fromisoformat(due.at) <= NOON + timedelta(minutes=bounds.ceiling)
    assert due == answered(rhythm, bounds, news=news, fresh_until=until)


@given(
    st.integers(0, 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sets(st.integers(0, 23)),
    st.sets(st.sampled_from(["monday", "tuesday", "friday", "sunday"])),
)
def test_what_lies_outside_of_what_is_skipped_does(moment: datetime, hours: set[int], days: set[str]) -> None:
    found = outside(moment, tuple(hours), tuple(days))
    assert found >= moment
    if len(hours) < 24:
        assert found.hour not in hours
        assert f"{found:%A}".lower() not in days
        assert found == moment or (found.minute, found.second) == (0, 0)
        assert outside(found, tuple(hours), tuple(days)) == found


def test_a_failing_feed_is_asked_ever_less_often_but_daily() -> None:
    assert failed(1).at is None
    waits = [datetime.fromisoformat(failed(n).at or "") - NOON for n in range(2, 12)]
    assert timedelta(minutes=22) < waits[0] <= timedelta(minutes=30)
    assert waits[:6] == sorted(waits[:6])
    assert all(timedelta(hours=18) - timedelta(seconds=1) <= wait <= timedelta(hours=24) for wait in waits[-3:])
    assert failed(10**6).at is not None


def test_feeds_that_failed_together_do_not_come_back_together() -> None:
    feeds = [f"00000000-0000-0000-0000-{n:012}" for n in range(200)]
    due = sorted({failed(5, feed).at or "" for feed in feeds})
    assert len(due) > 190
    assert datetime.fromisoformat(due[-1]) - datetime.fromisoformat(due[0]) > timedelta(minutes=50)
    assert failed(5, feeds[0]) == failed(5, feeds[0])
    assert failed(5, feeds[0]) != failed(5, feeds[0], slot="2026-09-14T12:15Z")
    assert all(0 <= jitter(feed, SLOT) < 1 for feed in feeds)


def test_a_host_that_names_a_time_is_obeyed_and_never_asked_before() -> None:
    feeds = [f"00000000-0000-0000-0000-{n:012}" for n in range(100)]
    asked = NOON + timedelta(hours=2)
    due = [datetime.fromisoformat(failed(1, feed, wait=7200).at or "") for feed in feeds]
    assert asked <= min(due) < max(due) < asked + timedelta(minutes=15)
    assert len(set(due)) > 80
    assert "asked for a pause" in failed(1, wait=7200).why
    assert failed(9, wait=5).at == failed(9).at


@pytest.mark.parametrize(
    ("given_", "said"),
    [(15, "15 min"), (60, "1 h"), (90, "90 min"), (120, "2 h"), (150, "2 h 30 min"), (1440, "24 h"), (4320, "3 days")],
)
def test_minutes_as_people_say_them(given_: int, said: str) -> None:
    assert spoken(given_) == said
