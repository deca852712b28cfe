"""What is due: decisions over what the log knows, with `now` passed in. When a feed is due again, `rhythm` says."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from ingest.rhythm import Bounds, Rhythm
from schemas.urls import host_of

GONE = "http_410"
"""The reason of a poll that found the feed gone for good."""
OPEN_AFTER = 3
"""Passes in a row in which a host did not answer, after which one request is made first."""

_Task = TypeVar("_Task")


@dataclass(frozen=True, slots=True)
class FeedTask:
    """A feed to poll: where, in which slot, and what its latest poll left behind.

    `url` is its address in the feeds file, `moved_to` where it has moved for good since. `allow_hosts` are the only
    hosts of which its pages are fetched (empty: all). Whether it has `own_headers` is told, not what they are: they are
    secrets, and a plan is a file.
    """

    feed_id: str
    url: str
    slot: str
    etag: str | None = None
    last_modified: str | None = None
    body_digest: str | None = None
    failures: int = 0
    polled_before: bool = False
    polled_at: str | None = None
    problem: str | None = None
    moved_to: str | None = None
    bounds: Bounds = field(default_factory=Bounds)
    rhythm: Rhythm = field(default_factory=Rhythm)
    allow_hosts: tuple[str, ...] = ()
    own_headers: bool = False

    @property
    def start(self) -> datetime:
        """When its slot begins. A poll reckons from there, so that two in one slot that hear the same say the same."""
        return datetime.fromisoformat(self.slot)

    @property
    def host(self) -> str:
        """The host that is asked for it; empty where the URL is none."""
        try:
            return host_of(self.moved_to or self.url)
        except ValueError:
            return ""

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "FeedTask":
        bounds, rhythm = Bounds(**said.get("bounds", {})), Rhythm.of(said.get("rhythm", {}))
        return cls(**{**said, "bounds": bounds, "rhythm": rhythm, "allow_hosts": tuple(said.get("allow_hosts", ()))})


@dataclass(frozen=True, slots=True)
class PageTask:
    """A page to capture: its cleaned URL, and which attempt this is.

    Of a page that is asked for again, `digest` names the body captured last, at `captured_at` (ISO 8601), and `updated`
    the hour in which its feed dates an update, if that is why. `allow_hosts` are the only hosts that may be asked for
    it (empty: all).
    """

    url: str
    attempt: int = 1
    digest: str | None = None
    captured_at: str | None = None
    updated: str | None = None
    allow_hosts: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "PageTask":
        return cls(**{**said, "allow_hosts": tuple(said.get("allow_hosts", ()))})


@dataclass(frozen=True, slots=True)
class Chunk:
    """The work of one collect task. Pages of the hosts in `resting` that its feeds list are left for a later pass."""

    feeds: tuple[FeedTask, ...] = ()
    pages: tuple[PageTask, ...] = ()
    resting: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Chunk":
        return cls(
            feeds=tuple(FeedTask.from_json(feed) for feed in said.get("feeds", ())),
            pages=tuple(PageTask.from_json(page) for page in said.get("pages", ())),
            resting=tuple(said.get("resting", ())),
        )


@dataclass(frozen=True, slots=True)
class Resting:
    """A host that is left alone in a pass, wholly or but for one request, and how many feeds and pages wait for it."""

    host: str
    why: str
    feeds: int = 0
    pages: int = 0


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
    resting: tuple[Resting, ...] = ()

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


def is_due(state: Mapping[str, Any] | None, slot: str, now: datetime, *, resumed: datetime | None = None) -> bool:
    """A feed is due once a slot, and not before the time to which its last poll put it off.

    One that is gone for good (410) is never due, unless the operator has `resumed` it since its last poll.
    """
    if state is None:
        return True
    if state["slot"] >= slot or is_ended(state, resumed):
        return False
    return not state["due_at"] or datetime.fromisoformat(state["due_at"]) <= now


def is_ended(state: Mapping[str, Any], resumed: datetime | None) -> bool:
    """Whether the last poll found the feed gone for good, and the operator has not asked for it again since."""
    return state["reason"] == GONE and (resumed is None or resumed <= state["polled_at"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked in a pass, and which hosts rest."""

    feeds: tuple[FeedTask, ...]
    pages: tuple[PageTask, ...]
    resting: tuple[Resting, ...] = ()


