"""What the steps of a pass came to, as values: counts, and what a person should hear of."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

from ingest.link.linker import LinkReport
from ingest.plan import Plan
from schemas.envelope import Event
from schemas.world import EVENT_TYPES


@dataclass(frozen=True, slots=True)
class CollectReport:
    """What one chunk's collecting came to; `notes` are one line for each feed that failed.

    `feeds_waiting` and `pages_waiting` were not asked for, because their host is left alone for now.
    """

    chunk: str
    feeds_fetched: int
    feeds_unchanged: int
    feeds_failed: int
    entries_new: int
    pages_captured: int
    pages_failed: int
    pages_unchanged: int = 0
    feeds_waiting: int = 0
    pages_waiting: int = 0
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What reading came to: pages read, and how many of them hold no article."""

    pages: int = 0
    articles: int = 0
    skipped: int = 0
    events: int = 0

    def plus(self, page: Sequence[Event]) -> "ReadReport":
        """With the events of one page more."""
        return ReadReport(
            pages=self.pages + 1,
            articles=self.articles + any(event.type == "article_extracted" for event in page),
            skipped=self.skipped + any(event.type == "article_skipped" for event in page),
            events=self.events + sum(event.type in EVENT_TYPES for event in page),
        )

    def __add__(self, other: "ReadReport") -> "ReadReport":
        return ReadReport(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AppendedReport:
    """What the log took in: new rows by type, rows that it held already, ids that came again saying something else."""

    added: int = 0
    known: int = 0
    conflicts: int = 0
    by_type: Mapping[str, int] = field(default_factory=dict)
    head: int = 0

    def __add__(self, other: "AppendedReport") -> "AppendedReport":
        types = sorted({*self.by_type, *other.by_type})
        return AppendedReport(
            self.added + other.added,
            self.known + other.known,
            self.conflicts + other.conflicts,
            {type_: self.by_type.get(type_, 0) + other.by_type.get(type_, 0) for type_ in types},
            max(self.head, other.head),
        )

    @property
    def world_events(self) -> int:
        return sum(count for type_, count in self.by_type.items() if type_ in EVENT_TYPES)

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "by_type": dict(self.by_type), "world_events": self.world_events}


@dataclass(frozen=True, slots=True)
class RunReport:
    """One pass, whole."""

    run_id: str
    plan: Plan
    collected: tuple[CollectReport, ...]
    read: ReadReport
    appended: AppendedReport
    linked: LinkReport = field(default_factory=LinkReport)

    def to_json(self) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "plan": self.plan.to_json(),
            "collected": [report.to_json() for report in self.collected],
            "read": self.read.to_json(),
            "appended": self.appended.to_json(),
            "linked": self.linked.to_json(),
        }
