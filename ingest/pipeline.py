"""The way of an article, from a feed to the event log.

    plan      what is due: feeds, and pages discovered before
    collect   poll, fetch, capture            network  -> spool, captures
    read      extract the article, code it    captures -> spool
    append    everything, once                spool    -> event log
    link      reports of one happening        event log -> event log

Each step can be run again at any time: the spool delivers at least once, the log takes in exactly once. Airflow runs
these as tasks (`dags/news_live.py`), `courant run` one after the other (`run`). `backfill` puts archived pages into
the same spool in place of collect.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.activation import with_activations
from ingest.captures.recover import recover_left
from ingest.captures.store import NewCaptures, new_captures
from ingest.collect import Collected, Collector, feed_key
from ingest.feeds.opml import FeedSource, read_feeds
from ingest.link.linker import LinkReport
from ingest.link.linker import link as link_reports
from ingest.outside import Clock, Outside
from ingest.plan import Chunk, FeedTask, PageTask, Plan, asked, chunked, is_due, next_slot, slot_of
from ingest.readers import ReadTask
from ingest.reports import AppendedReport, CollectReport, ReadReport, RunReport
from ingest.rhythm import Bounds, Rhythm
from ingest.settings import Settings
from ingest.sources.listing import list_publishers
from ingest.sources.publishers import load as load_publishers
from ingest.spool import Spool
from schemas.envelope import Event, Origin
from schemas.facts import PageCaptured
from warehouse.log import Log

PRODUCER = "courant-read-again/1"
WORLD = Outside()
"""The web, and reader processes."""
Progress = Callable[[str, int, int], None]
"""Told the step, how much of it is done, and how much there is."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_run_id(kind: str, now: datetime) -> str:
    """A name for a run of this process: two that start in the same second differ."""
    return f"{kind}-{now:%Y%m%dT%H%M%SZ}-{os.getpid()}"


def _silent(step: str, done: int, total: int) -> None:
    pass


def run(
    settings: Settings,
    *,
    clock: Clock = utc_now,
    run_id: str | None = None,
    progress: Progress = _silent,
    outside: Outside = WORLD,
) -> RunReport:
    """One pass over all that is due, in this process. Raises CourantError, LogError."""
    run_id = run_id or new_run_id("live", clock())
    # What a killed run left over comes first, so that nothing of it is fetched again.
    was_read = read(settings, run_id=run_id, clock=clock, progress=progress, outside=outside)
    appended = append(settings, run_id=run_id, clock=clock, progress=progress)
    planned = plan(settings, now=clock(), run_id=run_id)
    collected = []
    for n, chunk in enumerate(planned.chunks):
        progress("collect", n, len(planned.chunks))
        collected.append(collect(settings, chunk, run_id=run_id, clock=clock, outside=outside))
    progress("collect", len(planned.chunks), len(planned.chunks))
    was_read += read(settings, run_id=run_id, chunk=run_id, clock=clock, progress=progress, outside=outside)
    appended += append(settings, run_id=run_id, clock=clock, progress=progress)
    linked = link(settings, run_id=run_id, clock=clock, progress=progress)
    return RunReport(run_id, planned, tuple(collected), was_read, appended, linked)


def plan(settings: Settings, *, now: datetime, run_id: str) -> Plan:
    """Decide what is due and write it to the spool, in chunks. Raises FeedsFileError, LogError."""
    sources: dict[str, FeedSource] = {}
    for source in read_feeds(settings.feeds):
        sources.setdefault(feed_key(source.url), source)
    with Log.open(settings.log) as log:
        log.location.require_writable()
        recover_left(log.location.captures, now)
        states = {str(row["feed_id"]): row for row in log.feed_states()}
        hosts = log.host_states()
        pending = log.pending_pages()
    feeds = [
        task
        for key, source in sources.items()
        if (task := feed_task(key, source, states.get(key), settings, now)) is not None
    ]
    pages = [
        PageTask(row["url"], row["attempts"] + 1, allow_hosts=_allowed_hosts(sources.get(str(row["feed_id"]))))
        for row in pending
        if not row["retry_at"] or datetime.fromisoformat(row["retry_at"]) <= now
    ]
    due = asked(feeds, pages, hosts, now)
    pages = list(due.pages[: settings.max_pages])
    chunks = chunked(
        due.feeds,
        pages,
        size_feeds=settings.chunk_feeds,
        size_pages=settings.chunk_pages,
        resting=[rest.host for rest in due.resting],
    )
    spool = Spool(settings.log / "spool")
    spool.prune(settings.spool_keep_days)
    names = spool.write_plan(run_id, [chunk.to_json() for chunk in chunks])
    return Plan(
        run_id,
        names,
        feeds=len(sources),
        feeds_due=len(due.feeds),
        pages_due=len(pages),
        next_due=next_slot(now, settings.interval),
        resting=due.resting,
    )


