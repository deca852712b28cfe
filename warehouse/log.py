"""The event log for writers: create it, append to it, ask it what planning needs.

An append is the one way into the log. It takes the writer lock, then begins its transaction (a snapshot read before
the lock would be stale), drops what the log already holds, numbers the rest, and catches up the projections that
planning needs, all in one commit: a batch is wholly there or not at all.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import UUID, uuid4

import duckdb
import pyarrow as pa

from schemas.digests import digest
from schemas.envelope import Event
from warehouse import layout, projections, state
from warehouse.attach import attach, first_line
from warehouse.errors import LogError, LogExistsError, LogNotWritableError
from warehouse.follow import Follower, Selection
from warehouse.index import SETTLED, IdIndex, Row, said_digest
from warehouse.location import Location
from warehouse.lock import refuse_network_file_system, writer_lock

Clock = Callable[[], datetime]

EVENT_COLUMNS = pa.schema(
    [
        ("event_id", pa.string()),
        ("stream", pa.string()),
        ("type", pa.string()),
        ("schema_version", pa.int32()),
        ("observed_at", pa.timestamp("us", tz="UTC")),
        ("run_id", pa.string()),
        ("producer", pa.string()),
        ("causation_id", pa.string()),
        ("article_id", pa.string()),
        ("feed_id", pa.string()),
        ("event_date", pa.date32()),
        ("actors", pa.list_(pa.string())),
        ("payload", pa.string()),
        ("detail", pa.string()),
        ("texts", pa.list_(pa.string())),
    ]
)
"""An event on its way into the log, as Arrow: also the shape of the spool's files."""


@dataclass(frozen=True, slots=True)
class AppendReport:
    """What an append did: the positions it gave (None where all was known), and how many rows were known already.

    `conflicts` are ids that came again with another payload: the first stands.
    """

    first: int | None = None
    last: int | None = None
    added: int = 0
    known: int = 0
    conflicts: tuple[UUID, ...] = ()
    by_type: Mapping[str, int] | None = None


