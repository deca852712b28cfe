"""What is due: pure decisions over what the log knows, with `now` passed in."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

_Task = TypeVar("_Task")


@dataclass(frozen=True, slots=True)
class FeedTask:
    """A feed to poll: where, in which slot, and what its latest poll left behind."""

    feed_id: str
    url: str
    slot: str
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    failures: int = 0
    polled_before: bool = False
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page to capture: its cleaned URL, and which attempt this is.

    Of a page that is asked for again, `digest` names the body captured last, at `captured_at` (ISO 8601).
    """

    url: str
    attempt: int = 1
    digest: str | None = None
    captured_at: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """The work of one collect task."""

    feeds: tuple[FeedTask, ...] = ()
    pages: tuple[PageTask, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Chunk":
        return cls(
            feeds=tuple(FeedTask(**feed) for feed in said.get("feeds", ())),
            pages=tuple(PageTask(**page) for page in said.get("pages", ())),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What one pass does: names of the chunks in the spool, and how much is in them."""

    run_id: str
    chunks: tuple[str, ...]
    feeds: int
    feeds_due: int
    pages_due: int
    next_due: str | None = None
    problems: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def slot_of(now: datetime, interval: int) -> str:
    """The slot that `now` falls into: the last whole multiple of `interval` minutes since midnight UTC."""
    utc = now.astimezone(UTC)
    minutes = (utc.hour * 60 + utc.minute) // interval * interval
    return f"{utc:%Y-%m-%d}T{minutes // 60:02}:{minutes % 60:02}Z"


def next_slot(now: datetime, interval: int) -> str:
    """When the next slot begins."""
    return slot_of(datetime.fromisoformat(slot_of(now, interval)) + timedelta(minutes=interval), interval)


def is_due(state: Mapping[str, Any] | None, slot: str, now: datetime) -> bool:
    """A feed is due once a slot, and not before the time to which its last poll put it off."""
    if state is None:
        return True
    if state["slot"] >= slot:
        return False
    return not state["due_at"] or datetime.fromisoformat(state["due_at"]) <= now


def put_off(failures: int, interval: int, now: datetime, retry_after: float | None) -> str | None:
    """When to poll a failing feed again: doubling slots from the second failure on, a day at most, or as it asks."""
    minutes = min(interval * 2 ** (failures - 1), 24 * 60) if failures > 1 else 0
    seconds = max(minutes * 60, retry_after or 0)
    return (now + timedelta(seconds=seconds)).isoformat(timespec="seconds") if seconds else None


def retry_at(attempt: int, now: datetime, retry_after: float | None) -> str:
    """When to try a page again after its `attempt`-th failure: 10 minutes, 1 hour, 6 hours, or as the host asks."""
    minutes = (10, 60, 360)[min(attempt, 3) - 1]
    return (now + timedelta(seconds=max(minutes * 60, retry_after or 0))).isoformat(timespec="seconds")


def chunked(feeds: Sequence[FeedTask], pages: Sequence[PageTask], *, size_feeds: int, size_pages: int) -> list[Chunk]:
    """Chunks of at most so many feeds or pages, each kind by itself."""
    return [
        *(Chunk(feeds=part) for part in _parts(feeds, size_feeds)),
        *(Chunk(pages=part) for part in _parts(pages, size_pages)),
    ]


def _parts(items: Sequence[_Task], size: int) -> Iterator[tuple[_Task, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
