"""Followers: read every event once, in order, in whole commits, and keep the place together with what came of it.

The checkpoint is written in the transaction of the follower's own result. So a follower that is killed has either both
or neither, and its result is exact, however often it is started again.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import duckdb
import pyarrow as pa

from schemas.facts import FACT_TYPES
from schemas.world import EVENT_TYPES
from warehouse.attach import ALIAS, attach_to, first_line
from warehouse.errors import FollowerError, LogError

if TYPE_CHECKING:
    from warehouse.log import Log

DEFAULT_LIMIT = 10_000
_OWN_TABLE = """CREATE TABLE IF NOT EXISTS courant_followers (
    name VARCHAR PRIMARY KEY, log_id UUID NOT NULL, position BIGINT NOT NULL, event_id UUID)"""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which events: of these types (all where None), of streams that start so."""

    types: tuple[str, ...] | None = None
    stream_prefix: str | None = None

    @classmethod
    def of(cls, types: Sequence[str] | None, stream_prefix: str | None) -> "Selection":
        """Raises FollowerError for a type that no event can have."""
        unknown = sorted(set(types or ()) - FACT_TYPES.keys() - EVENT_TYPES.keys())
        if unknown:
            raise FollowerError(f"no event type is called {unknown[0]}: `SELECT type FROM event_types` lists them")
        return cls(tuple(types) if types is not None else None, stream_prefix or None)

    def where(self) -> tuple[str, list[object]]:
        """A condition over `event_log`, and its parameters."""
        parts, values = ["position > ?"], list[object]()
        if self.types is not None:
            parts.append("type IN (SELECT unnest(?::VARCHAR[]))")
            values.append(list(self.types))
        if self.stream_prefix is not None:
            parts.append("starts_with(stream, ?)")
            values.append(self.stream_prefix)
        return " AND ".join(parts), values


class Follower:
    """A named reader of the log. `log.follow` makes one.

    Without `into`, its checkpoint lies in the log itself and its batches run under the writer lock: for small results
    kept in the log's `proj` schema. With `into`, result and checkpoint lie in that DuckDB file, and no lock is taken.
    """

    def __init__(self, log: "Log", name: str, selection: Selection, after: int, into: Path | None) -> None:
        self.name = name
        self._log, self._selection, self._after, self._into = log, selection, after, into

    @contextmanager
    def batch(self, limit: int = DEFAULT_LIMIT) -> Iterator[tuple[duckdb.DuckDBPyConnection, pa.Table]]:
        """The next events, about `limit` of them and always whole commits, with the connection to write a result to.

        When the block ends well, what it wrote and the new checkpoint are committed together; otherwise neither. An
        empty table means that the follower has seen all there is. The events are Arrow, the columns of `event_log`.
        Raises FollowerError where the checkpoint is of another log, or of a state that the log no longer has.
        """
        with self._transaction() as (con, table):
            start = self._start(con, table)
            head = _one(con, f"SELECT coalesce(max(position), 0) FROM {ALIAS}.event_log")
            events, upto = read_batch(con, start, head, self._selection, limit)
            yield con, events
            if upto > start:
                self._save(con, table, upto)

    def position(self) -> int:
        """The last position that this follower is done with."""
        with self._transaction(read_only=True) as (con, table):
            return self._start(con, table)

    @contextmanager
    def _transaction(self, *, read_only: bool = False) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
        if self._into is None:
            table = f"{ALIAS}.proj.followers"
            if read_only:
                yield self._log.reader(), table
            else:
                with self._log.writing(f"follower {self.name}") as con:
                    yield con, table
            return
        try:
            own = duckdb.connect(str(self._into))
        except duckdb.Error as error:
            raise FollowerError(f"cannot open {self._into} to follow the log into it: {first_line(error)}") from error
        try:
            own.execute(_OWN_TABLE)
            attach_to(own, self._log.location, read_only=True)
            own.execute("BEGIN")
            yield own, "courant_followers"
            own.execute("COMMIT")
        finally:
            own.close()

    def _start(self, con: duckdb.DuckDBPyConnection, table: str) -> int:
        row = con.execute(f"SELECT log_id, position, event_id FROM {table} WHERE name = ?", [self.name]).fetchone()
        if row is None:
            return self._after
        log_id, position, event_id = row
        if log_id != self._log.log_id:
            raise FollowerError(f"the follower {self.name} belongs to another log ({log_id}): give it another name")
        if position and event_id != _event_at(con, position):
            raise FollowerError(
                f"the log no longer holds what the follower {self.name} saw at position {position} (it was restored"
                " to an earlier state): delete the follower's result and its checkpoint, and follow anew"
            )
        return int(position)

    def _save(self, con: duckdb.DuckDBPyConnection, table: str, position: int) -> None:
        event_id = _event_at(con, position)
        con.execute(f"DELETE FROM {table} WHERE name = ?", [self.name])
        con.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", [self.name, self._log.log_id, position, event_id])


def read_batch(
    con: duckdb.DuckDBPyConnection, after: int, head: int, selection: Selection, limit: int
) -> tuple[pa.Table, int]:
    """Selected events beyond `after`, in whole commits, and the position up to which all of them were read."""
    where, values = selection.where()
    upto = _upto(con, after, head, where, values, limit)
    events = con.execute(
        f"SELECT * FROM {ALIAS}.event_log WHERE {where} AND position <= ? ORDER BY position", [after, *values, upto]
    ).to_arrow_table()
    return events, upto


def _upto(con: duckdb.DuckDBPyConnection, after: int, head: int, where: str, values: list[object], limit: int) -> int:
    """The end of the last commit that still fits; of the first one where not even that does."""
    log = f"{ALIAS}.event_log"
    beyond = con.execute(
        f"SELECT commit_id FROM {log} WHERE {where} AND position <= ? ORDER BY position LIMIT 1 OFFSET ?",
        [after, *values, head, limit],
    ).fetchone()
    if beyond is None:
        return head
    fits = _one(con, f"SELECT count(*) FROM {log} WHERE {where} AND position < ?", [after, *values, beyond[0]])
    if fits:
        return int(beyond[0]) - 1
    return _one(con, f"SELECT max(position) FROM {log} WHERE commit_id = ?", [beyond[0]])


def _event_at(con: duckdb.DuckDBPyConnection, position: int) -> UUID | None:
    row = con.execute(f"SELECT event_id FROM {ALIAS}.event_log WHERE position = ?", [position]).fetchone()
    return row[0] if row else None


def _one(con: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> int:
    row = con.execute(sql, list(values)).fetchone()
    if row is None:
        raise LogError(f"no row where one was sure: {sql}")
    return int(row[0])
