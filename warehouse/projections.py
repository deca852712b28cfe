"""Projections that planning needs, kept up to date inside every append: what was appended just before is not missed.

Each is a SQL file with a `@table` and, but for one, a `@fold` section. The fold takes in a batch of events; folding the
log in any cuts gives the same rows, so that a projection can be deleted and made again at any time.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from importlib.resources import files
from uuid import UUID

import duckdb
import pyarrow as pa

from schemas.urls import host_of
from warehouse.attach import quoted
from warehouse.hosts import HostNews, HostState, after, tells
from warehouse.index import SETTLED

PagesDone = Callable[[Set[str]], Set[str]]
"""Asked with URLs (cleaned), tells those among them that were captured or given up."""

PLANNING = ("feed_state", "pending_pages", "host_state", "coder_ranks", "links", "publishers")
PAGE_TYPES = ("article_discovered", "page_captured", "capture_failed")
_FOLDED_TYPES = {
    "feed_state": {"feed_polled"},
    "coder_ranks": {"coder_activated"},
    "links": {"event_linked", "event_unlinked"},
    "publishers": {"publishers_listed"},
    "pending_pages": set(PAGE_TYPES),
    "host_state": {"feed_polled", "page_captured", "capture_failed"},
}
_PENDING = pa.schema(
    [
        ("url", pa.string()),
        ("position", pa.int64()),
        ("feed_id", pa.string()),
        ("discovered_at", pa.timestamp("us", tz="UTC")),
        ("attempts", pa.int32()),
        ("retry_at", pa.string()),
        ("reason", pa.string()),
        ("message", pa.string()),
    ]
)
_HOSTS = pa.schema(
    [
        ("host", pa.string()),
        ("position", pa.int64()),
        ("passes", pa.int32()),
        ("run_id", pa.string()),
        ("since", pa.timestamp("us", tz="UTC")),
        ("last_at", pa.timestamp("us", tz="UTC")),
        ("reason", pa.string()),
        ("message", pa.string()),
        ("wait_until", pa.string()),
    ]
)
_FILES = files("warehouse") / "sql" / "projections"
_FEW = 200


def create(con: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of all projections."""
    for name in PLANNING:
        con.execute(section(name, "table"))


FOLDED = sorted(set().union(*_FOLDED_TYPES.values()))
"""The types that any of them takes in."""


def fold(
    con: duckdb.DuckDBPyConnection, types: Set[str], pages_done: PagesDone, names: Sequence[str] = PLANNING
) -> set[str]:
    """Take `batch`, a relation of the log's columns, into the projections, inside the caller's transaction.

    It holds events of `types`. `pages_done` tells which URLs had their outcome before this batch; those that have it
    from this batch are returned.
    """
    settled: set[str] = set()
    for name in names:
        if not types & _FOLDED_TYPES[name]:
            continue
        if name == "pending_pages":
            settled = _fold_pending(con, pages_done)
        elif name == "host_state":
            _fold_hosts(con)
        else:
            con.execute(section(name, "fold"))
    return settled


@dataclass(frozen=True, slots=True)
class PendingPage:
    """A row of `proj.pending_pages`: a page without a final outcome, and its latest failure."""

    url: str
    position: int
    feed_id: UUID | None
    discovered_at: datetime
    attempts: int = 0
    retry_at: str | None = None
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class PageNews:
    """What an event says of a page: that it was discovered (`attempt` 0), or that an attempt failed."""

    url: str
    position: int
    feed_id: UUID | None
    at: datetime
    attempt: int = 0
    retry_at: str | None = None
    reason: str | None = None
    message: str | None = None


def still_pending(known: Iterable[PendingPage], news: Iterable[PageNews], done: Set[str]) -> dict[str, PendingPage]:
    """Pages that are pending after `news` (in the order of positions), by URL. Those in `done` are settled for ever."""
    pending = {page.url: page for page in known if page.url not in done}
    for told in news:
        page = pending.get(told.url)
        if told.attempt == 0 and page is None and told.url not in done:
            pending[told.url] = PendingPage(told.url, told.position, told.feed_id, told.at)
        elif page is not None and told.attempt > page.attempts:
            pending[told.url] = replace(
                page, attempts=told.attempt, retry_at=told.retry_at, reason=told.reason, message=told.message
            )
    return pending


def _fold_pending(con: duckdb.DuckDBPyConnection, pages_done: PagesDone) -> set[str]:
    # Most of a batch's pages were captured in it and need no further look (a backfill's all were): so no more is read
    # out of the payloads at first than which page they speak of.
    told = con.execute(
        "SELECT type, said[1], said[2]::BOOLEAN FROM"
        " (SELECT type, json_extract_string(payload, ['$.url', '$.final']) AS said FROM batch"
        f" WHERE type IN ({', '.join(map(quoted, PAGE_TYPES))}) AND (payload->>'refused') IS NULL)"
    ).fetchall()
    done = {url for type_, url, final in told if type_ == "page_captured" or (type_ == "capture_failed" and final)}
    urls = {url for type_, url, _ in told if type_ == "article_discovered"} - done
    urls -= pages_done(urls)
    known = _pending(con, {url for _, url, _ in told})
    held = {page.url: page for page in known}
    if not urls and not held:
        return done
    # As Arrow: of a list among the parameters, each value costs two failed imports (measured, duckdb 1.5.5).
    con.register("told_urls", pa.table({"url": pa.array(sorted(urls | held.keys()), pa.string())}))
    news = con.execute(
        "SELECT payload->>'url' AS url, position, feed_id, observed_at, coalesce((payload->>'attempt')::INTEGER, 0),"
        " payload->>'retry_at', payload->>'reason', payload->>'message' FROM batch"
        " WHERE type IN ('article_discovered', 'capture_failed') AND url IN (SELECT url FROM told_urls)"
        " AND (payload->>'refused') IS NULL ORDER BY position"
    ).fetchall()
    con.unregister("told_urls")
    pending = still_pending(known, [PageNews(*row) for row in news], done)
    changed = [page.url for page in known if pending.get(page.url) != page]
    added = [page for url, page in pending.items() if held.get(url) != page]
    if changed:
        con.register("changed_urls", pa.table({"url": pa.array(changed, pa.string())}))
        con.execute("DELETE FROM proj.pending_pages WHERE url IN (SELECT url FROM changed_urls)")
        con.unregister("changed_urls")
    if added:
        columns = [{**asdict(page), "feed_id": str(page.feed_id) if page.feed_id else None} for page in added]
        con.register("still_pending", pa.Table.from_pylist(columns, schema=_PENDING))
        con.execute("INSERT INTO proj.pending_pages SELECT * REPLACE (feed_id::UUID AS feed_id) FROM still_pending")
        con.unregister("still_pending")
    return done


