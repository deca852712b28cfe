"""Backup, restore, and recovery of a log whose catalog is lost or damaged.

A backup is a folder with one whole state: catalog, data files, captures and spool, the marker last. Data files and
captures are written once and never change, so that a second backup into the same folder copies only what is new.
"""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from warehouse import creation, files, layout, postgres, projections, state
from warehouse.attach import attach, first_line, quoted
from warehouse.catalog import SQLITE
from warehouse.catalog_copy import LATEST, export_catalog, import_catalog, is_whole
from warehouse.erasure_list import ERASURES, add_erasures, read_erasures
from warehouse.errors import LogError, LogExistsError, LogNotFoundError
from warehouse.location import LAYOUT, MARKER, Location
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

    Whatever the log's catalog is and wherever its data lie, the copy is a log on a local disk with a SQLite catalog.
    Raises LogNotFoundError, LayoutError, LogExistsError where `target` holds another log, LogError.
    """
    location, copy = Location.find(path), Location(Path(target).resolve())
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
            local = [*_files(location.captures), *_files(location.spool)]
            copied = sum(_copy(file, copy.root / file.relative_to(location.root)) for file in local)
            found = files.find(location.data) | files.find(location.copies)
            sizes = {file: info for file, info in found.items() if not file.endswith(".part")}
            wanted = {file: copy.root / file.removeprefix(f"{location.base}/") for file in sizes}
            stale = set(_files(Path(copy.data))) - {wanted[file] for file in live}
            for file, place in wanted.items():
                # Data files are written once and never change; a copy of the catalog does.
                if (file in live and not _is_of_size(place, sizes[file].size)) or file.startswith(location.copies):
                    files.fetch(file, place)
                    copied += 1
            for place in stale:
                place.unlink()
            export_catalog(location, copy.catalog_file)
            add_erasures(copy.base, read_erasures(location.base))
            copy.write_marker(log_id)
        except OSError as error:
            raise LogError(f"the backup to {copy.root} failed ({error.strerror}): mend that and run again") from None
        except KeyError as error:
            raise LogError(f"the data file {error.args[0]} is gone: run `courant log verify`") from None
    return copied


def restore(source: str | Path, path: str | Path, *, catalog: str | None = None, data: str | None = None) -> None:
    """Make the log at `path` from the backup in `source`, with the list of what has been erased from either.

    What the backup still holds of that is to be erased again at once (`erase.find_returned`), as `courant log restore`
    does. `catalog` and `data` as in `Log.create`: so a log is also moved from one kind of catalog to another. What
    stands at `path` is moved aside, to `<path>.before-restore`, never deleted; a schema in PostgreSQL or a place in
    object storage that holds a log is refused. Raises LogNotFoundError where `source` is no backup, LogExistsError
    where a place is taken, LogError.
    """
    copy, root = Location(Path(source).resolve()), Path(path).resolve()
    if not copy.marker.exists():
        raise LogNotFoundError(f"{copy.root} is no whole backup: `courant log backup` makes one")
    before = Location.find(root) if (root / MARKER).exists() else Location(root)
    if catalog is None and before.catalog.in_postgres:
        raise LogError(
            f"the log at {root} has its catalog in PostgreSQL: say with --catalog (and --data) where the restored one"
            " goes, a schema that holds none, or --catalog sqlite"
        )
    location = creation.planned(root, catalog or SQLITE, data)
    aside = root.with_name(f"{root.name}.before-restore")
    if aside.exists():
        raise LogExistsError(f"{aside} is there from an earlier restore: move it away first")
    erased = read_erasures(before.base) | read_erasures(copy.base)
    part = replace(location, root=root.with_name(f"{root.name}.restoring"))
    shutil.rmtree(part.root, ignore_errors=True)
    if location.catalog.in_postgres:
        _restore_to_postgres(copy, location, part)
    else:
        shutil.copytree(copy.root, part.root)
    if root.exists():
        root.rename(aside)
    part.root.rename(root)
    if erased:
        add_erasures(location.base, erased)


def _restore_to_postgres(copy: Location, location: Location, part: Location) -> None:
    """The backup `copy` into the catalog and the data's place of `location`, its folder made as `part`."""
    layout_of_copy, log_id = copy.read_marker()
    with writer_lock(location, purpose="restore"):
        if postgres.register(location.catalog, log_id, location.base) != log_id:
            raise LogExistsError(f"{location.catalog.name} holds another log, half made: choose another schema")
        creation.claim(location, log_id)
        creation.make_folders(part)
        for kept, place in ((copy.captures, part.captures), (copy.spool, part.spool)):
            if kept.exists():
                shutil.copytree(kept, place, dirs_exist_ok=True)
        for file in _files(Path(copy.data)):
            # Inside the log's folder the data come with it, when it is put in its place.
            target = part.root if not location.elsewhere else location.base
            files.put(file, f"{target}/{file.relative_to(copy.root)}")
        import_catalog(copy.catalog_file, location.catalog)
        files.write(f"{location.elsewhere or part.root}/{ERASURES}", files.read(f"{copy.base}/{ERASURES}") or b"[]")
        postgres.set_layout(location.catalog, layout_of_copy)
        part.write_marker(log_id)


