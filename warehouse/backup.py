"""Backup, restore, and recovery of a log whose catalog is lost or damaged.

A backup is a folder with one whole state: catalog, data files, captures and spool, the marker last. Data files and
captures are written once and never change, so that a second backup into the same folder copies only what is new.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse import layout, projections, state
from warehouse.attach import attach, first_line, quoted
from warehouse.catalog_copy import LATEST, backup, copies
from warehouse.erasure_list import ERASURES, read_erasures
from warehouse.errors import LogError, LogExistsError, LogNotFoundError
from warehouse.location import Location
from warehouse.lock import writer_lock
from warehouse.upkeep import live_files


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recovery found: events that the last copy of the catalog knew, events taken from later data files, and
    runs of positions (first, last) that are gone."""

    known: int
    found: int
    missing: tuple[tuple[int, int], ...]


def back_up(path: str | Path, target: str | Path) -> int:
    """Copy the log at `path` into the folder `target`; the number of files copied. Appends wait meanwhile.

    Raises LogNotFoundError, LayoutError, LogExistsError where `target` holds another log, LogError.
    """
    location, copy = Location(Path(path).resolve()), Location(Path(target).resolve())
    log_id = location.check()
    if copy.marker.exists() and copy.read_marker()[1] != log_id:
        raise LogExistsError(f"{copy.root} holds a backup of another log: choose another folder")
    with writer_lock(location, purpose="backup"):
        try:
            # Without its marker the copy is no log: one that was cut short cannot be restored by mistake.
            copy.marker.unlink(missing_ok=True)
            copy.root.mkdir(parents=True, exist_ok=True)
            con = attach(location, read_only=True)
            live = live_files(con, location)
            con.close()
            files = [*live, *_files(location.captures), *_files(location.spool), *_files(copies(location))]
            copied = sum(_copy(file, copy.root / file.relative_to(location.root)) for file in files)
            for stale in set(_files(copy.data)) - {copy.root / file.relative_to(location.root) for file in live}:
                stale.unlink()
            backup(location.catalog, copy.catalog)
            if (location.root / ERASURES).exists():
                shutil.copyfile(location.root / ERASURES, copy.root / ERASURES)
            shutil.copyfile(location.marker, copy.marker)
        except OSError as error:
            raise LogError(f"the backup to {copy.root} failed ({error.strerror}): mend that and run again") from None
    return copied


def restore(source: str | Path, path: str | Path) -> tuple[str, ...]:
    """Make the log at `path` from the backup in `source`; digests that were erased since come back, to erase again.

    What stands at `path` is moved aside, to `<path>.before-restore`, never deleted.
    Raises LogNotFoundError where `source` is no backup, LogExistsError where the folder aside is taken.
    """
    copy, location = Location(Path(source).resolve()), Location(Path(path).resolve())
    if not copy.marker.exists():
        raise LogNotFoundError(f"{copy.root} is no whole backup: `courant log backup` makes one")
    aside = location.root.with_name(f"{location.root.name}.before-restore")
    if aside.exists():
        raise LogExistsError(f"{aside} is there from an earlier restore: move it away first")
    erased = read_erasures(location.root) | read_erasures(copy.root)
    if location.root.exists():
        location.root.rename(aside)
    part = location.root.with_name(f"{location.root.name}.restoring")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(copy.root, part)
    part.rename(location.root)
    con = attach(location, read_only=True)
    try:
        still = con.execute("SELECT digest FROM texts WHERE digest IN (SELECT unnest(?::VARCHAR[]))", [sorted(erased)])
        return tuple(sorted(row[0] for row in still.fetchall()))
    finally:
        con.close()


def recover(path: str | Path) -> Recovered:
    """Make the catalog again: from its last copy, and from data files that are later than it, by stored position.

    The damaged catalog is kept as `catalog.damaged`. Raises LogNotFoundError, LayoutError, LogBusyError, LogError.
    """
    location = Location(Path(path).resolve())
    location.check()
    with writer_lock(location, purpose="recover"):
        for suffix in ("-wal", "-shm"):
            Path(f"{location.catalog}{suffix}").unlink(missing_ok=True)
        if location.catalog.exists():
            location.catalog.replace(location.root / "catalog.damaged")
        copy = copies(location) / f"{LATEST}.sqlite"
        if copy.exists() and is_whole(copy):
            shutil.copyfile(copy, location.catalog)
        else:
            layout.create(location)
        con = attach(location, read_only=False)
        try:
            return _take_in_files(con, location)
        except duckdb.Error as error:
            raise LogError(f"the recovery of {location.root} failed: {first_line(error)}; restore a backup") from error
        finally:
            con.close()


