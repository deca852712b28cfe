"""A log's catalog in PostgreSQL: how it is reached, its writer lock, and the row that says which log it holds.

The writer lock is a session's advisory lock: the server lets it go when its holder's connection ends, whatever ended
it. Should a holder lose its connection and not know, its commit fails: a writer's transaction commits only onto the
very state that it has read (`attach.py` sets DuckLake's retries to none).
"""

import os
import socket
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from uuid import UUID

from warehouse.catalog import Catalog
from warehouse.errors import LogError

_CLASS = int.from_bytes(b"COUR", "big")
"""First half of the advisory lock's key; the second is made from the schema's name."""
READERS_WAIT = 30.0
"""Seconds that a table's rewriting waits for readers' transactions to end: new readers wait behind it."""
_TURN = 0.5
"""Seconds that the server is asked to wait for the lock at a time: Ctrl-C is heard in between."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The row that says which log a schema holds. `layout` is 0 while the log is being made.

    `base` is where its data lie: an address in object storage, or a folder.
    """

    log_id: UUID
    layout: int
    base: str


def conninfo(catalog: Catalog, *, application: str | None = None) -> str:
    """The catalog's libpq connection string, without its password. Raises LogError.

    `application` names the session; else it is called as the catalog's address says, or `courant`.
    """
    psycopg2 = _driver()
    try:
        said: dict[str, str] = psycopg2.extensions.parse_dsn(catalog.url)
    except psycopg2.Error as error:
        raise LogError(f"{catalog.name} is no PostgreSQL address ({_line(error)})") from None
    # Where nothing else is said: a host that swallows packets must not hold a task up for minutes.
    said = {"connect_timeout": "10", "application_name": "courant", **said}
    made: str = psycopg2.extensions.make_dsn(**said | ({"application_name": application} if application else {}))
    return made


@contextmanager
def session(catalog: Catalog, *, application: str | None = None) -> Iterator[Any]:
    """A cursor in a session of its own, each statement its own transaction. Raises LogError."""
    psycopg2 = _driver()
    secret = {"password": catalog.password} if catalog.password else {}
    dsn = conninfo(catalog, application=application)
    try:
        con = psycopg2.connect(dsn, **secret)
    except psycopg2.Error as error:
        raise LogError(f"cannot reach the catalog {catalog.name}: {_line(error)}") from None
    with closing(con):
        con.autocommit = True
        try:
            yield con.cursor()
        except psycopg2.Error as error:
            raise LogError(f"the catalog {catalog.name} refused: {_line(error)}") from None


@contextmanager
def advisory_lock(catalog: Catalog, *, purpose: str, timeout: float) -> Iterator[bool]:
    """Hold the catalog's writer lock; False when `timeout` seconds pass without getting it. Raises LogError."""
    errors = _driver().errors
    # The session's name tells who holds the lock; PostgreSQL keeps 63 bytes of it.
    application = f"courant {_process()} {purpose}"
    with session(catalog, application=application) as cursor:
        # A holder whose machine is gone is noticed within a minute, and a slow one is not cut off.
        cursor.execute(
            "SELECT set_config(name, CASE WHEN name LIKE 'idle%%' THEN '0' WHEN name LIKE '%%idle' THEN '30'"
            " WHEN name LIKE '%%count' THEN '3' ELSE '10' END, false) FROM pg_settings WHERE name IN"
            " ('idle_session_timeout', 'tcp_keepalives_idle', 'tcp_keepalives_interval', 'tcp_keepalives_count')"
        )
        deadline = time.monotonic() + timeout
        held = False
        while not held:
            left = min(_TURN, deadline - time.monotonic())
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{max(int(left * 1000), 1)}ms"])
            try:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", _key(catalog))
                held = True
            except errors.LockNotAvailable:
                if time.monotonic() >= deadline:
                    break
        yield held


def holder(catalog: Catalog) -> dict[str, object] | None:
    """Who holds the writer lock now (pid, host, purpose, since), or None. Raises LogError."""
    with session(catalog) as cursor:
        cursor.execute(
            "SELECT a.application_name, a.state_change FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.classid = %s AND l.objid = %s AND l.objsubid = 2"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            _key(catalog),
        )
        row = cursor.fetchone()
    if row is None:
        return None
    name, since = row
    who, _, purpose = str(name).removeprefix("courant ").partition(" ")
    pid, _, host = who.partition("@")
    return {
        "pid": int(pid) if pid.isdigit() else None,
        "host": host or None,
        "purpose": purpose or None,
        # Another user's times are hidden from those who may not see them.
        "since": since.isoformat(timespec="seconds") if since else None,
    }


