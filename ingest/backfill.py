"""Backfill: archived pages by the same way into the same log.

Archives (WARC files, folders of HTML, JSON lines) are put into the spool in the place of what collect would have
fetched: each page is kept as our own capture, then read and appended as ever. A page that came live and comes again
from an archive has the same ids and adds nothing; one that the log has already is not even read again.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from ingest.captures.archive import read_path
from ingest.captures.recover import recover_left
from ingest.captures.store import NewCaptures, new_captures
from ingest.captures.values import READY_TYPE, BadRecord, Captured, ReadyText
from ingest.errors import CourantError
from ingest.link.linker import LinkReport
from ingest.outside import Clock, Outside
from ingest.pipeline import WORLD, Progress, append, link, new_run_id, read, utc_now
from ingest.reports import AppendedReport, ReadReport
from ingest.reservations import reservations, spoken
from ingest.settings import Settings
from ingest.spool import Spool
from schemas.digests import digest
from schemas.envelope import Event, Origin
from schemas.facts import PageCaptured, RecordRejected
from schemas.urls import clean_url
from warehouse.log import Log

PRODUCER = "courant-backfill/1"


class ArchiveNotFoundError(CourantError):
    """A path that a person named is not there."""


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What a backfill came to: records seen, of them outside the dates, known already, taken in, and unreadable."""

    run_id: str
    records: int
    outside: int
    known: int
    taken: int
    rejected: int
    read: ReadReport
    appended: AppendedReport
    linked: LinkReport

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "read": self.read.to_json(), "appended": self.appended.to_json()}


def backfill(
    settings: Settings,
    paths: Sequence[Path],
    *,
    since: date | None = None,
    until: date | None = None,
    clock: Clock = utc_now,
    run_id: str | None = None,
    progress: Progress = lambda step, done, total: None,
    outside: Outside = WORLD,
) -> BackfillReport:
    """Bring the archives at `paths` into the log, `chunk_pages` pages a commit.

    A record counts as of the UTC day it was captured (a ready text: published); with dates given, those from `since`
    to before `until` are taken, and records without a date are left out. It can be stopped and run again at any time.
    Raises ArchiveNotFoundError, LogError.
    """
    run_id = run_id or new_run_id("backfill", clock())
    if missing := [path for path in paths if not path.exists()]:
        raise ArchiveNotFoundError(f"no archive at {missing[0]}: give WARC files, a folder of HTML, or JSON lines")
    with Log.open(settings.log) as log:
        log.location.require_writable()
        recover_left(log.location.captures, clock())
    counts = dict.fromkeys(("records", "outside", "known", "taken", "rejected"), 0)
    items = _items(paths, since, until, counts)
    # What a killed run left over comes first: what is known by then is not taken in again.
    was_read = read(settings, run_id=run_id, clock=clock, progress=progress, outside=outside)
    appended = append(settings, run_id=run_id, clock=clock, progress=progress)
    number = 0
    while chunk := _chunk(settings, items, counts, run_id, f"{run_id}.{number + 1:04}", clock):
        number += 1
        progress("archive", counts["records"], 0)
        was_read += read(settings, run_id=run_id, chunk=chunk, clock=clock, progress=progress, outside=outside)
        appended += append(settings, run_id=run_id, clock=clock, progress=progress)
    linked = link(settings, run_id=run_id, clock=clock, progress=progress)
    return BackfillReport(run_id=run_id, read=was_read, appended=appended, linked=linked, **counts)


Item = Captured | ReadyText | BadRecord


def _items(paths: Sequence[Path], since: date | None, until: date | None, counts: dict[str, int]) -> Iterator[Item]:
    for path in sorted(paths):
        for item in read_path(path):
            counts["records"] += 1
            if isinstance(item, BadRecord) or _within(_day(item), since, until):
                yield item
            else:
                counts["outside"] += 1


def _day(item: Captured | ReadyText) -> date | None:
    if isinstance(item, Captured):
        return item.fetched_at.astimezone(UTC).date() if item.fetched_at else None
    try:
        return date.fromisoformat((item.published or "")[:10])
    except ValueError:
        return None


def _within(day: date | None, since: date | None, until: date | None) -> bool:
    if since is None and until is None:
        return True
    return day is not None and (since is None or since <= day) and (until is None or day < until)


def _chunk(
    settings: Settings, items: Iterator[Item], counts: dict[str, int], run_id: str, name: str, clock: Clock
) -> str | None:
    """Fill one spool file from `items`; its name, or None where nothing was left."""
    events: list[Event] = []
    with Log.open(settings.log) as log, new_captures(log.location.captures, name, clock()) as captures:
        for item in items:
            try:
                taken = _take(item, settings, captures, log.seen, run_id, clock())
            except UnicodeEncodeError as error:  # half of a surrogate pair, which JSON can write and UTF-8 cannot
                bad = BadRecord("archive", counts["records"], f"the record holds what is no text ({error.reason})")
                taken = _rejected(bad, log.seen, run_id, clock())
            if taken is None:
                counts["known"] += 1
                continue
            counts["rejected" if taken.type == "record_rejected" else "taken"] += 1
            events.append(taken)
            if len(events) >= settings.chunk_pages:
                break
    if not events:
        return None
    Spool(settings.log / "spool").publish_collected(f"{name}.try1", events)
    return name


def _take(
    item: Item,
    settings: Settings,
    captures: NewCaptures,
    seen: Callable[[list[UUID]], set[UUID]],
    run_id: str,
    now: datetime,
) -> Event | None:
    """The event that the item becomes, kept as a capture of ours; None where the log has it."""
    if isinstance(item, BadRecord):
        return _rejected(item, seen, run_id, now)
    page = _as_capture(item, now)
    try:
        url, final_url = clean_url(page.url), clean_url(page.final_url)
    except ValueError as error:
        return _rejected(BadRecord(page.url[:200], None, str(error)), seen, run_id, now)
    rights = () if isinstance(item, ReadyText) else reservations(page.headers, page.body, settings.product)
    if rights and settings.obey_reservations:
        return _rejected(BadRecord(url, None, spoken(rights)), seen, run_id, now, reason="reserved")
    fact = PageCaptured(
        url=url,
        final_url=final_url,
        http_status=page.status,
        content_type=page.header("content-type"),
        digest=digest(page.body),
        bytes=len(page.body),
        via="backfill",
        rights=rights or None,
    )
    if seen([fact.event_id()]):
        return None
    kept = fact.model_copy(update={"capture": captures.keep(page)})
    return Event.of_fact(kept, Origin(page.fetched_at or now, run_id, PRODUCER))


def _as_capture(item: Captured | ReadyText, now: datetime) -> Captured:
    if isinstance(item, Captured):
        return item if item.fetched_at else Captured(**{**asdict(item), "fetched_at": now})
    body = json.dumps(asdict(item), ensure_ascii=False, sort_keys=True).encode()
    at = _published_at(item) or now
    return Captured(item.url, item.url, 200, (("Content-Type", READY_TYPE),), body, at)


def _published_at(item: ReadyText) -> datetime | None:
    try:
        at = datetime.fromisoformat(item.published or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _rejected(
    item: BadRecord,
    seen: Callable[[list[UUID]], set[UUID]],
    run_id: str,
    now: datetime,
    *,
    reason: str = "unreadable",
) -> Event | None:
    place = "" if item.position is None else str(item.position)
    fact = RecordRejected(
        source=item.source, place=place, digest=digest(item.reason), reason=reason, message=item.reason
    )
    return None if seen([fact.event_id()]) else Event.of_fact(fact, Origin(now, run_id, PRODUCER))
