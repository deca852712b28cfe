"""A feed is told of where it is unlike itself, and left alone where it is not, or where too little is known."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sources.health import Day, History, judge, silences, together

USUAL = Day(polls=96, failed=1, entries=40, read=40, empty=2, events=60)
NOON = datetime(2026, 9, 14, 12, tzinfo=UTC)


def history(
    last: Day = USUAL, *, before: Day = USUAL, days: int = 14, silence: float = 1, longest: float = 9
) -> History:
    return History("The Bay", (last, *[before] * days), silence, longest)


def signs(one: History) -> list[str]:
    return [notice.sign for notice in judge(one)]


def changed(**said: int) -> Day:
    return Day(**{**{name: getattr(USUAL, name) for name in ("polls", "failed", "entries", "read", "empty")}, **said})


@pytest.mark.parametrize(
    ("last", "sign"),
    [
        (changed(empty=38), "empty"),
        (changed(failed=60), "failing"),
        (changed(entries=2), "few"),
        (changed(entries=400), "many"),
    ],
)
def test_a_day_unlike_the_others_is_told_with_what_to_do(last: Day, sign: str) -> None:
    [notice] = judge(history(last))
    assert notice.sign == sign
    assert notice.message.startswith("The Bay")
    assert "`" in notice.message or "?" in notice.message


@pytest.mark.parametrize(
    "last",
    [
        USUAL,
        changed(empty=12),  # a bad day, not a new design
        changed(read=4, empty=4),  # too few pages to tell
        changed(entries=15),
        changed(entries=120),
        changed(failed=40),
        changed(polls=3, failed=3),
    ],
)
def test_a_day_that_may_well_be_is_not_told(last: Day) -> None:
    assert signs(history(last)) == []


def test_what_was_always_so_is_not_told() -> None:
    paywalled = changed(empty=39)
    assert signs(history(paywalled, before=paywalled)) == []
    broken = changed(failed=90)
    assert signs(history(broken, before=broken)) == []


@pytest.mark.parametrize(
    ("silence", "longest", "told"),
    [(30, 9, ["silent"]), (13, 9, []), (11, 1, []), (13, 1, ["silent"]), (60, 48, []), (80, 48, ["silent"])],
)
def test_silence_is_held_against_the_longest_before(silence: float, longest: float, told: list[str]) -> None:
    assert signs(history(silence=silence, longest=longest)) == told


@pytest.mark.parametrize("days", range(5))
def test_a_feed_of_a_few_days_is_left_alone(days: int) -> None:
    assert signs(history(changed(empty=40, failed=60), silence=99, days=days)) == []


def test_days_without_a_poll_do_not_count_as_days_without_entries() -> None:
    days = tuple(USUAL if n % 2 == 0 else Day() for n in range(15))
    assert judge(History("The Bay", days, 1, 9)) == ()
    assert judge(History("The Bay", (Day(), *[USUAL] * 14), 99, 9)) == ()


def test_a_silent_feed_that_fails_is_told_as_failing_alone() -> None:
    assert signs(history(changed(failed=96, entries=0, read=0, empty=0), silence=30)) == ["failing"]


def test_silences_are_hours() -> None:
    times = [NOON + timedelta(hours=hour) for hour in (0, 1, 7, 9)]
    assert silences(times, NOON + timedelta(hours=12)) == (3.0, 6.0)
    assert silences(times[:1], NOON + timedelta(hours=2)) == (2.0, None)
    assert silences([], NOON) == (None, None)


def test_a_publisher_speaks_where_one_of_its_feeds_does() -> None:
    quiet, loud = history(silence=40, longest=30), history(silence=1, longest=9)
    both = together("Tide", [quiet, loud])
    assert (both.silence, both.longest_silence, both.last.entries) == (1, 9, 80)
    assert judge(both) == ()


DAYS = st.builds(
    lambda polls, failed, entries, read, empty: Day(polls, min(failed, polls), entries, read, min(empty, read)),
    *[st.integers(0, 300)] * 5,
)


@given(st.lists(DAYS, max_size=20), st.none() | st.floats(0, 500), st.none() | st.floats(0, 500))
def test_any_history_has_an_answer_and_each_sign_once(
    days: list[Day], silence: float | None, longest: float | None
) -> None:
    found = signs(History("x", tuple(days), silence, longest))
    assert len(found) == len(set(found))
    assert not {"few", "many"} <= set(found)


@given(DAYS, st.integers(5, 14))
def test_a_feed_that_is_the_same_every_day_is_never_told_of(day: Day, days: int) -> None:
    assert judge(History("x", (day,) * (days + 1), 1, 1)) == ()
