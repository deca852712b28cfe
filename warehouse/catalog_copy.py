"""Copies of the catalog beside the data, and a catalog brought from one kind of database to the other.

A copy is one whole state, put under its name last, and always a SQLite catalog: a log whose catalog is in PostgreSQL
can so be backed up, recovered, and moved, without a word of PostgreSQL's own tools.
"""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import duckdb

from warehouse import files, postgres
from warehouse.attach import connection, first_line, password_secret, quoted
from warehouse.catalog import Catalog
from warehouse.errors import LogError
from warehouse.location import Location

LATEST = "latest"


def copy_catalog(location: Location, name: str = LATEST) -> str:
    """Copy the catalog to `catalog-copies/<name>.sqlite`, in place of an older copy of that name; its address.

    Under the writer lock. Raises LogError, sqlite3.Error, OSError.
    """
    target = f"{location.copies}/{name}.sqlite"
    if files.in_s3(target):
        with tempfile.TemporaryDirectory(prefix="courant-") as folder:
            made = Path(folder) / "catalog.sqlite"
            export_catalog(location, made)
            files.put(made, target)
    else:
        Path(target).parent.mkdir(exist_ok=True)
        export_catalog(location, Path(target))
    return target


def export_catalog(location: Location, target: Path) -> None:
    """One whole state of the catalog as a SQLite file, put in place by a rename. Raises LogError, sqlite3.Error."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    if location.catalog.in_postgres:
        _from_postgres(location.catalog, part)
    else:
        source = f"file:{location.catalog_file}?mode=ro"
        with closing(sqlite3.connect(source, uri=True)) as con, closing(sqlite3.connect(part)) as copy:
            con.backup(copy)
    part.replace(target)


def import_catalog(source: Path, catalog: Catalog) -> None:
    """Fill the PostgreSQL `catalog`, whose schema has no DuckLake yet, from a SQLite catalog. Raises LogError."""
    con = _connection(catalog)
    try:
        con.execute(f"ATTACH {quoted(str(source))} AS source (TYPE sqlite, READ_ONLY)")
        # An empty catalog first: it has the tables that this DuckLake wants, with their types.
        schema = quoted(catalog.schema)
        con.execute(
            f"ATTACH {quoted(f'ducklake:postgres:{postgres.conninfo(catalog)}')} AS made (DATA_PATH 'data/',"
            f" METADATA_SCHEMA {schema}, META_SCHEMA {schema}, META_SECRET 'courant_catalog')"
        )
        con.execute("DETACH made")
        _attach_postgres(con, catalog, "target", read_only=False)
        _replace_rows(con)
    except duckdb.Error as error:
        raise LogError(f"the catalog {catalog.name} could not be filled: {first_line(error)}") from None
    finally:
        con.close()


def is_whole(catalog: Path) -> bool:
    """Whether a SQLite file is sound, and a DuckLake catalog."""
    try:
        with closing(sqlite3.connect(f"file:{catalog}?mode=ro", uri=True)) as con:
            return con.execute("PRAGMA quick_check").fetchone() == ("ok",) and bool(
                con.execute("SELECT 1 FROM ducklake_snapshot LIMIT 1").fetchone()
            )
    except sqlite3.Error:
        return False


def _from_postgres(catalog: Catalog, target: Path) -> None:
    con = _connection(catalog)
    try:
        con.execute(f"ATTACH {quoted(f'ducklake:sqlite:{target}')} AS made (DATA_PATH 'data/')")
        con.execute("DETACH made")
        con.execute(f"ATTACH {quoted(str(target))} AS target (TYPE sqlite)")
        _attach_postgres(con, catalog, "source", read_only=True)
        _replace_rows(con)
    except duckdb.Error as error:
        raise LogError(f"the catalog {catalog.name} could not be copied: {first_line(error)}") from None
    finally:
        con.close()
    with closing(sqlite3.connect(target)) as made:
        # As a log's catalog is: a reader could not change it to this.
        made.execute("PRAGMA journal_mode = WAL")


def _connection(catalog: Catalog) -> duckdb.DuckDBPyConnection:
    con = connection(("ducklake", "sqlite_scanner", "postgres_scanner"))
    con.execute("SET TimeZone = 'UTC'")
    con.execute(password_secret(catalog.password))
    return con


def _attach_postgres(con: duckdb.DuckDBPyConnection, catalog: Catalog, name: str, *, read_only: bool) -> None:
    con.execute(
        f"ATTACH {quoted(postgres.conninfo(catalog))} AS {name} (TYPE postgres, SCHEMA {quoted(catalog.schema)},"
        f" SECRET courant_catalog{', READ_ONLY' if read_only else ''})"
    )


def _replace_rows(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of the attached `target` those of `source`, each column in the type that the target has."""
    tables = con.execute(
        r"SELECT table_name FROM duckdb_tables() WHERE database_name = 'source' AND table_name LIKE 'ducklake\_%'"
        r" ESCAPE '\' ORDER BY 1"
    ).fetchall()
    # One transaction: the source is read in one state, and the target is whole or empty.
    con.execute("BEGIN")
    for (table,) in tables:
        columns = con.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE database_name = 'target' AND table_name = ?"
            " ORDER BY column_index",
            [table],
        ).fetchall()
        if columns:
            names = ", ".join(f'"{name}"' for name, _ in columns)
            values = ", ".join(f'CAST("{name}" AS {type_})' for name, type_ in columns)
            con.execute(f"DELETE FROM target.{table}")
            con.execute(f"INSERT INTO target.{table} ({names}) SELECT {values} FROM source.{table}")
        else:
            # A table of inlined rows, empty since layout 2, that the catalog still names.
            con.execute(f"CREATE TABLE target.{table} AS SELECT * FROM source.{table}")
    con.execute("COMMIT")