def asked(
    feeds: Sequence[FeedTask], pages: Sequence[PageTask], hosts: Iterable[Mapping[str, Any]], now: datetime
) -> Asked:
    """Of what is due, what is asked: nothing of hosts that asked for a pause, one thing of those that do not answer.

    `hosts` are those in trouble (`warehouse.Log.host_states`). Of one that does not answer (the circuit is half open),
    the feed that failed least often is asked for, else such a page. What waits is due in the next pass as it is now,
    and no attempt is counted.
    """
    troubled = {str(row["host"]): row for row in hosts if _rests(row, now)}
    if not troubled:
        return Asked(tuple(feeds), tuple(pages))
    waiting_feeds: Counter[str] = Counter()
    waiting_pages: Counter[str] = Counter()
    for feed in feeds:
        waiting_feeds[feed.host] += feed.host in troubled
    for page in pages:
        waiting_pages[host_of(page.url)] += host_of(page.url) in troubled
    probes: dict[str, FeedTask | PageTask] = {}
    likeliest: list[FeedTask | PageTask] = [
        *sorted(feeds, key=lambda feed: feed.failures),
        *sorted(pages, key=lambda page: page.attempt),
    ]
    for probe in likeliest:
        host = probe.host if isinstance(probe, FeedTask) else host_of(probe.url)
        if host in troubled and not is_paused(troubled[host], now):
            probes.setdefault(host, probe)
    chosen = set(map(id, probes.values()))
    for host, probe in probes.items():
        (waiting_feeds if isinstance(probe, FeedTask) else waiting_pages)[host] -= 1
    return Asked(
        tuple(feed for feed in feeds if feed.host not in troubled or id(feed) in chosen),
        tuple(page for page in pages if host_of(page.url) not in troubled or id(page) in chosen),
        tuple(
            Resting(host, _why(row, now), waiting_feeds[host], waiting_pages[host])
            for host, row in sorted(troubled.items())
        ),
    )


def _rests(host: Mapping[str, Any], now: datetime) -> bool:
    return int(host["passes"]) >= OPEN_AFTER or is_paused(host, now)


def is_paused(host: Mapping[str, Any], now: datetime) -> bool:
    """Whether a host in trouble asked for a pause that is not over."""
    return bool(host["wait_until"]) and datetime.fromisoformat(host["wait_until"]) > now


def _why(host: Mapping[str, Any], now: datetime) -> str:
    if is_paused(host, now):
        return f"asked to be left alone until {host['wait_until']}"
    return f"did not answer in {host['passes']} passes in a row ({host['reason']}): one request first"


def retry_at(attempt: int, now: datetime, retry_after: float | None) -> str:
    """When to try a page again after its `attempt`-th failure: 10 minutes, 1 hour, 6 hours, or as the host asks."""
    minutes = (10, 60, 360)[min(attempt, 3) - 1]
    return (now + timedelta(seconds=max(minutes * 60, retry_after or 0))).isoformat(timespec="seconds")


def chunked(
    feeds: Sequence[FeedTask],
    pages: Sequence[PageTask],
    *,
    size_feeds: int,
    size_pages: int,
    resting: Sequence[str] = (),
) -> list[Chunk]:
    """Chunks of at most so many feeds or pages, each kind by itself."""
    return [
        *(Chunk(feeds=part, resting=tuple(resting)) for part in _parts(feeds, size_feeds)),
        *(Chunk(pages=part) for part in _parts(pages, size_pages)),
    ]


def _parts(items: Sequence[_Task], size: int) -> Iterator[tuple[_Task, ...]]:
    for start in range(0, len(items), size):
        yield tuple(items[start : start + size])