def feed_task(
    key: str, source: FeedSource, state: Mapping[str, Any] | None, settings: Settings, now: datetime
) -> FeedTask | None:
    """The poll of a feed that is due, by its state in the log (None: never polled); None where it is not."""
    bounds = feed_bounds(settings, source)
    slot, options = slot_of(now, bounds.floor), source.options
    if not is_due(state, slot, now, resumed=options.resumed):
        return None
    known = state or {}
    return FeedTask(
        feed_id=key,
        url=source.url,
        slot=slot,
        etag=known.get("etag"),
        last_modified=known.get("last_modified"),
        body_digest=known.get("body_digest"),
        failures=known.get("failures") or 0,
        polled_before=state is not None,
        polled_at=known["polled_at"].isoformat() if known else None,
        problem=source.problem,
        moved_to=known.get("moved_to"),
        bounds=bounds,
        rhythm=Rhythm.of(json.loads(known["said"])) if known else Rhythm(),
        allow_hosts=options.allow_hosts,
        own_headers=bool(options.headers),
    )


def feed_bounds(settings: Settings, source: FeedSource) -> Bounds:
    """Minutes between two polls of a feed: its own interval, else the setting `interval`, up to `max_interval`."""
    own = source.options.interval
    floor = own or settings.interval
    return Bounds(floor, max(floor, settings.max_interval), own=own is not None)


def _allowed_hosts(source: FeedSource | None) -> tuple[str, ...]:
    return source.options.allow_hosts if source is not None else ()


def _own_headers(settings: Settings, work: Chunk) -> dict[str, Mapping[str, str]]:
    """The feeds' own request headers, by feed id: from the feeds file, so that no plan holds them."""
    wanted = {feed.feed_id for feed in work.feeds if feed.own_headers}
    sources = read_feeds(settings.feeds) if wanted else []
    return {key: source.options.headers for source in sources if (key := feed_key(source.url)) in wanted}


def collect(
    settings: Settings,
    chunk: str,
    *,
    run_id: str,
    attempt: int = 1,
    clock: Clock = utc_now,
    outside: Outside = WORLD,
) -> CollectReport:
    """Poll, fetch and capture one chunk of a plan into the spool. Raises SettingsError, LogError."""
    spool = Spool(settings.log / "spool")
    work = Chunk.from_json(spool.read_plan(chunk))
    name = f"{chunk}.try{attempt}"
    with Log.open(settings.log) as log, new_captures(log.location.captures, name, clock()) as captures:
        out = asyncio.run(_collect(settings, work, log, captures, run_id, clock, outside))
    # The captures' file is closed and in place before the facts that point into it can be seen.
    spool.publish_collected(name, out.events)
    return CollectReport(
        chunk=chunk,
        feeds_fetched=out.fetched,
        feeds_unchanged=out.unchanged,
        feeds_failed=out.failed,
        entries_new=out.entries_new,
        pages_captured=out.captured,
        pages_failed=out.captures_failed,
        pages_unchanged=out.pages_unchanged,
        feeds_waiting=out.feeds_waiting,
        pages_waiting=out.pages_waiting,
        notes=tuple(out.notes),
    )


