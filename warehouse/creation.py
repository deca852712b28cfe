"""Making a log: its folder, its catalog, a mark where its data lie, and the marker that makes it a log, last."""

import json
import os
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import duckdb

from warehouse import files, layout, postgres
from warehouse.catalog import SQLITE, Catalog
from warehouse.errors import LogError, LogExistsError, LogNotWritableError
from warehouse.location import LAYOUT, MARKER, Location
from warehouse.lock import on_network_file_system, refuse_network_file_system, writer_lock


def planned(path: str | Path, catalog: str = SQLITE, data: str | None = None) -> Location:
    """Where a log will lie. Raises LogError for what cannot go together, or is no name of a catalog.

    A password may stand in COURANT_CATALOG alone: what a command is given, every user of the machine can read.
    """
    root = Path(path).resolve()
    given, from_environ = Catalog.parse(catalog), os.environ.get("COURANT_CATALOG")
    if given.password and catalog != from_environ:
        raise LogError(
            f"leave the password out of {given.name}: put it into ~/.pgpass or PGPASSWORD, or the whole address into"
            " COURANT_CATALOG"
        )
    if given.in_postgres and from_environ:
        known = Catalog.parse(from_environ)
        given = replace(given, password=known.password if known.url == given.url else None)
    base = data or ""
    if files.in_s3(base):
        inside = base.removeprefix(files.S3).strip("/")
        if not inside:
            raise LogError(f"{data} names no bucket: as in s3://bucket/news")
        base = f"{files.S3}{inside}"
    elif base:
        base = str(Path(base).resolve())
    if base and not given.in_postgres:
        raise LogError(f"data outside the log's folder ({data}) need a catalog in PostgreSQL: name it with --catalog")
    return Location(root, given, "" if base == str(root) else base)


def create(location: Location, log_id: UUID) -> Location:
    """Make the log, or one more folder of the log that a catalog in PostgreSQL holds; where it then lies.

    Raises LogExistsError where data of another log lie there already, LogNotWritableError, LogError.
    """
    make_folders(location)
    with writer_lock(location, purpose="init"):
        if location.marker.exists():
            return location
        if location.catalog.in_postgres:
            held = postgres.registered(location.catalog)
            if held is not None and held.layout:
                location.check_layout(held.layout)
                location, log_id = _joined(location, held), held.log_id
            else:
                log_id = postgres.register(location.catalog, log_id, location.base)
                claim(location, log_id)
                make_data_folder(location)
                layout.create(location)
                postgres.set_layout(location.catalog, LAYOUT)
        else:
            clear_leftover(location)
            make_data_folder(location)
            layout.create(location)
        # The marker comes last: a log whose making was cut short is no log yet.
        location.write_marker(log_id)
    return location


def clear_leftover(location: Location) -> None:
    """Remove the empty catalog of a making that was killed before its marker. Raises LogExistsError for one in use."""
    if not location.catalog_file.exists():
        return
    events = sorted(str(file) for file in Path(location.data).rglob("event_log/**/*.parquet"))
    if events and duckdb.execute(f"SELECT 1 FROM read_parquet({events}) WHERE position > 0 LIMIT 1").fetchall():
        raise LogExistsError(
            f"{location.root} holds a log that has lost its {MARKER}: put it back from a backup, or take another folder"
        )
    for suffix in ("", "-wal", "-shm"):
        Path(f"{location.catalog_file}{suffix}").unlink(missing_ok=True)


def make_folders(location: Location) -> None:
    """The folders that every log has. Raises LogNotWritableError."""
    try:
        location.root.mkdir(parents=True, exist_ok=True)
        if not location.catalog.in_postgres:
            refuse_network_file_system(location.root)
        elif on_network_file_system(location.index.parent):
            raise LogNotWritableError(
                f"{location.index} would lie on a network file system: set COURANT_INDEX to a folder on a local disk"
            )
        for folder in (location.captures, location.spool):
            folder.mkdir(exist_ok=True)
    except OSError as error:
        raise LogNotWritableError(
            f"cannot make a log at {location.root} ({error.strerror}): choose another folder with --log"
        ) from None


def make_data_folder(location: Location) -> None:
    """The folder of the data, on a local disk. Raises LogNotWritableError."""
    if files.in_s3(location.data):
        return
    try:
        Path(location.data).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LogNotWritableError(
            f"cannot make {location.data} ({error.strerror}): name another place with --data"
        ) from None


def claim(location: Location, log_id: UUID) -> None:
    """Mark the folder of the data as this log's: two logs over one folder would take each other's files for orphans.

    Raises LogExistsError where it is another's, or holds data of nobody known.
    """
    if not location.elsewhere:
        return
    mark = f"{location.base}/{MARKER}"
    held = files.read(mark)
    if held is None and not files.find(location.data):
        files.write(mark, (json.dumps({"log_id": str(log_id)}) + "\n").encode())
    elif held is None or str(log_id).encode() not in held:
        raise LogExistsError(f"{location.base} holds the data of another log: name another place with --data")


def _joined(location: Location, held: postgres.Registered) -> Location:
    """This folder, for the log that the catalog holds: its data lie where it says."""
    if files.in_s3(held.base):
        if location.elsewhere not in ("", held.base):
            raise LogError(f"the log in {location.catalog.name} has its data at {held.base}: leave --data out")
        return replace(location, elsewhere=held.base)
    # A folder may be mounted elsewhere on this machine: so what is said is believed, and checked for data.
    base = location.elsewhere or held.base
    joined = replace(location, elsewhere="" if base == str(location.root) else base)
    if not files.find(joined.data):
        raise LogError(f"{joined.data} holds no data of {location.catalog.name}: name their folder with --data")
    return joined
