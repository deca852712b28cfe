"""When a feed is due again, and why: its own rhythm, what it asks for, and what HTTP says, between two bounds.

Decisions over values: the time comes from outside. `docs/operations.md` ("How often a feed is polled") says the rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from itertools import pairwise
from statistics import median
from typing import Any, Self

SHARE = 12
"""A quiet feed is asked again after this part of the time that it has been quiet."""
REMEMBERED = 8
"""Polls that brought news which a poll restates."""
DATED = 20
"""Entries, the newest, whose dates tell a feed's pace."""
DAY = 24 * 60
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SPREAD = 0.25
"""The part of a wait after a failure that is left to jitter."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Minutes between two polls: at least `floor` (the slot), at most `ceiling`, which is never below the floor.

    `own` is whether the floor was set for this very feed: then it counts for more than what the feed asks for.
    """

    floor: int = 15
    ceiling: int = 360
    own: bool = False


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What a feed's latest poll knew of its rhythm: fields of `FeedPolled` by the same names, in JSON's own types."""

    news: tuple[str, ...] = ()
    pace: int | None = None
    wanted_interval: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    fresh_for: int | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Out of a poll's payload, or of this class as JSON."""
        return cls(
            news=tuple(said.get("news") or ()),
            pace=said.get("pace"),
            wanted_interval=said.get("wanted_interval"),
            skip_hours=tuple(said.get("skip_hours") or ()),
            skip_days=tuple(said.get("skip_days") or ()),
            fresh_for=said.get("fresh_for"),
        )

    def to_fields(self) -> dict[str, Any]:
        """What a poll restates of it."""
        return {
            "news": self.news or None,
            "pace": self.pace,
            "wanted_interval": self.wanted_interval,
            "skip_hours": self.skip_hours or None,
            "skip_days": self.skip_days or None,
            "fresh_for": self.fresh_for,
        }


@dataclass(frozen=True, slots=True)
class Due:
    """When a feed is due: not before `at` (ISO 8601; None: with the next slot), and in `why` how often and why."""

    at: str | None
    why: str


def with_news(rhythm: Rhythm, at: datetime, published: Iterable[str | None], *, first: bool) -> Rhythm:
    """The rhythm after a poll at `at` that brought something new; `published` are the dates of the entries listed.

    What a first poll brings is as old as its newest entry.
    """
    dates = sorted({moment for moment in map(_moment, published) if moment is not None and moment <= at})[-DATED:]
    came = dates[-1] if first and dates else at
    news = (*rhythm.news, _text(came))[-REMEMBERED:]
    distances = _distances(dates)
    if len(distances) < 2:
        distances = _distances([datetime.fromisoformat(moment) for moment in news])
    return replace(rhythm, news=news, pace=round(median(distances)) if len(distances) >= 2 else None)