def _fold_hosts(con: duckdb.DuckDBPyConnection) -> None:
    # A page of an archive says nothing of its host today. Which of two requests of one host came last matters, and
    # most pages are captured: one row a host and stretch of successes would be no quicker to make than to read.
    told = con.execute(
        "SELECT said[1], said[2], position, type, observed_at, run_id, said[3], said[4]::INTEGER, said[5], said[6]"
        " FROM (SELECT position, type, observed_at, run_id, json_extract_string(payload,"
        " ['$.url', '$.host', '$.reason', '$.http_status', '$.message', '$.host_wait_until']) AS said"
        " FROM batch WHERE type IN ('feed_polled', 'page_captured', 'capture_failed')"
        " AND (detail->>'via') IS DISTINCT FROM 'backfill') ORDER BY position"
    ).fetchall()
    if not told:
        return
    news = [_of_host(*row) for row in told]
    known = {row[0]: HostState(*row) for row in con.execute("SELECT * FROM proj.host_state").fetchall()}
    hosts = after(known, news)
    changed = [host for host, state in known.items() if hosts.get(host) != state]
    added = [state for host, state in hosts.items() if known.get(host) != state]
    if changed:
        con.register("changed_hosts", pa.table({"host": pa.array(changed, pa.string())}))
        con.execute("DELETE FROM proj.host_state WHERE host IN (SELECT host FROM changed_hosts)")
        con.unregister("changed_hosts")
    if added:
        con.register("hosts_in_trouble", pa.Table.from_pylist([asdict(state) for state in added], schema=_HOSTS))
        con.execute("INSERT INTO proj.host_state SELECT * FROM hosts_in_trouble")
        con.unregister("hosts_in_trouble")


def _of_host(
    url: str,
    host: str | None,
    position: int,
    type_: str,
    at: datetime,
    run_id: str,
    reason: str | None,
    status: int | None,
    message: str | None,
    wait_until: str | None,
) -> HostNews:
    said = "answered" if type_ == "page_captured" else tells(reason, status)
    return HostNews(host or host_of(url), position, said, at, run_id, reason, message, wait_until)


def _pending(con: duckdb.DuckDBPyConnection, urls: Set[str]) -> list[PendingPage]:
    """Those among `urls` that are pending. Few of them stand in the query, where DuckLake sees at once, by its
    statistics, which files could hold them: ten times as quick as a join (measured)."""
    if len(urls) <= _FEW:
        named = ", ".join(quoted(url) for url in sorted(urls))
        rows = con.execute(f"SELECT * FROM proj.pending_pages WHERE url IN ({named})").fetchall() if urls else []
    else:
        con.register("asked_urls", pa.table({"url": pa.array(sorted(urls), pa.string())}))
        rows = con.execute("SELECT * FROM proj.pending_pages WHERE url IN (SELECT url FROM asked_urls)").fetchall()
        con.unregister("asked_urls")
    return [PendingPage(*row) for row in rows]


def rebuild(con: duckdb.DuckDBPyConnection, *, names: Sequence[str] = PLANNING, chunk: int = 500_000) -> None:
    """Make the planning projections again from the log, inside the caller's transaction, `chunk` events at a time."""
    for name in names:
        con.execute(f"DELETE FROM proj.{name}")
    folded = sorted(set().union(*(_FOLDED_TYPES[name] for name in names)))
    row = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchone()
    head = row[0] if row else 0
    for start in range(0, head, chunk):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT * FROM event_log"
            f" WHERE position > ? AND position <= ? AND type IN ({', '.join(map(quoted, folded))}) ORDER BY position",
            [start, start + chunk],
        )
        fold(con, set(folded), partial(_settled_before, con, start), names)


def _settled_before(con: duckdb.DuckDBPyConnection, position: int, urls: Set[str]) -> set[str]:
    """Those among `urls` whose outcome the log holds up to `position`."""
    con.register("asked_urls", pa.table({"url": pa.array(sorted(urls), pa.string())}))
    done = con.execute(
        f"SELECT DISTINCT {SETTLED} AS url FROM event_log WHERE position <= ? AND type IN ('page_captured',"
        " 'capture_failed') AND url IN (SELECT url FROM asked_urls)",
        [position],
    ).fetchall()
    con.unregister("asked_urls")
    return {url for (url,) in done}


def section(projection: str, name: str) -> str:
    """The part of a projection's file under `-- @name`."""
    text = (_FILES / f"{projection}.sql").read_text(encoding="utf-8")
    for part in text.split("\n-- @")[1:]:
        head, _, body = part.partition("\n")
        if head.split(":")[0].strip() == name:
            return body
    raise KeyError(f"{projection}.sql has no section @{name}")