def _take_in_files(con: duckdb.DuckDBPyConnection, location: Location) -> Recovered:
    known = live_files(con, location)
    gone = [file for file in known if not file.exists()]
    if gone:
        raise LogError(f"the data file {gone[0].name} is gone, with {len(gone) - 1} more: restore a backup")
    [(head,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
    con.execute("BEGIN")
    found = 0
    if files := _unknown(location, "event_log", known):
        # Of two files that hold the same position, the later one was committed: names are in the order of time, and a
        # writer that was killed before its commit left the earlier one.
        con.execute(
            "CREATE TEMP TABLE late AS SELECT * EXCLUDE (filename)"
            f" FROM read_parquet({files}, filename = true, union_by_name = true)"
            " WHERE position > ? QUALIFY row_number() OVER (PARTITION BY position ORDER BY filename DESC) = 1",
            [head],
        )
        con.execute(
            "DELETE FROM late WHERE rowid IN (SELECT rowid FROM late"
            " QUALIFY row_number() OVER (PARTITION BY event_id ORDER BY position) > 1)"
        )
        con.execute("DELETE FROM late USING event_log WHERE late.event_id = event_log.event_id")
        columns = ", ".join(row[0] for row in con.execute("DESCRIBE event_log").fetchall())
        con.execute(f"INSERT INTO event_log SELECT {columns} FROM late ORDER BY position")
        [(found,)] = con.execute("SELECT count(*) FROM late").fetchall()
    if files := _unknown(location, "texts", known):
        con.execute(
            "INSERT INTO texts SELECT digest, min(position), any_value(text)"
            f" FROM read_parquet({files}, union_by_name = true)"
            " WHERE position > 0 AND digest NOT IN (SELECT digest FROM texts)"
            " AND digest NOT IN (SELECT payload->>'digest' FROM event_log WHERE type = 'content_erased')"
            " GROUP BY digest ORDER BY 2"
        )
    projections.rebuild(con)
    state.forget(con)
    [(last,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
    state.catch_up(con, last)
    con.execute("COMMIT")
    missing = con.execute(
        "SELECT before + 1, position - 1 FROM"
        " (SELECT position, lag(position, 1, 0) OVER (ORDER BY position) AS before FROM event_log)"
        " WHERE position > before + 1 ORDER BY 1"
    ).fetchall()
    return Recovered(known=head, found=found, missing=tuple(missing))


def _unknown(location: Location, table: str, known: set[Path]) -> str | None:
    """A SQL list of the table's data files that the catalog does not know."""
    folder = location.data / "main" / table
    files = sorted(f for f in folder.glob("*.parquet") if f not in known and "-delete" not in f.name and is_parquet(f))
    return "[" + ", ".join(quoted(str(file)) for file in files) + "]" if files else None


def is_parquet(file: Path) -> bool:
    """Whether the file is whole: it ends as Parquet files do. A killed writer's has no end."""
    with file.open("rb") as content:
        if content.seek(0, 2) < 12:
            return False
        content.seek(-4, 2)
        return content.read() == b"PAR1"


def is_whole(catalog: Path) -> bool:
    """Whether a SQLite file is sound and holds a DuckLake catalog."""
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as con:
            return con.execute("PRAGMA quick_check").fetchone() == ("ok",) and bool(
                con.execute("SELECT 1 FROM ducklake_snapshot LIMIT 1").fetchone()
            )
    except sqlite3.Error:
        return False


def _files(folder: Path) -> list[Path]:
    unfinished = (".part", ".open", ".lock")
    return [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(unfinished)]


def _copy(source: Path, target: Path) -> bool:
    if (
        target.exists()
        and target.stat().st_size == source.stat().st_size
        and target.stat().st_mtime >= source.stat().st_mtime
    ):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copy2(source, part)
    part.replace(target)
    return True
