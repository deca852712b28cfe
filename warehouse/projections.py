"""Projections that planning needs, kept up to date inside every append: what was appended just before is not missed.

Each is a SQL file with a `@table` and a `@fold` section. The fold takes in a batch of events; folding the log in any
cuts gives the same rows, so that a projection can be deleted and made again at any time.
"""

from importlib.resources import files

import duckdb

from warehouse.index import SETTLED

PLANNING = ("feed_state", "pending_pages", "coder_ranks")
_FOLDED_TYPES = {
    "feed_state": {"feed_polled"},
    "coder_ranks": {"coder_activated"},
    "pending_pages": {"article_discovered", "page_captured", "capture_failed"},
}
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
            con.execute("CREATE OR REPLACE TEMP TABLE batch_done (url VARCHAR)")
            con.execute("INSERT INTO batch_done SELECT unnest(?::VARCHAR[])", [sorted(done_urls)])
        con.execute(section(name, "fold"))


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