def after_answer(
    rhythm: Rhythm, bounds: Bounds, *, slot: str, at: datetime, news: bool, first: bool, fresh_until: datetime | None
) -> Due:
    """When a feed that answered at `at`, in `slot`, is due again. `news` is whether it brought something new."""
    wait, why = _usual_wait(rhythm, bounds, at, news=news, first=first)
    wanted = 0 if bounds.own or first else min(rhythm.wanted_interval or 0, bounds.ceiling)
    if wanted > wait:
        wait, why = wanted, "the feed asks for it"
    slots = max(1, wait // bounds.floor)
    start = datetime.fromisoformat(slot)
    due, said = start + timedelta(minutes=slots * bounds.floor), f"{why}: every {spoken(slots * bounds.floor)}"
    later = slots > 1
    if fresh_until is not None and due < fresh_until:
        limit = at + timedelta(minutes=bounds.ceiling)
        due, later = min(fresh_until, limit), True
        said = f"what it sent is fresh until {_clock(fresh_until)}: not before {_clock(due)}"
    allowed = outside(due, rhythm.skip_hours, rhythm.skip_days)
    if allowed > due:
        due, later = allowed, True
        said = f"the feed does not want to be asked then: not before {_clock(due)}"
    return Due(_text(due) if later else None, said)


def _usual_wait(rhythm: Rhythm, bounds: Bounds, at: datetime, *, news: bool, first: bool) -> tuple[int, str]:
    """Minutes, and why: before what the feed asks for."""
    if first:
        return bounds.floor, "first poll"
    if news:
        return bounds.floor, "it brought news"
    quiet = _minutes(at - datetime.fromisoformat(rhythm.news[-1])) if rhythm.news else 0
    pace = rhythm.pace or 0
    wait = min(max(quiet, pace) // SHARE, bounds.ceiling)
    if wait < bounds.floor:
        return bounds.floor, f"quiet for {spoken(quiet)}" if quiet else "no news yet"
    if quiet >= pace:
        return wait, f"quiet for {spoken(quiet)}"
    return wait, f"it usually brings news every {spoken(pace)}"


def after_failure(
    failures: int,
    bounds: Bounds,
    *,
    feed_id: str,
    slot: str,
    at: datetime,
    retry_after: float | None,
) -> Due:
    """When a feed that failed `failures` times in a row is due again.

    Doubling slots from the second failure on, a day at most, less a share of it that differs from feed to feed, so that
    the feeds of one host do not come back together; or not before `retry_after` seconds, where the host named them.
    """
    minutes = min(bounds.floor * 2 ** min(failures - 1, 20), max(DAY, bounds.floor)) if failures > 1 else 0
    chance = jitter(feed_id, slot)
    seconds = minutes * 60 * (1 - SPREAD * chance)
    times = "once" if failures == 1 else f"{failures} times in a row"
    if retry_after and retry_after >= seconds:
        asked = at + timedelta(seconds=retry_after)
        # Not all at once when the pause is over, and never before.
        due = asked + timedelta(seconds=min(retry_after * SPREAD, bounds.floor * 60) * chance)
        return Due(_text(due), f"failed {times}, and the host asked for a pause: not before {_clock(due)}")
    if not seconds:
        return Due(None, f"failed {times}: again with the next slot")
    due = at + timedelta(seconds=seconds)
    return Due(_text(due), f"failed {times}: again after {spoken(_minutes(due - at))}")


def jitter(feed_id: str, slot: str) -> float:
    """A number from 0 up to 1 that is the same for the same feed and slot, and spread evenly over all of them."""
    return int.from_bytes(blake2b(f"{feed_id} {slot}".encode(), digest_size=6).digest()) / 2**48


def outside(moment: datetime, hours: Sequence[int], days: Sequence[str]) -> datetime:
    """The first moment from `moment` on outside of the skipped hours (0 to 23, UTC) and days (`monday` …).

    A feed that skips all hours or all days skips none.
    """
    hours = hours if len(set(hours)) < 24 else ()
    days = days if len(set(days)) < 7 else ()
    found = moment
    for _ in range(8 * 24):
        utc = found.astimezone(UTC)
        if utc.hour not in hours and DAYS[utc.weekday()] not in days:
            return found
        found = utc.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return moment


def spoken(minutes: int) -> str:
    """`45 min`, `6 h`, `3 days`: rounded down where it is long."""
    if minutes < 120 and minutes % 60:
        return f"{minutes} min"
    if minutes < 2 * DAY:
        hours, rest = divmod(minutes, 60)
        return f"{hours} h {rest} min" if rest and hours < 12 else f"{hours} h" if hours else f"{minutes} min"
    return f"{minutes // DAY} days"


def _distances(moments: Sequence[datetime]) -> list[float]:
    """Minutes from each to the next."""
    return [max(0.0, (later - earlier).total_seconds() / 60) for earlier, later in pairwise(moments)]


def _minutes(span: timedelta) -> int:
    return max(0, int(span.total_seconds() // 60))


def _moment(text: str | None) -> datetime | None:
    """A date with a time zone; others say too little to be compared."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _clock(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