class Log:
    """An event log, opened for writing. Use as a context manager: leaving it brings the views up to what was appended.

    One `Log` may be used by one thread at a time; any number of processes may hold one of the same path.
    """

    def __init__(self, location: Location, log_id: UUID, clock: Clock) -> None:
        self.location = location
        self.log_id = log_id
        self._clock = clock
        self._con: duckdb.DuckDBPyConnection | None = None
        self._index: IdIndex | None = None
        self._appended = False

    @classmethod
    def create(cls, path: str | Path, *, log_id: UUID | None = None, clock: Clock = lambda: datetime.now(UTC)) -> Self:
        """Make a new, empty log in the folder `path`.

        Raises LogExistsError where one is, LogNotWritableError where the folder cannot be made or written.
        """
        location = Location(Path(path).resolve())
        if location.marker.exists():
            raise LogExistsError(f"there is an event log at {location.root} already")
        try:
            location.root.mkdir(parents=True, exist_ok=True)
            refuse_network_file_system(location.root)
            for folder in (location.data, location.captures, location.spool):
                folder.mkdir(exist_ok=True)
        except OSError as error:
            raise LogNotWritableError(
                f"cannot make a log at {location.root} ({error.strerror}): choose another folder with --log"
            ) from None
        made = log_id or uuid4()
        with writer_lock(location, purpose="init"):
            if not location.marker.exists():
                layout.create(location)
                # The marker comes last: a log whose making was cut short is no log yet.
                location.write_marker(made)
        return cls(location, location.check(), clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Clock = lambda: datetime.now(UTC)) -> Self:
        """Open the log at `path`. Raises LogNotFoundError, LayoutError."""
        location = Location(Path(path).resolve())
        return cls(location, location.check(), clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._appended and kind is None:
                self.catch_up()
        finally:
            self.close()

    def close(self) -> None:
        if self._con is not None:
            self._con.close()
        if self._index is not None:
            self._index.close()
        self._con = self._index = None

    def append(self, events: Sequence[Event] | pa.Table) -> AppendReport:
        """Append a batch, in its order; what the log holds already (by `event_id`) is dropped.

        `events` as values or as an Arrow table of `EVENT_COLUMNS`. Returns what was done, also when nothing was new.
        Raises LogBusyError, LogNotWritableError, LogError.
        """
        batch = events if isinstance(events, pa.Table) else to_table(events)
        if batch.num_rows == 0:
            return AppendReport(by_type={})
        with writer_lock(self.location, purpose="append"):
            con, index = self._writer()
            try:
                con.execute("BEGIN")
                report, rows, digests = self._insert(con, index, batch)
                con.execute("COMMIT" if rows else "ROLLBACK")
            except (duckdb.Error, sqlite3.Error) as error:
                self.close()
                raise _explained(error, self.location) from error
            except BaseException:
                # Also on Ctrl-C: an open transaction would keep the catalog locked for the next writer.
                self.close()
                raise
            if rows:
                self._appended = True
                self._note(index, rows, digests)
            return report

    def catch_up(self, *, chunk: int = state.CHUNK) -> int:
        """Bring articles and world events, as the views show them, up to the last commit, `chunk` articles at a time.

        How many articles were read again is returned. Leaving a `with Log.open(…)` block does it by itself.
        Raises LogBusyError, LogError.
        """
        self._appended = False
        with self.writing("catch up") as con:
            return state.catch_up(con, _head(con)[0], chunk=chunk)

    def rebuild_projections(self, *, chunk: int = state.CHUNK) -> None:
        """Make all projections again from the log alone, in one commit. Raises LogBusyError, LogError."""
        with self.writing("rebuild projections") as con:
            projections.rebuild(con)
            state.forget(con)
            state.catch_up(con, _head(con)[0], chunk=chunk)

    @contextmanager
    def writing(self, purpose: str, *, transaction: bool = True) -> Iterator[duckdb.DuckDBPyConnection]:
        """The writer's connection under the writer lock, in a transaction that commits when the block ends well.

        For this package's own work beside appending. Raises LogBusyError, LogNotWritableError, LogError.
        """
        with writer_lock(self.location, purpose=purpose):
            con, _ = self._writer()
            try:
                if transaction:
                    con.execute("BEGIN")
                yield con
                if transaction:
                    con.execute("COMMIT")
            except duckdb.Error as error:
                self.close()
                raise _explained(error, self.location) from error
            except BaseException:
                self.close()
                raise

    def head(self) -> int:
        """The last position, 0 in an empty log."""
        con, _ = self._writer()
        return _head(con)[0]

    def seen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those among `ids` that the log holds, as far as the index has been caught up: for planning, not for proof."""
        _, index = self._writer()
        return set(index.seen(ids))

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among `urls` (cleaned) that have been captured or given up, as far as the index has been caught up."""
        _, index = self._writer()
        return index.pages_done(urls)

    def feed_states(self) -> list[dict[str, Any]]:
        """What the next poll of each feed needs: the rows of `proj.feed_state`."""
        return self._table("SELECT * FROM proj.feed_state")

    def pending_pages(self) -> list[dict[str, Any]]:
        """Pages discovered and without a final outcome, the oldest first: the rows of `proj.pending_pages`."""
        return self._table("SELECT * FROM proj.pending_pages ORDER BY position")

    def unread_captures(self, max_attempts: int) -> list[dict[str, Any]]:
        """Captures whose reading failed in a way that may pass (time, a crash), and how often it did.

        Fewer than `max_attempts` times, and never read to the end: `payload`, `detail`, `observed_at`, `attempts`.
        """
        return self._table(
            "WITH skips AS (SELECT (payload->>'capture_id')::UUID AS id, count(*) AS attempts,"
            " bool_and((payload->>'retryable')::BOOLEAN) AS open"
            " FROM event_log WHERE type = 'article_skipped' GROUP BY 1),"
            f" unread AS (SELECT * FROM skips WHERE open AND attempts < {int(max_attempts)} AND id NOT IN"
            " (SELECT causation_id FROM event_log WHERE type = 'article_extracted' AND causation_id IS NOT NULL"
            "  AND causation_id IN (SELECT id FROM skips WHERE open)))"
            " SELECT c.payload::VARCHAR AS payload, c.detail::VARCHAR AS detail, c.observed_at, u.attempts"
            " FROM unread u JOIN event_log c ON c.event_id = u.id AND c.type = 'page_captured' ORDER BY c.position"
        )

    def coder_ranks(self) -> dict[str, int]:
        """The greatest rank at which each coder version was activated."""
        rows = self._table("SELECT coder, max(rank) AS rank FROM proj.coder_ranks GROUP BY coder")
        return {row["coder"]: row["rank"] for row in rows}

    def follow(
        self,
        name: str,
        *,
        after: int = 0,
        types: Sequence[str] | None = None,
        stream_prefix: str | None = None,
        into: str | Path | None = None,
    ) -> Follower:
        """A follower called `name`: from its checkpoint on, or at first from beyond position `after`.

        `types` and `stream_prefix` select events. `into` names a DuckDB file of the caller's that holds result and
        checkpoint; without it, both lie in the log's schema `proj`. Raises FollowerError for a type that is none.
        """
        return Follower(self, name, Selection.of(types, stream_prefix), after, Path(into) if into else None)

    def reader(self) -> duckdb.DuckDBPyConnection:
        """The log's connection, to read with."""
        return self._writer()[0]

    def _table(self, sql: str) -> list[dict[str, Any]]:
        con, _ = self._writer()
        rows: list[dict[str, Any]] = con.execute(sql).to_arrow_table().to_pylist()
        return rows

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a query of our own over the log, for planning and reports."""
        con, _ = self._writer()
        return con.execute(sql, list(parameters)).fetchall()

    def _writer(self) -> tuple[duckdb.DuckDBPyConnection, IdIndex]:
        if self._con is None:
            self._con = attach(self.location, read_only=False)
        if self._index is None:
            try:
                self._index = IdIndex(self.location.index, self.log_id)
            except (sqlite3.Error, OSError) as error:
                raise _explained(error, self.location) from error
        return self._con, self._index

    def _note(self, index: IdIndex, rows: list[Row], digests: list[str]) -> None:
        """Tell the index what was committed. Where that fails, the next append tells it: the commit stands."""
        try:
            index.add(rows, digests)
        except sqlite3.Error:
            self.close()

    def _insert(
        self, con: duckdb.DuckDBPyConnection, index: IdIndex, batch: pa.Table
    ) -> tuple[AppendReport, list[Row], list[str]]:
        head, last_recorded, last_id = _head(con)
        index.catch_up(con, head, last_id)
        ids = [UUID(i) for i in batch["event_id"].to_pylist()]
        said = [said_digest(p) for p in batch["payload"].to_pylist()]
        fresh, conflicts = _fresh(ids, said, index.seen(ids))
        if not fresh:
            return AppendReport(known=len(ids), conflicts=conflicts, by_type={}), [], []
        base = head + 1
        new = batch.take(pa.array(fresh)) if len(fresh) < len(ids) else batch
        recorded = max(self._clock(), last_recorded) if last_recorded else self._clock()
        con.register("incoming", new.append_column("position", pa.array(range(base, base + len(fresh)), pa.int64())))
        con.execute(
            "CREATE OR REPLACE TEMP TABLE batch AS SELECT position, ?::BIGINT AS commit_id, event_id::UUID AS event_id,"
            " stream, type, schema_version, ?::TIMESTAMPTZ AS recorded_at, observed_at, run_id, producer,"
            " causation_id::UUID AS causation_id, article_id::UUID AS article_id, feed_id::UUID AS feed_id, event_date,"
            " actors, payload::JSON AS payload, detail::JSON AS detail FROM incoming ORDER BY position",
            [base, recorded],
        )
        con.unregister("incoming")
        con.execute("INSERT INTO event_log SELECT * FROM batch ORDER BY position")
        digests = self._insert_texts(con, index, new, base)
        settled = dict(con.execute(f"SELECT position, {SETTLED} FROM batch").fetchall())
        rows = [Row(ids[i], base + n, said[i], settled[base + n]) for n, i in enumerate(fresh)]
        projections.fold(con, _done_urls(con, index, rows))
        by_type = dict(con.execute("SELECT type, count(*) FROM batch GROUP BY type ORDER BY type").fetchall())
        report = AppendReport(
            first=base,
            last=base + len(fresh) - 1,
            added=len(fresh),
            known=len(ids) - len(fresh),
            conflicts=conflicts,
            by_type=by_type,
        )
        return report, rows, digests

    def _insert_texts(self, con: duckdb.DuckDBPyConnection, index: IdIndex, new: pa.Table, base: int) -> list[str]:
        texts = {digest(text): text for texts in new["texts"].to_pylist() for text in texts or ()}
        have = index.texts_seen(list(texts))
        fresh = {name: text for name, text in texts.items() if name not in have}
        if fresh:
            con.register("incoming_texts", pa.table({"digest": list(fresh), "text": list(fresh.values())}))
            con.execute("INSERT INTO texts SELECT digest, ?, text FROM incoming_texts", [base])
            con.unregister("incoming_texts")
        return list(fresh)


def to_table(events: Iterable[Event]) -> pa.Table:
    """Events as an Arrow table of `EVENT_COLUMNS`."""
    return pa.Table.from_pylist(
        [
            {
                "event_id": str(e.event_id),
                "stream": e.stream,
                "type": e.type,
                "schema_version": e.schema_version,
                "observed_at": e.observed_at,
                "run_id": e.run_id,
                "producer": e.producer,
                "causation_id": str(e.causation_id) if e.causation_id else None,
                "article_id": str(e.article_id) if e.article_id else None,
                "feed_id": str(e.feed_id) if e.feed_id else None,
                "event_date": e.event_date,
                "actors": list(e.actors),
                "payload": e.payload,
                "detail": e.detail,
                "texts": list(e.texts),
            }
            for e in events
        ],
        schema=EVENT_COLUMNS,
    )


def _head(con: duckdb.DuckDBPyConnection) -> tuple[int, datetime | None, UUID | None]:
    """Position, time and id of the last event. In one look at the log's end: an append asks for all three."""
    row = con.execute("SELECT position, recorded_at, event_id FROM event_log ORDER BY position DESC LIMIT 1").fetchone()
    return row if row is not None else (0, None, None)


def _fresh(
    ids: Sequence[UUID], said: Sequence[bytes], seen: Mapping[UUID, tuple[int, bytes]]
) -> tuple[list[int], tuple[UUID, ...]]:
    """Indexes of rows to add, in order, and ids that came again saying something else."""
    held = {i: s for i, (_, s) in seen.items()}
    fresh: list[int] = []
    conflicts: dict[UUID, None] = {}
    for n, (i, s) in enumerate(zip(ids, said, strict=True)):
        if i not in held:
            held[i] = s
            fresh.append(n)
        elif held[i] != s:
            conflicts[i] = None
    return fresh, tuple(conflicts)


def _done_urls(con: duckdb.DuckDBPyConnection, index: IdIndex, rows: Sequence[Row]) -> set[str]:
    """URLs named in the batch whose outcome is known, from this batch or from before."""
    done = {row.done_url for row in rows if row.done_url}
    named = con.execute(
        "SELECT DISTINCT payload->>'url' FROM batch WHERE type IN ('article_discovered', 'capture_failed')"
    ).fetchall()
    return done | index.pages_done(url for (url,) in named if url not in done)


def _explained(error: Exception, location: Location) -> LogError:
    text = first_line(error)
    lowered = text.lower()
    if any(sign in lowered for sign in ("no space left", "disk is full", "disk i/o error")):
        return LogNotWritableError(f"the disk of {location.root} is full: free space and run again; the log is intact")
    if any(sign in lowered for sign in ("permission denied", "readonly", "read-only file system")):
        return LogNotWritableError(f"cannot write to the log at {location.root}: check owner and permissions ({text})")
    return LogError(f"the append to {location.root} failed and left nothing behind: {text}")
