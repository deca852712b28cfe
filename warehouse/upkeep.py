"""Upkeep: small files become big ones, old snapshots and files go, and a copy of the catalog lies beside the data.

All of it runs under the writer lock and may be killed at any moment. No step is needed for the log to be right, and
none that fails harms it: DuckLake's own upkeep has raised internal errors on tables with nothing to do, so each step
stands alone and a failure is reported. What is younger than the reader grace is spared, so that a reader's open
transaction keeps its files. Files are made big by `compact.py` and not by DuckLake's flush and merge: it says why.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb

from warehouse import files, postgres
from warehouse.attach import ALIAS, attach, first_line
from warehouse.catalog_copy import copy_catalog
from warehouse.compact import compact
from warehouse.errors import LogError
from warehouse.location import Location
from warehouse.lock import writer_lock
from warehouse.log import Log
from warehouse.state import next_stop, take_in

READER_GRACE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step came to: `done` counts what it worked on (rows, files, snapshots); `error` is one line, or None."""

    step: str
    done: int
    seconds: float
    error: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class UpkeepReport:
    """All steps, in order."""

    steps: tuple[StepReport, ...]

    @property
    def failed(self) -> tuple[StepReport, ...]:
        return tuple(step for step in self.steps if step.error)

    def to_json(self) -> dict[str, Any]:
        return {"steps": [asdict(step) for step in self.steps], "failed": len(self.failed)}


def upkeep(
    path: str | Path, *, grace: timedelta = READER_GRACE, progress: Callable[[str], None] = lambda step: None
) -> UpkeepReport:
    """Run every step on the log at `path`, sparing what is younger than `grace`. A failed step is reported, not raised.

    Raises LogNotFoundError, LayoutError, LogBusyError.
    """
    log = Log.open(path)
    return UpkeepReport(tuple(_run(log.location, grace, progress)))


Step = Callable[[duckdb.DuckDBPyConnection, Location, timedelta], tuple[int, str | None]]


def _run(location: Location, grace: timedelta, progress: Callable[[str], None]) -> Iterator[StepReport]:
    for name, step in STEPS.items():
        progress(name)
        started = time.monotonic()
        # The lock is let go between steps, so that an append waits for one step and not for all of them; and each has
        # a connection of its own, as one that failed may be of no more use.
        try:
            with writer_lock(location, purpose=f"upkeep: {name}"):
                con = attach(location, read_only=False)
                try:
                    done, note = step(con, location, grace)
                finally:
                    con.close()
        except Exception as error:  # noqa: BLE001 - fallible by design: the next step may still do its work
            yield StepReport(name, 0, time.monotonic() - started, error=first_line(error))
        else:
            yield StepReport(name, done, time.monotonic() - started, note=note)


def _catch_up(con: duckdb.DuckDBPyConnection, _: Location, __: timedelta) -> tuple[int, str | None]:
    [(head,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
    count = 0
    while (stop := next_stop(con, head)) is not None:
        con.execute("BEGIN")
        count += take_in(con, stop)
        con.execute("COMMIT")
    return count, None


def _compact(con: duckdb.DuckDBPyConnection, location: Location, _: timedelta) -> tuple[int, str | None]:
    count = compact(con)
    copy_catalog(location)
    return count, None


def _expire(con: duckdb.DuckDBPyConnection, _: Location, grace: timedelta) -> tuple[int, str | None]:
    return len(_old(con, "ducklake_expire_snapshots", grace)), None


def _clean_up(con: duckdb.DuckDBPyConnection, location: Location, grace: timedelta) -> tuple[int, str | None]:
    # The copy of the catalog must never name a file that is about to go.
    copy_catalog(location)
    return len(_old(con, "ducklake_cleanup_old_files", grace)), None


def _delete_orphans(con: duckdb.DuckDBPyConnection, location: Location, grace: timedelta) -> tuple[int, str | None]:
    """Files that no snapshot knows. DuckLake once took live ones after an expiry: so its list is checked first."""
    listed = [str(row[0]) for row in _old(con, "ducklake_delete_orphaned_files", grace, dry_run=True)]
    live = live_files(con, location)
    if wrong := sorted(file.rsplit("/", 1)[-1] for file in listed if file in live):
        return 0, f"left alone, for {len(wrong)} of its files are in the catalog, {wrong[0]} for one"
    if location.catalog.in_postgres and not postgres.held_by_us(location.catalog):
        # Whoever holds it now may be writing files that are in no catalog yet.
        raise LogError("the connection to the catalog, and the lock with it, was lost: run again")
    files.remove(file for file in listed if file.startswith(f"{location.data}/"))
    return len(listed), None


STEPS: dict[str, Step] = {
    "catch up": _catch_up,
    "compact": _compact,
    "expire snapshots": _expire,
    "clean up files": _clean_up,
    "delete orphans": _delete_orphans,
}


def live_files(con: duckdb.DuckDBPyConnection, location: Location) -> set[str]:
    """Every data and delete file that the catalog knows, by address."""
    meta = f"__ducklake_metadata_{ALIAS}"
    rows = con.execute(
        f"""SELECT f.path, f.path_is_relative, t.path, t.path_is_relative, s.path, s.path_is_relative
        FROM (SELECT table_id, path, path_is_relative FROM {meta}.ducklake_data_file
              UNION ALL SELECT table_id, path, path_is_relative FROM {meta}.ducklake_delete_file) f
        JOIN {meta}.ducklake_table t USING (table_id) JOIN {meta}.ducklake_schema s USING (schema_id)"""
    ).fetchall()
    found = set()
    for path, relative, table, table_relative, schema, schema_relative in rows:
        folder = _inside(location.data, schema) if schema_relative else str(schema)
        folder = _inside(folder, table) if table_relative else str(table)
        found.add(_inside(folder, path) if relative else str(path))
    return found


def _inside(folder: str, path: str) -> str:
    """`path` as the catalog keeps it (a folder's ends with a slash), inside `folder`."""
    return f"{folder.rstrip('/')}/{path}"


def _old(
    con: duckdb.DuckDBPyConnection, call: str, grace: timedelta, *, dry_run: bool = False
) -> list[tuple[Any, ...]]:
    seconds = int(grace.total_seconds())
    dry = ", dry_run => true" if dry_run else ""
    return con.execute(f"CALL {call}('{ALIAS}', older_than => now() - INTERVAL {seconds} SECOND{dry})").fetchall()
