"""Ask for pages again by hand. A page that has changed becomes a new revision of its article; one that has not leaves
a revisit record among the captures and nothing in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.link.linker import LinkReport
from ingest.outside import Clock, Outside
from ingest.pipeline import WORLD, Progress, append, collect, link, new_run_id, read, utc_now
from ingest.plan import Chunk, PageTask, chunked
from ingest.reports import AppendedReport, CollectReport, ReadReport
from ingest.settings import Settings
from ingest.spool import Spool
from schemas.urls import clean_url
from warehouse.log import Log


@dataclass(frozen=True, slots=True)
class RefetchReport:
    """What asking again came to: pages that changed or are new, that are as they were, that could not be fetched."""

    run_id: str
    captured: int
    unchanged: int
    failed: int
    notes: tuple[str, ...]
    read: ReadReport
    appended: AppendedReport
    linked: LinkReport

    def to_json(self) -> dict[str, Any]:
        said = {name: getattr(self, name) for name in ("run_id", "captured", "unchanged", "failed", "notes")}
        return {**said, "read": self.read.to_json(), "appended": self.appended.to_json()}


def refetch(
    settings: Settings,
    urls: Sequence[str],
    *,
    clock: Clock = utc_now,
    run_id: str | None = None,
    progress: Progress = lambda step, done, total: None,
    outside: Outside = WORLD,
) -> RefetchReport:
    """Fetch the pages at `urls`, which the log may know or not, and read what is new.

    Robots.txt and the manners of every fetch hold. Raises ValueError for what is no page's address, SettingsError,
    LogError.
    """
    run_id = run_id or new_run_id("refetch", clock())
    spool = Spool(settings.log / "spool")
    with Log.open(settings.log) as log:
        log.location.require_writable()
        tasks = _tasks(log, list(dict.fromkeys(clean_url(url) for url in urls)))
    names = spool.write_plan(run_id, [chunk.to_json() for chunk in _chunks(tasks, settings)])
    collected: list[CollectReport] = []
    for number, name in enumerate(names):
        progress("collect", number, len(names))
        collected.append(collect(settings, name, run_id=run_id, clock=clock, outside=outside))
    progress("collect", len(names), len(names))
    was_read = read(settings, run_id=run_id, chunk=run_id, clock=clock, progress=progress, outside=outside)
    appended = append(settings, run_id=run_id, clock=clock, progress=progress)
    linked = link(settings, run_id=run_id, clock=clock, progress=progress)
    return RefetchReport(
        run_id=run_id,
        captured=sum(one.pages_captured for one in collected),
        unchanged=sum(one.pages_unchanged for one in collected),
        failed=sum(one.pages_failed for one in collected),
        notes=tuple(note for one in collected for note in one.notes),
        read=was_read,
        appended=appended,
        linked=linked,
    )


def _tasks(log: Log, urls: list[str]) -> list[PageTask]:
    latest = log.latest_captures(urls)
    attempts = log.failed_attempts(urls)
    tasks = []
    for url in urls:
        if url in latest:
            digest, at = latest[url]
            tasks.append(PageTask(url, digest=digest, captured_at=at.isoformat()))
        else:
            tasks.append(PageTask(url, attempts.get(url, 0) + 1))
    return tasks


def _chunks(tasks: list[PageTask], settings: Settings) -> list[Chunk]:
    return chunked([], tasks, size_feeds=settings.chunk_feeds, size_pages=settings.chunk_pages)
