"""What people decide about claims: `event_retracted` and `event_corrected`, appended like everything else.

And which reports tell one happening, or do not: `event_linked`, `event_unlinked`. The linker leaves those alone.

A decision names the claim, which is the same across coder versions. The last decision about a claim is the one that
`world_events` shows; all of them stand in the view `corrections`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from schemas.envelope import Event, Origin
from schemas.facts import Correction, EventCorrected, EventLinked, EventRetracted, EventUnlinked
from warehouse.errors import LogError
from warehouse.log import AppendReport, Log

PRODUCER = "courant-decide/1"


class DecisionError(LogError):
    """The claim is unknown, or what is said about it cannot be."""


def retract(log: Log, claim: UUID, *, by: str, reason: str, now: datetime, run_id: str) -> AppendReport:
    """Take back what an article was said to report. The same again adds nothing. Raises DecisionError, LogError."""
    article, last = _known(log, claim)
    if last is not None and last[1] == "event_retracted":
        return AppendReport(known=1, by_type={})
    fact = EventRetracted(
        claim_id=claim,
        article_id=article,
        after=last[0] if last else None,
        by=_said(by, "by"),
        reason=_said(reason, "reason"),
    )
    return log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER))])


def correct(
    log: Log, claim: UUID, changes: Mapping[str, Any], *, by: str, reason: str, now: datetime, run_id: str
) -> AppendReport:
    """Say otherwise about a claim, in place of any earlier decision.

    `changes` are fields of `schemas.facts.Correction`. The same again adds nothing. Raises DecisionError, LogError.
    """
    try:
        correction = Correction.of(dict(changes))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DecisionError(
            f"cannot correct {where or 'the claim'}: {first['msg'].removeprefix('Value error, ')}"
        ) from None
    if not correction.model_dump(exclude_none=True):
        raise DecisionError("nothing to correct: name at least one field")
    article, last = _known(log, claim)
    fact = EventCorrected(
        claim_id=claim,
        article_id=article,
        after=last[0] if last else None,
        changes=correction,
        by=_said(by, "by"),
        reason=_said(reason, "reason"),
    )
    if last is not None and last[2] == correction:
        return AppendReport(known=1, by_type={})
    return log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER))])


def same(log: Log, claim: UUID, other: UUID, *, by: str, reason: str, now: datetime, run_id: str) -> AppendReport:
    """Say that two reports tell one happening: `claim` is counted with `other` from then on.

    The same again adds nothing. Raises DecisionError, LogError.
    """
    cause, before, _ = _link(log, claim)
    _, _, happening = _link(log, other)
    if claim in (other, happening):
        raise DecisionError(f"{other} is told by {claim} already: name the report that is to be counted with another")
    if before is not None and before[1:] == (happening, True):
        return AppendReport(known=1, by_type={})
    fact = EventLinked(
        claim_id=claim,
        happening_id=happening,
        after=before[0] if before else None,
        by=_said(by, "by"),
        person=True,
        reasons=(_said(reason, "reason"),),
    )
    return log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER), cause)])


def apart(log: Log, claim: UUID, *, by: str, reason: str, now: datetime, run_id: str) -> AppendReport:
    """Say that a report tells a happening of its own. The same again adds nothing. Raises DecisionError, LogError."""
    cause, before, happening = _link(log, claim)
    if before is not None and before[1:] == (None, True):
        return AppendReport(known=1, by_type={})
    fact = EventUnlinked(
        claim_id=claim,
        happening_id=happening,
        after=before[0] if before else None,
        by=_said(by, "by"),
        person=True,
        reasons=(_said(reason, "reason"),),
    )
    return log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER), cause)])


def _link(log: Log, claim: UUID) -> tuple[UUID, tuple[UUID, UUID | None, bool] | None, UUID]:
    """The event that makes the claim, the last decision about its link (id, happening, by a person), its happening."""
    found = log.query("SELECT event_id FROM world_events WHERE claim_id = ? LIMIT 1", [claim])
    if not found:
        raise DecisionError(f"no event makes the claim {claim}: the view world_events has the claim_id of each event")
    before = log.query("SELECT decision_id, happening_id, person FROM proj.links WHERE claim_id = ?", [claim])
    shown = log.query("SELECT happening_id FROM links WHERE claim_id = ?", [claim])
    return found[0][0], before[0] if before else None, shown[0][0] if shown else claim


def _known(log: Log, claim: UUID) -> tuple[UUID, tuple[UUID, str, Correction | None] | None]:
    """The claim's article, and the last decision about it: id, type, changes."""
    found = log.query("SELECT article_id FROM world_events WHERE claim_id = ? LIMIT 1", [claim]) or log.query(
        "SELECT article_id FROM event_log WHERE (payload->>'claim_id') = ? LIMIT 1", [str(claim)]
    )
    if not found:
        raise DecisionError(f"no event makes the claim {claim}: the view world_events has the claim_id of each event")
    last = log.query(
        "SELECT event_id, type, payload->'changes' FROM event_log WHERE type IN ('event_retracted', 'event_corrected')"
        " AND article_id = ? AND (payload->>'claim_id') = ? ORDER BY position DESC LIMIT 1",
        [found[0][0], str(claim)],
    )
    if not last:
        return found[0][0], None
    event_id, type_, changes = last[0]
    return found[0][0], (event_id, type_, Correction.model_validate_json(changes) if changes else None)


def _said(value: str, name: str) -> str:
    if not value.strip():
        raise DecisionError(f"a decision needs --{name}: it is kept in the log for whoever asks later")
    return value.strip()
