"""The row of the event log: an id, a stream, when, by whom, and a payload."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from schemas.dates import bounds, day_of, precision
from schemas.facts import Fact
from schemas.world import WorldEvent


@dataclass(frozen=True, slots=True)
class Origin:
    """Who observed something, when, in which run. Never part of an id."""

    observed_at: datetime
    run_id: str
    producer: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event on its way into the log. Position, commit and `recorded_at` are given by the append.

    `payload` is what the event says; `detail` holds the circumstances of this telling, which are never compared.

    `article_id`, `feed_id`, `event_date` and `actors` repeat what is filtered on, as typed columns. `texts` are the
    texts that the payload names by digest: they travel with the event, and are stored apart from it.
    """

    event_id: UUID
    stream: str
    type: str
    schema_version: int
    observed_at: datetime
    run_id: str
    producer: str
    causation_id: UUID | None
    payload: str
    detail: str | None = None
    article_id: UUID | None = None
    feed_id: UUID | None = None
    event_date: date | None = None
    actors: tuple[str, ...] = field(default=())
    texts: tuple[str, ...] = field(default=())

    @classmethod
    def of_fact(cls, fact: Fact, origin: Origin, causation_id: UUID | None = None, texts: tuple[str, ...] = ()) -> Self:
        said = fact.model_dump(mode="json", exclude={"type"}, exclude_none=True)
        detail = {key: said.pop(key) for key in fact.circumstances if key in said}
        return cls(
            event_id=fact.event_id(),
            stream=fact.stream(),
            type=fact.type,
            schema_version=fact.version,
            observed_at=origin.observed_at,
            run_id=origin.run_id,
            producer=origin.producer,
            causation_id=causation_id,
            payload=canonical_json(said),
            detail=canonical_json(detail) if detail else None,
            article_id=getattr(fact, "article_id", None),
            feed_id=getattr(fact, "feed_id", None),
            texts=texts,
        )

    @classmethod
    def of_world_event(
        cls,
        event: WorldEvent,
        origin: Origin,
        *,
        event_id: UUID,
        claim_id: UUID,
        coding_id: UUID,
        article_id: UUID,
        published_on: str | None,
        causation_id: UUID,
    ) -> Self:
        """A world event as stored, its words left to the texts. `published_on` dates what has no date of its own."""
        payload = event.to_payload()
        payload.pop("type")
        if span := bounds(event.occurred_on):
            payload["occurred_from"], payload["occurred_to"] = (day.isoformat() for day in span)
            payload["date_precision"] = precision(event.occurred_on)
        codes = {p.code for p in event.participants if p.code}
        return cls(
            event_id=event_id,
            stream=f"article:{article_id}",
            type=event.type,
            schema_version=event.version,
            observed_at=origin.observed_at,
            run_id=origin.run_id,
            producer=origin.producer,
            causation_id=causation_id,
            payload=canonical_json({**payload, "claim_id": str(claim_id), "coding_id": str(coding_id)}),
            article_id=article_id,
            event_date=day_of(event.occurred_on) or day_of(published_on),
            actors=tuple(sorted(codes)),
        )

    def to_json(self) -> dict[str, Any]:
        """JSON-ready, for the pipe between a reader process and its parent."""
        row = asdict(self)
        for key in ("event_id", "causation_id", "article_id", "feed_id"):
            row[key] = str(row[key]) if row[key] else None
        row["observed_at"] = self.observed_at.isoformat()
        row["event_date"] = self.event_date.isoformat() if self.event_date else None
        return row

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        values = dict(row)
        for key in ("event_id", "causation_id", "article_id", "feed_id"):
            values[key] = UUID(values[key]) if values[key] else None
        values["observed_at"] = datetime.fromisoformat(values["observed_at"])
        values["event_date"] = date.fromisoformat(values["event_date"]) if values["event_date"] else None
        values["actors"], values["texts"] = tuple(values["actors"]), tuple(values["texts"])
        return cls(**values)


def canonical_json(value: dict[str, Any]) -> str:
    """One spelling a payload: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
