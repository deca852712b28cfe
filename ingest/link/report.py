"""A report: one event as one article tells it, with what is compared between reports. Values alone, no I/O."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from schemas.world import EVENT_TYPES

DAYS_BEFORE = {
    "contact": 2, "truce": 2, "agreement": 2, "sanctions": 2, "relations": 1, "aid": 2, "force": 1, "captives": 2,
}  # fmt: skip
"""How many days before its publication a report without a day may tell of, by family."""
DAYS_AHEAD = 7
"""How many days after its publication a report of something planned, without a day, may tell of."""
REACH = 7
"""Days that a window may be long by for its report to join one that names its day."""
ONE_SIDED = frozenset(
    {"accusation_made", "demand_made", "demand_rejected", "threat_made", "proposal_made", "proposal_rejected"}
)
"""Types of which one side makes many a day: here the words must be alike too."""
_MUTUAL_FAMILIES = frozenset({"contact", "agreement"})
_MUTUAL = frozenset({"truce_agreed", "truce_extended", "truce_ended", "prisoners_exchanged", "release_planned"})
_DIRECTED = frozenset({"visit_made", "visit_planned", "talks_proposed", "talks_rejected", *ONE_SIDED})
_PLACED = frozenset({"force", "captives"})
_PLACED_TYPES = frozenset(
    {"meeting_held", "meeting_planned", "talks_held", "talks_planned", "visit_made", "visit_planned"}
)
_STOP_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        a about after against all also an and any are as at be been before being but by can could did do does for
        from had has have he her his how if in into is it its more must no not of on or our out over said say says
        she should so some than that the their them then there these they this those through to under until up was
        we were what when which who will with would you your told saying state states
        """,
    )
)
_STEM = 5
"""Letters that a word is known by: "accuses" and "accused" are one word."""


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a report may tell of. `exact` where it names its day."""

    first: date
    last: date
    exact: bool

    @property
    def reaches(self) -> bool:
        """Whether it is short enough for its report to join others than those of the very same window."""
        return (self.last - self.first).days <= REACH


@dataclass(frozen=True, slots=True)
class Report:
    """One event as one article tells it.

    `actors` and `targets` are codes, else ids, of those who take part; all are actors where a type is mutual. `persons`
    are (code, person) pairs. `place` is the folded name of a town or region, `point` its degrees of latitude and
    longitude, `country` its ISO code. `told_at` is the time of publication; `start` orders reports of one article.
    """

    claim_id: UUID
    event_id: UUID
    article_id: UUID
    type: str
    window: Window
    actors: frozenset[str]
    targets: frozenset[str]
    told_at: datetime
    persons: frozenset[tuple[str, str]] = frozenset()
    place: str | None = None
    point: tuple[float, float] | None = None
    country: str | None = None
    words: frozenset[str] = field(default=frozenset())
    conditional: bool = False
    background: bool = False
    text_digest: str | None = None
    start: int = 0
    position: int = 0
    erased: bool = False

    @property
    def parties(self) -> frozenset[str]:
        return self.actors | self.targets

    @property
    def specificity(self) -> int:
        """How much the report says of who and where."""
        return 2 * len(self.parties) + len(self.persons) + (self.place is not None)

    @property
    def order(self) -> tuple[bool, datetime, UUID]:
        """The first of a happening's reports is the earliest that is not history."""
        return (self.background, self.told_at, self.claim_id)


def window(
    type_: str,
    *,
    precision: str | None,
    basis: str | None,
    first: date | None,
    last: date | None,
    published: date | None,
) -> Window | None:
    """The days that a report may tell of, or None where nothing is known of them.

    `first` and `last` bound the event's own date; `basis` is as the catalogue says, or "publication day".
    """
    own = basis not in ("publication", "publication day") and first is not None and last is not None
    if own and first is not None and last is not None:
        if precision == "day":
            return Window(first, last, exact=True)
        return Window(first, last, exact=False)
    day = first or published
    if day is None:
        return None
    spec = EVENT_TYPES[type_].spec
    if spec.planned:
        return Window(day, day + timedelta(days=DAYS_AHEAD), exact=False)
    return Window(day - timedelta(days=DAYS_BEFORE[spec.family]), day, exact=False)


def report(row: Mapping[str, Any]) -> Report | None:
    """A row of the linker's query as a report; None where it cannot be compared with any other."""
    type_, family = row["type"], EVENT_TYPES[row["type"]].spec.family
    days = window(
        type_,
        precision=row["date_precision"],
        basis=row["event_date_basis"],
        first=row["occurred_from"],
        last=row["occurred_to"],
        published=row["published_on"],
    )
    if days is None or (row["background"] and not days.exact):
        return None
    actors, targets, persons = _who(type_, row["participants"] or ())
    placed = family in _PLACED or type_ in _PLACED_TYPES
    place = _place(row) if placed else None
    if not actors and not (placed and place):
        return None
    return Report(
        claim_id=row["claim_id"],
        event_id=row["event_id"],
        article_id=row["article_id"],
        type=type_,
        window=days,
        actors=actors,
        targets=targets,
        told_at=_told_at(row["published"], row["published_on"]),
        persons=persons,
        place=place,
        point=(row["place_lat"], row["place_lon"]) if place and row["place_lat"] is not None else None,
        country=row["place_country"] if placed else None,
        words=_words(row["quote"], row["participants"] or ()) if type_ in ONE_SIDED else frozenset(),
        conditional=row["modality"] == "conditional",
        background=row["background"],
        text_digest=row["text_digest"],
        start=row["quote_start"] or 0,
        position=row["position"],
        erased=row["text_status"] == "erased",
    )


def _who(
    type_: str, participants: Iterable[Mapping[str, Any]]
) -> tuple[frozenset[str], frozenset[str], frozenset[tuple[str, str]]]:
    mutual = (EVENT_TYPES[type_].spec.family in _MUTUAL_FAMILIES or type_ in _MUTUAL) and type_ not in _DIRECTED
    actors: set[str] = set()
    targets: set[str] = set()
    persons: set[tuple[str, str]] = set()
    for one in participants:
        if one["role"] not in ("party", "actor", "target"):
            continue
        key = one["code"] or one["actor_id"] or _fold(one["name"] or "")
        if not key:
            continue
        (targets if one["role"] == "target" and not mutual else actors).add(key)
        if one["kind"] == "person" and one["actor_id"]:
            persons.add((key, one["actor_id"]))
    return frozenset(actors), frozenset(targets), frozenset(persons)


def _place(row: Mapping[str, Any]) -> str | None:
    """The place's name, but for whole countries and unnamed ones, which tell too little."""
    name = _fold(row["place_name"] or "").removeprefix("the ")
    return name if name and (row["place_lat"] is not None or row["place_country"] is None) else None


def _told_at(published: str | None, day: date | None) -> datetime:
    """The time of publication; the end of the day where only that is known, the end of time where not even that."""
    try:
        moment = datetime.fromisoformat(published or "")
    except ValueError:
        moment = None
    if moment is None or (published and len(published) <= len("2026-09-14")):
        return datetime.combine(day, time.max, UTC) if day else datetime.max.replace(tzinfo=UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _words(quote: str | None, participants: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The words of a quote that tell what it is about: neither small words nor who takes part."""
    names = {word for one in participants for word in _fold(one["name"] or "").split()}
    said = _fold(quote or "").split()
    return frozenset(word[:_STEM] for word in said if len(word) > 2 and word not in _STOP_WORDS and word not in names)


def _fold(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain.casefold()))
