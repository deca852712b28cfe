"""`courant retract`, `correct`, `same` and `apart`: what a person decides about a claim."""

import json
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import LogOption, log_path

Claim = Annotated[UUID, typer.Argument(metavar="CLAIM", help="The claim_id of the event, as world_events has it.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for whoever asks later.")]


def retract(claim: Claim, by: By, reason: Why, log: LogOption = None) -> None:
    """Take back what an article was said to report. It stays in the log, and out of the views.

    \b
    Example:
      courant retract 01860e08-0899-5b92-9f36-ff4515013be4 --by desk --reason "a rehearsal, not a call"
    """
    from warehouse.decisions import retract as run
    from warehouse.log import Log

    now = datetime.now(UTC)
    with Log.open(log_path(log)) as opened:
        added = run(opened, claim, by=by, reason=reason, now=now, run_id=f"desk-{now:%Y%m%dT%H%M%SZ}").added
    tell("The event is retracted" if added else "The event was retracted already")


def correct(
    claim: Claim,
    set_: Annotated[list[str], typer.Option("--set", metavar="FIELD=VALUE", help="What is right; may be repeated.")],
    by: By,
    reason: Why,
    log: LogOption = None,
) -> None:
    """Say otherwise about an event: type, modality, occurred_on, scope, background, participants (JSON).

    It replaces any earlier decision about the claim, and outlives the coder's versions.

    \b
    Example:
      courant correct 01860e08-0899-5b92-9f36-ff4515013be4 --set occurred_on=2026-09-12 --by desk --reason "misread"
    """
    from warehouse.decisions import correct as run
    from warehouse.log import Log

    changes = dict(_pair(said) for said in set_)
    now = datetime.now(UTC)
    with Log.open(log_path(log)) as opened:
        added = run(opened, claim, changes, by=by, reason=reason, now=now, run_id=f"desk-{now:%Y%m%dT%H%M%SZ}").added
    tell("The event is corrected" if added else "The event was corrected so already")


def same(
    claim: Claim,
    other: Annotated[UUID, typer.Argument(metavar="OTHER", help="The claim_id of a report of the same happening.")],
    by: By,
    reason: Why,
    log: LogOption = None,
) -> None:
    """Say that two reports tell one happening: CLAIM is counted with OTHER in the view happenings.

    The linker leaves CLAIM alone from then on. `courant apart` takes it back.

    \b
    Example:
      courant same 01860e08-0899-5b92-9f36-ff4515013be4 53a3c4ab-98fb-5eb0-88c2-b98f1e2a2c4f \\
        --by desk --reason "the same call, dated a day apart"
    """
    from warehouse.decisions import same as run
    from warehouse.log import Log

    now = datetime.now(UTC)
    with Log.open(log_path(log)) as opened:
        added = run(opened, claim, other, by=by, reason=reason, now=now, run_id=f"desk-{now:%Y%m%dT%H%M%SZ}").added
    tell("The two are counted as one happening" if added else "The two were counted as one already, by a person")


def apart(claim: Claim, by: By, reason: Why, log: LogOption = None) -> None:
    """Say that a report tells a happening of its own. The linker leaves it alone from then on.

    \b
    Example:
      courant apart 01860e08-0899-5b92-9f36-ff4515013be4 --by desk --reason "another strike on the same day"
    """
    from warehouse.decisions import apart as run
    from warehouse.log import Log

    now = datetime.now(UTC)
    with Log.open(log_path(log)) as opened:
        added = run(opened, claim, by=by, reason=reason, now=now, run_id=f"desk-{now:%Y%m%dT%H%M%SZ}").added
    tell("The report stands for itself" if added else "The report stood for itself already, by a person's word")


def _pair(said: str) -> tuple[str, object]:
    name, equals, value = said.partition("=")
    if not equals:
        raise UsageError(f"--set takes FIELD=VALUE, not {said}")
    if name in ("participants", "background"):
        try:
            return name, json.loads(value)
        except ValueError:
            raise UsageError(f"--set {name}= takes JSON, not {value}") from None
    return name, value
