"""Read stored captures again, by a newer extractor or coder: what comes of it is appended beside what was there.

Nothing is fetched. The newest reading of a capture becomes the current one, older ones stay in the log, and what the
same versions have read already is left alone. So it can be stopped and run again at any time.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ingest.code.coder import load_coder
from ingest.extract import EXTRACTOR
from ingest.link.linker import LinkReport
from ingest.outside import Clock, Outside
from ingest.pipeline import WORLD, Progress, append, link, new_run_id, read, utc_now
from ingest.reports import AppendedReport, ReadReport
from ingest.settings import Settings
from ingest.spool import Spool
from schemas.envelope import Event, Origin
from schemas.facts import PageCaptured
from warehouse.log import Log

PRODUCER = "courant-read-again/1"


@dataclass(frozen=True, slots=True)
class RereadReport:
    """What reading again came to: captures that were due, and what the log took in."""

    run_id: str
    captures: int
    read: ReadReport
    appended: AppendedReport
    linked: LinkReport

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "read": self.read.to_json(), "appended": self.appended.to_json()}


def stale(settings: Settings, *, since: datetime | None = None, until: datetime | None = None) -> list[int]:
    """Positions of the captures, made from `since` to before `until`, that today's versions have not read.

    Raises LogError, and LookupError or ValueError where the coder cannot be loaded.
    """
    coder = load_coder(settings.coder, settings.frames, settings.actors)
    with Log.open(settings.log) as log:
        return log.captures_read_by_others("/".join(EXTRACTOR), coder.info.key, since, until)


def reread(
    settings: Settings,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    clock: Clock = utc_now,
    run_id: str | None = None,
    progress: Progress = lambda step, done, total: None,
    outside: Outside = WORLD,
) -> RereadReport:
    """Extract and code the captures that `stale` names, `chunk_pages` a commit. Raises as it does."""
    run_id = run_id or new_run_id("reextract", clock())
    with Log.open(settings.log) as log:
        log.location.require_writable()
    # What a killed run left over comes first: it need not be read again.
    was_read = read(settings, run_id=run_id, clock=clock, progress=progress, outside=outside)
    appended = append(settings, run_id=run_id, clock=clock, progress=progress)
    positions = stale(settings, since=since, until=until)
    for number, part in enumerate(_parts(positions, settings.chunk_pages), start=1):
        progress("again", (number - 1) * settings.chunk_pages, len(positions))
        chunk = f"{run_id}.{number:04}"
        Spool(settings.log / "spool").publish_collected(f"{chunk}.try1", _captures(settings, part, run_id))
        was_read += read(settings, run_id=run_id, chunk=chunk, clock=clock, progress=progress, outside=outside)
        appended += append(settings, run_id=run_id, clock=clock, progress=progress)
    progress("again", len(positions), len(positions))
    linked = link(settings, run_id=run_id, clock=clock, progress=progress)
    return RereadReport(run_id, len(positions), was_read, appended, linked)


def _parts(positions: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(positions), size):
        yield positions[start : start + size]


def _captures(settings: Settings, positions: list[int], run_id: str) -> list[Event]:
    """The captures as the log has them: told again they add nothing, and the reading follows from them."""
    with Log.open(settings.log) as log:
        rows = log.captures_at(positions)
    return [
        Event.of_fact(
            PageCaptured.model_validate({**json.loads(row["payload"]), **json.loads(row["detail"])}),
            Origin(row["observed_at"], run_id, PRODUCER),
        )
        for row in rows
    ]
