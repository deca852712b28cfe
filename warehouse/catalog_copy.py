"""Copies of the catalog beside the data: rows that are still inlined live in the catalog alone.

A copy is one whole state, made with SQLite's own backup while readers go on, and put under its name last.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from warehouse.location import Location

LATEST = "latest"


def copy_catalog(location: Location, name: str = LATEST) -> Path:
    """Copy the catalog to `catalog-copies/<name>.sqlite`, in place of an older copy of that name. Under the lock."""
    folder = copies(location)
    folder.mkdir(exist_ok=True)
    target = folder / f"{name}.sqlite"
    backup(location.catalog, target)
    return target


def backup(source: Path, target: Path) -> None:
    """One whole state of a SQLite file, put in place by a rename."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as con, closing(sqlite3.connect(part)) as copy:
        con.backup(copy)
    part.replace(target)


def copies(location: Location) -> Path:
    return location.root / "catalog-copies"
