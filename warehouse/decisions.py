"""What people decide about claims: `event_retracted` and `event_corrected`, appended like everything else.

A decision names the claim, which is the same across coder versions. The last decision about a claim is the one that
`world_events` shows; all of them stand in the view `corrections`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from schemas.envelope import Event, Origin
from schemas.facts import Correction, EventCorrected, EventRetracted
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