def held_by_us(catalog: Catalog) -> bool:
    """Whether this process holds the writer lock: it may have been lost with its connection. Raises LogError."""
    note = holder(catalog)
    return note is not None and f"{note['pid']}@{note['host']}" == _process()


def registered(catalog: Catalog) -> Registered | None:
    """Which log the schema holds, or None. Raises LogError."""
    with session(catalog) as cursor:
        return _registered(cursor, catalog)


def register(catalog: Catalog, log_id: UUID, base: str) -> UUID:
    """Make the schema ready for a new log, and say so with layout 0; the id that the log will have.

    What an earlier making left half-done is removed, and its id is kept, so that its files are known as this log's.
    Raises LogError where the schema holds something else.
    """
    with session(catalog) as cursor:
        held = _registered(cursor, catalog)
        if held is not None and held.layout:
            raise LogError(f"{catalog.name} holds a log already: choose another schema")
        if held is None and _has(cursor, catalog, "ducklake_metadata"):
            raise LogError(f"{catalog.name} holds a DuckLake that is no log of Courant's: choose another schema")
        if held is not None:
            cursor.execute(f'DROP SCHEMA "{catalog.schema}" CASCADE')
            log_id = held.log_id
        # Not `IF NOT EXISTS`, which asks for the right to create even where there is nothing to create.
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [catalog.schema])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE SCHEMA "{catalog.schema}"')
        cursor.execute(
            f'CREATE TABLE "{catalog.schema}".courant_log'
            " (log_id uuid NOT NULL, layout integer NOT NULL, base text NOT NULL)"
        )
        cursor.execute(f'INSERT INTO "{catalog.schema}".courant_log VALUES (%s, 0, %s)', [str(log_id), base])
    return log_id


def set_layout(catalog: Catalog, layout: int) -> None:
    """Say that the schema holds a whole log of `layout`. Raises LogError."""
    with session(catalog) as cursor:
        # The server's own statistics would keep values of columns, words of articles among them, past an erasure.
        for table in ("ducklake_table_column_stats", "ducklake_file_column_stats"):
            cursor.execute(
                f'ALTER TABLE "{catalog.schema}".{table} ALTER COLUMN min_value SET STATISTICS 0,'
                " ALTER COLUMN max_value SET STATISTICS 0"
            )
        cursor.execute(f'UPDATE "{catalog.schema}".courant_log SET layout = %s', [layout])


def rewrite(catalog: Catalog, tables: Iterable[str]) -> None:
    """Write tables of the schema anew, so that what was deleted from them is not even on the server's disk.

    Raises LogError where readers' open transactions keep it from that for `READERS_WAIT` seconds.
    """
    errors = _driver().errors
    with session(catalog) as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{int(READERS_WAIT * 1000)}ms"])
        try:
            for table in tables:
                cursor.execute(f'VACUUM (FULL) "{catalog.schema}".{table}')
        except errors.LockNotAvailable:
            raise LogError(
                f"readers' open transactions keep {catalog.name} from being cleaned: end them (pg_stat_activity lists"
                " them) and run again"
            ) from None


def move_aside(catalog: Catalog) -> str | None:
    """Rename the schema to `<schema>_damaged` (with a number where that is taken); its new name, None where none was.

    Raises LogError.
    """
    with session(catalog) as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace")
        names = {row[0] for row in cursor.fetchall()}
        if catalog.schema not in names:
            return None
        stem = f"{catalog.schema[:50]}_damaged"
        aside = next(name for n in range(len(names) + 1) if (name := f"{stem}{n or ''}") not in names)
        cursor.execute(f'ALTER SCHEMA "{catalog.schema}" RENAME TO "{aside}"')
        return aside


def _registered(cursor: Any, catalog: Catalog) -> Registered | None:
    if not _has(cursor, catalog, "courant_log"):
        return None
    cursor.execute(f'SELECT log_id::text, layout, base FROM "{catalog.schema}".courant_log')
    row = cursor.fetchone()
    return Registered(UUID(row[0]), int(row[1]), str(row[2])) if row else None


def _has(cursor: Any, catalog: Catalog, table: str) -> bool:
    cursor.execute(
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        [catalog.schema, table],
    )
    return cursor.fetchone() is not None


def _process() -> str:
    return f"{os.getpid()}@{socket.gethostname()[:24]}"


def _key(catalog: Catalog) -> tuple[int, int]:
    return _CLASS, zlib.crc32(catalog.schema.encode()) & 0x7FFFFFFF


def _driver() -> ModuleType:
    try:
        import psycopg2
        import psycopg2.errors
        import psycopg2.extensions
    except ImportError:
        raise LogError("a catalog in PostgreSQL needs more packages: pip install courant[postgres]") from None
    module: ModuleType = psycopg2
    return module


def _line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