def read(
    settings: Settings,
    *,
    run_id: str,
    chunk: str | None = None,
    clock: Clock = utc_now,
    progress: Progress = _silent,
    outside: Outside = WORLD,
) -> ReadReport:
    """Extract and code what was collected and not yet read: of `chunk`, or of all chunks of the run that it names.

    Without `chunk` also what earlier runs left over, and captures whose reading failed in a way that may pass.
    """
    spool = Spool(settings.log / "spool")
    if chunk is None:
        _collect_unread(settings, spool, run_id)
    names = [name for name in spool.to_read() if chunk is None or name.startswith(f"{chunk}.")]
    captures = str(settings.log.resolve() / "captures")
    total, report = 0, ReadReport()
    with outside.readers(settings, run_id, clock) as readers:
        for name in names:
            with spool.claim(name) as ours:
                if not ours or name not in spool.to_read():
                    continue
                tasks = _read_tasks(spool.collected(name), captures)
                total += len(tasks)
                events = []
                for page in readers.read(tasks):
                    events += page
                    report = report.plus(page)
                    progress("read", report.pages, total)
                spool.publish_read(name, events)
    return report


def append(settings: Settings, *, run_id: str, clock: Clock = utc_now, progress: Progress = _silent) -> AppendedReport:
    """Take what was read into the log, a spool file a commit, and move it out of the way.

    Before it goes the list of publishers, where that is not the one that the log has. Raises LogError, SettingsError.
    """
    spool = Spool(settings.log / "spool")
    names = spool.to_append()
    added, known, conflicts = 0, 0, 0
    by_type: dict[str, int] = {}
    publishers = load_publishers(settings.publishers) if names else None
    with Log.open(settings.log, clock=clock) as log:
        if publishers is not None and (listed := list_publishers(log, publishers, now=clock(), run_id=run_id)):
            added, by_type = listed.added, dict(listed.by_type or {})
        for n, name in enumerate(names, start=1):
            with spool.claim(name) as ours:
                if not ours or name not in spool.to_append():
                    continue
                batch = pa.concat_tables([spool.collected(name), spool.read(name)])
                report = log.append(with_activations(log, batch, run_id, clock()))
                spool.done(name)
            added, known = added + report.added, known + report.known
            conflicts += len(report.conflicts)
            for type_, count in (report.by_type or {}).items():
                by_type[type_] = by_type.get(type_, 0) + count
            progress("append", n, len(names))
        # Also what a writer had committed that was killed before it came to this.
        log.catch_up()
        return AppendedReport(added, known, conflicts, by_type, log.head())


def link(
    settings: Settings,
    *,
    run_id: str,
    whole: bool = False,
    clock: Clock = utc_now,
    progress: Progress = _silent,
) -> LinkReport:
    """Decide which new reports tell a happening that another article told, `whole`: which of all. Raises LogError."""
    with Log.open(settings.log, clock=clock) as log:
        log.catch_up()
        return link_reports(log, now=clock(), run_id=run_id, whole=whole, progress=progress)


async def _collect(
    settings: Settings,
    work: Chunk,
    log: Log,
    captures: NewCaptures,
    run_id: str,
    clock: Clock,
    outside: Outside,
) -> Collected:
    async with outside.fetcher(settings, work, clock) as fetcher:
        collector = Collector(
            fetcher=fetcher,
            captures=captures,
            known=log,
            clock=clock,
            run_id=run_id,
            max_attempts=settings.max_attempts,
            headers=_own_headers(settings, work),
            obey_reservations=settings.obey_reservations,
            product=settings.product,
        )
        return await collector.collect(work)


def _collect_unread(settings: Settings, spool: Spool, run_id: str) -> None:
    """Put captures that are to be read once more into the spool, as if they had just been made."""
    with Log.open(settings.log) as log:
        unread = log.unread_captures(settings.max_attempts)
    events = []
    for row in unread:
        said = {**json.loads(row["payload"]), **json.loads(row["detail"]), "read_attempt": row["attempts"] + 1}
        events.append(Event.of_fact(PageCaptured.model_validate(said), Origin(row["observed_at"], run_id, PRODUCER)))
    if events:
        spool.publish_collected(f"{run_id}.again", events)


def _read_tasks(collected: pa.Table, captures: str) -> list[ReadTask]:
    pages = collected.filter(pc.equal(collected["type"], "page_captured"))
    tasks = []
    for row in pages.select(["event_id", "payload", "detail"]).to_pylist():
        detail = json.loads(row["detail"])
        where = detail["capture"]
        tasks.append(
            ReadTask(
                warc=f"{captures}/{where['warc']}",
                offset=where["offset"],
                url=json.loads(row["payload"])["url"],
                capture_id=row["event_id"],
                attempt=detail.get("read_attempt", 1),
            )
        )
    return tasks
