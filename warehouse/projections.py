"""Projections that planning needs, kept up to date inside every append: what was appended just before is not missed.

Each is a SQL file with a `@table` and, but for one, a `@fold` section. The fold takes in a batch of events; folding the
log in any cuts gives the same rows, so that a projection can be deleted and made again at any time.
"""

from collections.abc import Iterable, Set
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.resources import files
from uuid import UUID

import duckdb
import pyarrow as pa

from warehouse.index import SETTLED

PLANNING = ("feed_state", "pending_pages", "coder_ranks")
_FOLDED_TYPES = {
    "feed_state": {"feed_polled"},
    "coder_ranks": {"coder_activated"},
    "pending_pages": {"article_discovered", "page_captured", "capture_failed"},
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
_FILES = files("warehouse") / "sql" / "projections"


def create(con: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of all projections."""
    for name in PLANNING:
        con.execute(section(name, "table"))


def fold(con: duckdb.DuckDBPyConnection, done_urls: set[str]) -> None:
    """Take the temporary table `batch` into the projections, inside the caller's transaction.

    `done_urls` are those named in the batch whose outcome is known, from it or from before.
    """
    types = {row[0] for row in con.execute("SELECT DISTINCT type FROM batch").fetchall()}
    for name in PLANNING:
        if not types & _FOLDED_TYPES[name]:
            continue
        if name == "pending_pages":
            _fold_pending(con, done_urls)
        else:
            con.execute(section(name, "fold"))


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


def _fold_pending(con: duckdb.DuckDBPyConnection, done: Set[str]) -> None:
    news = [
        PageNews(*row)
        for row in con.execute(
            "SELECT payload->>'url', position, feed_id, observed_at, coalesce((payload->>'attempt')::INTEGER, 0),"
            " payload->>'retry_at', payload->>'reason', payload->>'message'"
            " FROM batch WHERE type IN ('article_discovered', 'capture_failed') ORDER BY position"
        ).fetchall()
    ]
    # As Arrow: of a list among the parameters, each value costs two failed imports (measured, duckdb 1.5.5).
    con.register("told_urls", pa.table({"url": pa.array(sorted({told.url for told in news} | done), pa.string())}))
    known = [
        PendingPage(*row)
        for row in con.execute("SELECT * FROM proj.pending_pages WHERE url IN (SELECT url FROM told_urls)").fetchall()
    ]
    con.unregister("told_urls")
    held = {page.url: page for page in known}
    pending = still_pending(known, news, done)
    changed = [page.url for page in known if pending.get(page.url) != page]
    added = [page for url, page in pending.items() if held.get(url) != page]
    if changed:
        con.register("changed_urls", pa.table({"url": pa.array(changed, pa.string())}))
        con.execute("DELETE FROM proj.pending_pages WHERE url IN (SELECT url FROM changed_urls)")
        con.unregister("changed_urls")
    if added:
        columns = [{**asdict(page), "feed_id": str(page.feed_id) if page.feed_id else None} for page in added]
        rows = pa.Table.from_pylist(columns, schema=_PENDING)
        con.register("still_pending", rows)
        con.execute("INSERT INTO proj.pending_pages SELECT * REPLACE (feed_id::UUID AS feed_id) FROM still_pending")
        con.unregister("still_pending")


def rebuild(con: duckdb.DuckDBPyConnection, *, chunk: int = 500_000) -> None:
    """Make the planning projections again from the log, inside the caller's transaction, `chunk` events at a time."""
    for name in PLANNING:
        con.execute(f"DELETE FROM proj.{name}")
    row = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchone()
    head = row[0] if row else 0
    types = sorted(set().union(*_FOLDED_TYPES.values()))
    for start in range(0, head, chunk):
        con.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT * FROM event_log"
            " WHERE position > ? AND position <= ? AND type IN (SELECT unnest(?)) ORDER BY position",
            [start, start + chunk, types],
        )
        done = con.execute(
            f"SELECT DISTINCT {SETTLED} AS url FROM event_log WHERE position <= ? AND url IN"
            " (SELECT payload->>'url' FROM batch WHERE type <> 'feed_polled')",
            [start + chunk],
        ).fetchall()
        fold(con, {url for (url,) in done})


def section(projection: str, name: str) -> str:
    """The part of a projection's file under `-- @name`."""
    text = (_FILES / f"{projection}.sql").read_text(encoding="utf-8")
    for part in text.split("\n-- @")[1:]:
        head, _, body = part.partition("\n")
        if head.split(":")[0].strip() == name:
            return body
    raise KeyError(f"{projection}.sql has no section @{name}")
