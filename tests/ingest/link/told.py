"""Reports for the tests of linking: what an outlet says, in a few words."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from ingest.link.report import Report, Window, window
from schemas.ids import natural_id

PLACES = {"port elsa": (61.0, 7.0), "the harbour town": (61.1, 7.1), "grenfurt": (59.0, 12.0)}
"""Degrees of latitude and longitude; a region has none."""
MONDAY = date(2026, 9, 14)


def claim(outlet: str) -> UUID:
    return natural_id("test claim", outlet)


def day(offset: int) -> date:
    return MONDAY + timedelta(days=offset)


def told(
    outlet: str,
    type_: str = "call_held",
    *,
    by: str = "NOR OST",
    to: str = "",
    on: int | None = 0,
    published: int = 0,
    hour: int = 12,
    persons: str = "",
    place: str | None = None,
    words: str = "",
    digest: str | None = None,
    conditional: bool = False,
    article: str | None = None,
) -> Report:
    """`on` and `published` are days after `MONDAY`; `on` None where the report names no day."""
    days = window(
        type_,
        precision="day" if on is not None else None,
        basis="relative" if on is not None else "publication day",
        first=day(on) if on is not None else None,
        last=day(on) if on is not None else None,
        published=day(published),
    )
    assert isinstance(days, Window)
    return Report(
        claim_id=claim(outlet),
        event_id=natural_id("test event", outlet),
        article_id=natural_id("test article", article or outlet),
        type=type_,
        window=days,
        actors=frozenset(by.split()),
        targets=frozenset(to.split()),
        told_at=datetime.combine(day(published), datetime.min.time(), UTC) + timedelta(hours=hour),
        persons=frozenset((pair.split(":")[0], pair) for pair in persons.split()),
        place=place,
        point=PLACES.get(place) if place else None,
        words=frozenset(words.split()),
        conditional=conditional,
        text_digest=digest,
    )