def recover(path: str | Path) -> Recovered:
    """Make the catalog again: from its last copy, and from data files that are later than it, by stored position.

    The damaged catalog is kept, as the file `catalog.damaged` or the schema `<schema>_damaged`.
    Raises LogNotFoundError, LayoutError, LogBusyError, LogError.
    """
    location = Location.find(path)
    log_id = location.check()
    with writer_lock(location, purpose="recover"), tempfile.TemporaryDirectory(prefix="courant-") as folder:
        last, address = Path(folder) / "catalog.sqlite", f"{location.copies}/{LATEST}.sqlite"
        if address in files.find(location.copies):
            files.fetch(address, last)
        copy = last if is_whole(last) else None
        if location.catalog.in_postgres:
            postgres.move_aside(location.catalog)
            postgres.register(location.catalog, log_id, location.base)
            import_catalog(copy, location.catalog) if copy else layout.create(location)
            postgres.set_layout(location.catalog, LAYOUT)
        else:
            for suffix in ("-wal", "-shm"):
                Path(f"{location.catalog_file}{suffix}").unlink(missing_ok=True)
            if location.catalog_file.exists():
                location.catalog_file.replace(location.root / "catalog.damaged")
            files.fetch(str(copy), location.catalog_file) if copy else layout.create(location)
        con = attach(location, read_only=False)
        try:
            return _take_in_files(con, location)
        except duckdb.Error as error:
            raise LogError(f"the recovery of {location.root} failed: {first_line(error)}; restore a backup") from error
        finally:
            con.close()


def _take_in_files(con: duckdb.DuckDBPyConnection, location: Location) -> Recovered:
    known = live_files(con, location)
    if gone := sorted(known - files.find(location.data).keys()):
        name = gone[0].rsplit("/", 1)[-1]
        raise LogError(f"the data file {name} is gone, with {len(gone) - 1} more: restore a backup")
    [(head,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
    con.execute("BEGIN")
    found = 0
    if late := _unknown(location, "event_log", known):
        # Of two files that hold the same position, the later one was committed: names are in the order of time, and a
        # writer that was killed before its commit left the earlier one.
        con.execute(
            "CREATE TEMP TABLE late AS SELECT * EXCLUDE (filename)"
            f" FROM read_parquet({late}, filename = true, union_by_name = true)"
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
    if late := _unknown(location, "texts", known):
        con.execute(
            "INSERT INTO texts SELECT digest, min(position), any_value(text)"
            f" FROM read_parquet({late}, union_by_name = true)"
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


def _unknown(location: Location, table: str, known: set[str]) -> str | None:
    """A SQL list of the table's data files that the catalog does not know."""
    found = files.find(f"{location.data}/main/{table}")
    late = [
        file
        for file, info in found.items()
        if file.endswith(".parquet") and "-delete" not in file and file not in known and _is_parquet(file, info.size)
    ]
    return "[" + ", ".join(quoted(file) for file in late) + "]" if late else None


def _is_parquet(file: str, size: int) -> bool:
    """Whether the file is whole: it ends as Parquet files do. A killed writer's has no end."""
    return size >= 12 and files.last_bytes(file, 4) == b"PAR1"


def _files(folder: Path) -> list[Path]:
    unfinished = (".part", ".open", ".lock")
    return [file for file in folder.rglob("*") if file.is_file() and not file.name.endswith(unfinished)]


def _is_of_size(file: Path, size: int) -> bool:
    return file.exists() and file.stat().st_size == size


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
