"""DuckDB connections to a log: extensions from the installed packages, the lake attached, its schema in use.

Nothing is downloaded at run time: the packages `duckdb-extension-*` carry the official signed extensions, and DuckDB
checks their signatures on load.
"""

from importlib.util import find_spec
from pathlib import Path

import duckdb

from warehouse.errors import LogError
from warehouse.location import Location

ALIAS = "courant"
"""The lake's name in every connection."""


def connect(path: str | Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the log at `path`, every view at hand, times in UTC.

    Takes no lock, never blocks a writer and is never blocked; sees whole commits only.
    Raises LogNotFoundError, LayoutError.
    """
    location = Location(Path(path))
    location.check()
    return attach(location, read_only=True)


def attach(location: Location, *, read_only: bool, create: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection with the lake attached as `courant` and in use."""
    con = duckdb.connect()
    try:
        attach_to(con, location, read_only=read_only, create=create)
        con.execute(f"USE {ALIAS}")
    except BaseException:
        con.close()
        raise
    return con


def attach_to(con: duckdb.DuckDBPyConnection, location: Location, *, read_only: bool, create: bool = False) -> None:
    """Attach the lake to a connection of the caller's, under the name `courant`. Raises LogError."""
    options = ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 10000", f"DATA_PATH {quoted(f'{location.data}/')}"]
    # Inlined rows would have to be flushed one day, and a flush takes them from under open readers: see compact.py.
    options.append("READ_ONLY" if read_only else "DATA_INLINING_ROW_LIMIT 0")
    if not create:
        # A log may be moved or mounted elsewhere: its data lie beside its catalog, whatever path it was made under.
        options += ["OVERRIDE_DATA_PATH true", "CREATE_IF_NOT_EXISTS false"]
    try:
        con.execute("SET TimeZone = 'UTC'")
        load_extension(con, "ducklake")
        load_extension(con, "sqlite_scanner")
        con.execute(f"ATTACH {quoted(f'ducklake:sqlite:{location.catalog}')} AS {ALIAS} ({', '.join(options)})")
    except duckdb.Error as error:
        raise LogError(f"cannot open the log at {location.root}: {first_line(error)}") from error


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a signed extension straight from its Python package; nothing is written to the home folder."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        raise LogError(f"the package duckdb-extension-{name.replace('_', '-')} is not installed: pip install it")
    file = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not file.exists():
        raise LogError(
            f"duckdb-extension-{name.replace('_', '-')} is not of DuckDB {duckdb.__version__}: install equal versions"
        )
    con.execute(f"LOAD {quoted(str(file))}")


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
