"""Does a feed behave like itself? Its last day held against the fourteen before it. Values in, sentences out; no I/O.

The rules are few and plain, so that a person can check them (docs/sources.md): a redesign that empties every page, a
feed that falls silent, or one that sends much more or less than ever are told; a feed about which too little is known
is left alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Literal

PAST = 14
"""Days that the last one is held against."""
LEAST_DAYS = 5
"""Days of the past that a feed must have been polled on to be judged."""
LEAST_PAGES, LEAST_PAGES_BEFORE = 5, 20
"""Pages read in the last day, and before, for a word on how many held no article."""
EMPTY, EMPTIER = 0.5, 0.3
"""Share of pages without an article, and by how much it must have risen."""
SHORTEST_SILENCE = 12.0
"""Hours."""
LONGER = 1.5
"""Times the longest silence before."""
LEAST_ENTRIES = 10
"""Entries on a usual day, for a word on their number."""
TIMES = 4
"""Times more, or less, than on a usual day."""
LEAST_POLLS = 4
"""Polls of the last day, for a word on how many failed."""
FAILED, FAILED_BEFORE = 0.5, 0.2
"""Share of polls that failed in the last day, and at most before."""

Sign = Literal["failing", "empty", "silent", "few", "many"]


@dataclass(frozen=True, slots=True)
class Day:
    """What came of a feed in 24 hours. `read` pages were looked into, `empty` ones of them held no article."""

    polls: int = 0
    failed: int = 0
    entries: int = 0
    read: int = 0
    empty: int = 0
    events: int = 0

    @property
    def articles(self) -> int:
        return self.read - self.empty

    def __add__(self, other: "Day") -> "Day":
        return Day(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Day)))


@dataclass(frozen=True, slots=True)
class History:
    """A feed, or all of a publisher's: its days, the last one first; hours since its last new entry, and the longest
    such silence before it. A day on which it was not polled has no polls."""

    name: str
    days: tuple[Day, ...]
    silence: float | None = None
    longest_silence: float | None = None

    @property
    def last(self) -> Day:
        return self.days[0] if self.days else Day()

    @property
    def past(self) -> tuple[Day, ...]:
        """The days before, of those on which it was polled."""
        return tuple(day for day in self.days[1 : PAST + 1] if day.polls)

    @property
    def whole(self) -> Day:
        """All days together."""
        return sum(self.past, self.last)

    def a_day(self, what: str) -> float | None:
        """The median of a number over the days on which it was polled; None where there is none."""
        polled = [getattr(day, what) for day in (self.last, *self.past) if day.polls]
        return float(median(polled)) if polled else None


@dataclass(frozen=True, slots=True)
class Notice:
    """What is unlike before: a sign, and a sentence for a person."""

    sign: Sign
    message: str


def judge(history: History) -> tuple[Notice, ...]:
    """In what `history` is unlike itself; nothing where too little is known."""
    if len(history.past) < LEAST_DAYS or not history.last.polls:
        return ()
    before = sum(history.past, Day())
    return tuple(filter(None, (_failing(history, before), _empty(history, before), _silent(history), _number(history))))


def silences(times: Sequence[datetime], until: datetime) -> tuple[float | None, float | None]:
    """Hours from the last of `times` (ascending) to `until`, and the longest between two of them; None for none."""
    gaps = [_hours(earlier, later) for earlier, later in pairwise(times)]
    return (_hours(times[-1], until) if times else None), (max(gaps) if gaps else None)


def together(name: str, histories: Iterable[History]) -> History:
    """The histories of several feeds as one: of a publisher that has a new entry where one of its feeds has."""
    known = list(histories)
    length = max((len(one.days) for one in known), default=0)
    days = [sum((one.days[n] for one in known if n < len(one.days)), Day()) for n in range(length)]
    quiet = [one.silence for one in known if one.silence is not None]
    longest = [one.longest_silence for one in known if one.longest_silence is not None]
    return History(name, tuple(days), min(quiet, default=None), min(longest, default=None))


def share(part: int, whole: int) -> float | None:
    """`part` of `whole`, or None of nothing."""
    return part / whole if whole else None


def _failing(history: History, before: Day) -> Notice | None:
    last = history.last
    if last.polls < LEAST_POLLS or last.failed < FAILED * last.polls or before.failed > FAILED_BEFORE * before.polls:
        return None
    then = before.failed / before.polls
    return Notice(
        "failing",
        f"{history.name} failed {last.failed} of {last.polls} polls in the last day, {then:.0%} of them before:"
        " `courant feeds check` asks it once",
    )


def _empty(history: History, before: Day) -> Notice | None:
    last = history.last
    if last.read < LEAST_PAGES or before.read < LEAST_PAGES_BEFORE:
        return None
    now, then = last.empty / last.read, before.empty / before.read
    if now < EMPTY or now < then + EMPTIER:
        return None
    return Notice(
        "empty",
        f"{history.name}: {last.empty} of {last.read} pages of the last day held no article, {then:.0%} before: has the"
        " site a new design? `courant why URL` tells of one page",
    )


def _silent(history: History) -> Notice | None:
    quiet, usual = history.silence, history.longest_silence
    if quiet is None or usual is None or quiet <= max(SHORTEST_SILENCE, LONGER * usual):
        return None
    if history.last.failed == history.last.polls:
        return None  # it says nothing at all: that it fails is told
    return Notice(
        "silent",
        f"{history.name} has had nothing new for {quiet:.0f} hours, at most {usual:.0f} before: does it still stand at"
        " this address?",
    )


def _number(history: History) -> Notice | None:
    counts, now = [day.entries for day in history.past], history.last.entries
    usual = median(counts)
    if usual < LEAST_ENTRIES or history.last.failed > history.last.polls / 2:
        return None
    said = f"{history.name} had {now} new entries in the last day, {usual:.0f} on a usual one"
    if now * TIMES < usual and now < min(counts):
        return Notice("few", f"{said}: `courant feeds check` tells what it has now")
    if now > usual * TIMES and now > max(counts):
        return Notice("many", f"{said}: is it the same feed?")
    return None


def _hours(earlier: datetime, later: datetime) -> float:
    return (later - earlier).total_seconds() / 3600
