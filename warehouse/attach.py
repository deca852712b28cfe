"""DuckDB connections to a log: extensions from the installed packages, the lake attached, its schema in use.

Nothing is downloaded at run time: the packages `duckdb-extension-*` carry the official signed extensions, and DuckDB
checks their signatures, once in a process.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import duckdb

from warehouse import files, postgres
from warehouse.errors import LayoutError, LogError
from warehouse.location import Location

ALIAS = "courant"
"""The lake's name in every connection."""
_SIGNED: set[str] = set()
"""Extensions whose signature DuckDB has checked in this process."""
_EXTRAS = {"postgres_scanner": "postgres", "httpfs": "s3"}


def connect(path: str | Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the log at `path`, every view at hand, times in UTC.

    Takes no lock, never blocks a writer and is never blocked; sees whole commits only.
    Raises LogNotFoundError, LayoutError.
    """
    location = Location.find(path)
    location.check()
    return attach(location, read_only=True)


def attach(location: Location, *, read_only: bool, create: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection with the lake attached as `courant` and in use."""
    con = connection(extensions(location))
    try:
        attach_to(con, location, read_only=read_only, create=create)
        con.execute(f"USE {ALIAS}")
    except BaseException:
        con.close()
        raise
    return con


def connection(names: Sequence[str]) -> duckdb.DuckDBPyConnection:
    """A connection with the extensions `names` loaded, their signatures checked. Raises LogError.

    DuckDB hashes an extension anew for each connection, 0.25 s of CPU for two of them: so what this process has seen
    to be signed is not checked again.
    """
    check = not set(names) <= _SIGNED
    con = duckdb.connect(config={} if check else {"allow_unsigned_extensions": "true"})
    try:
        for name in names:
            load_extension(con, name)
    except BaseException:
        con.close()
        raise
    if check:
        _SIGNED.update(names)
    return con


def extensions(location: Location) -> list[str]:
    """DuckDB's extensions that the log's storage takes."""
    catalog = "postgres_scanner" if location.catalog.in_postgres else "sqlite_scanner"
    return ["ducklake", catalog, *(["httpfs"] if files.in_s3(location.data) else [])]


def attach_to(con: duckdb.DuckDBPyConnection, location: Location, *, read_only: bool, create: bool = False) -> None:
    """Attach the lake to a connection of the caller's, under the name `courant`. Raises LogError."""
    options = [f"DATA_PATH {quoted(f'{location.data}/')}"]
    # Inlined rows would have to be flushed one day, and a flush takes them from under open readers: see compact.py.
    options.append("READ_ONLY" if read_only else "DATA_INLINING_ROW_LIMIT 0")
    if not create:
        # A log may be moved or mounted elsewhere: its data lie beside its catalog, whatever path it was made under.
        options += ["OVERRIDE_DATA_PATH true", "CREATE_IF_NOT_EXISTS false"]
    try:
        con.execute("SET TimeZone = 'UTC'")
        for name in extensions(location):
            load_extension(con, name)
        if files.in_s3(location.data):
            con.execute(files.secret(location.base))
        if location.catalog.in_postgres:
            catalog = _with_postgres(con, location, options, read_only=read_only)
        else:
            options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 10000"]
            catalog = f"sqlite:{location.catalog_file}"
        con.execute(f"ATTACH {quoted(f'ducklake:{catalog}')} AS {ALIAS} ({', '.join(options)})")
        if location.catalog.in_postgres and not create:
            _check_registered(con, location)
    except duckdb.Error as error:
        raise LogError(f"cannot open the log at {location.root}: {first_line(error)}") from error


def renew_credentials(con: duckdb.DuckDBPyConnection, location: Location) -> None:
    """Bring a connection that is kept the credentials for object storage of now: those of a role last an hour or so."""
    if files.in_s3(location.data) and files.credentials_expire():
        con.execute(files.secret(location.base))


def _with_postgres(con: duckdb.DuckDBPyConnection, location: Location, options: list[str], *, read_only: bool) -> str:
    """Make `con` and `options` ready for a catalog in PostgreSQL; what is to be attached."""
    schema = location.catalog.schema
    # Of the database, this schema alone is in reach.
    options += [f"METADATA_SCHEMA {quoted(schema)}", f"META_SCHEMA {quoted(schema)}"]
    con.execute(password_secret(location.catalog.password))
    options.append("META_SECRET 'courant_catalog'")
    if not read_only:
        # DuckLake would commit an insert onto a state that it has not read, and so give positions twice. The lock
        # forbids that this comes up; should a holder have lost it unawares, its commit fails.
        con.execute("SET ducklake_max_retry_count = 0")
    return f"postgres:{postgres.conninfo(location.catalog)}"


def password_secret(password: str | None) -> str:
    """SQL that keeps a catalog's password out of every connection string, which DuckDB shows in messages and tables."""
    said = f", PASSWORD {quoted(password)}" if password else ""
    return f"CREATE OR REPLACE TEMPORARY SECRET courant_catalog (TYPE postgres{said})"


def _check_registered(con: duckdb.DuckDBPyConnection, location: Location) -> None:
    """The catalog says itself which log it holds: markers on several machines name it. Raises LayoutError, LogError."""
    layout, log_id = location.read_marker()
    try:
        [(held, held_layout)] = con.execute(
            f"SELECT log_id, layout FROM __ducklake_metadata_{ALIAS}.courant_log"
        ).fetchall()
    except (duckdb.CatalogException, ValueError):
        raise LogError(
            f"{location.catalog.name} holds no whole log: `courant log recover` makes it again from the last copy"
        ) from None
    if held != log_id:
        raise LogError(
            f"{location.catalog.name} holds another log ({held}) than {location.root} names ({log_id}):"
            " check COURANT_CATALOG, or make this folder anew with `courant log create`"
        )
    if held_layout != layout:
        raise LayoutError(
            f"the catalog of {location.root} has layout {held_layout}, its folder {layout}: run `courant log upgrade`"
        )


def by_hand(location: Location) -> str:
    """SQL that opens the log for reading in a DuckDB that is not ours: a shell, a notebook, a BI tool.

    It begins with a check of the version, which tells anyone else of the published copy. No password is in it.
    """
    names = extensions(location)
    ours = duckdb.__version__
    refused = f"this log takes DuckDB {ours}: with another, read a published copy (courant publish news.duckdb)"
    installed = " ".join(f"INSTALL {name}; LOAD {name};" for name in names)
    options = [f"DATA_PATH {quoted(f'{location.data}/')}", "OVERRIDE_DATA_PATH true", "CREATE_IF_NOT_EXISTS false"]
    lines = [
        f"-- DuckDB {ours}, with the extensions {', '.join(names)}. No other version reads this log: for one,",
        "-- `courant publish news.duckdb` writes a copy of all views that any DuckDB opens, without extensions.",
        f"SELECT CASE WHEN version() <> 'v{ours}' THEN error({quoted(refused)}) END AS checked;",
        f"-- The extensions of Courant's own packages. On a machine without them: {installed}",
        *(f"LOAD {quoted(str(extension_file(name)))};" for name in names),
        "SET TimeZone = 'UTC';",
    ]
    if files.in_s3(location.data):
        lines.append("CREATE SECRET (TYPE s3, KEY_ID '…', SECRET '…');  -- the keys of the object storage")
    if location.catalog.in_postgres:
        lines.append("-- The catalog's password is looked for in PGPASSWORD and ~/.pgpass.")
        options += [f"{name} {quoted(location.catalog.schema)}" for name in ("METADATA_SCHEMA", "META_SCHEMA")]
        catalog = f"postgres:{postgres.conninfo(location.catalog)}"
    else:
        options += ["META_JOURNAL_MODE 'WAL'", "META_BUSY_TIMEOUT 10000"]
        catalog = f"sqlite:{location.catalog_file.resolve()}"
    options.append("READ_ONLY")
    lines += [f"ATTACH {quoted(f'ducklake:{catalog}')} AS {ALIAS} ({', '.join(options)});", f"USE {ALIAS};"]
    return "\n".join(lines) + "\n"


def load_extension(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a signed extension straight from its Python package; nothing is written to the home folder."""
    file = extension_file(name)
    try:
        con.execute(f"LOAD {quoted(str(file))}")
    except duckdb.Error as error:
        raise LogError(f"cannot load {file.name}: {first_line(error)}; install the package anew") from error


def extension_file(name: str) -> Path:
    """The file of an extension in its Python package. Raises LogError where that is missing, or of another DuckDB."""
    spec = find_spec(f"duckdb_extension_{name}")
    if spec is None or spec.origin is None:
        extra = _EXTRAS.get(name)
        way_out = f"pip install courant[{extra}]" if extra else "pip install it"
        raise LogError(f"the package duckdb-extension-{name.replace('_', '-')} is not installed: {way_out}")
    file = Path(spec.origin).parent / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
    if not file.exists():
        raise LogError(
            f"duckdb-extension-{name.replace('_', '-')} is not of DuckDB {duckdb.__version__}: install equal versions,"
            " or read a published copy (`courant publish`) with this one"
        )
    return file


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
