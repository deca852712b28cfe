"""The event log for writers: create it, append to it, ask it what planning needs.

An append is the one way into the log. It takes the writer lock, then begins its transaction (a snapshot read before
the lock would be stale), drops what the log already holds, numbers the rest, and catches up the projections that
planning needs, all in one commit: a batch is wholly there or not at all.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import UUID, uuid4

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas.envelope import Event
from warehouse import creation, projections, state
from warehouse.attach import attach, first_line, quoted, renew_credentials
from warehouse.catalog import SQLITE
from warehouse.errors import CommitConflictError, LogError, LogExistsError, LogNotWritableError
from warehouse.follow import Follower, Selection
from warehouse.index import (
    NO_KEYS,
    SAID,
    IdIndex,
    News,
    sorted_keys,
    url_keys,
    uuid_keys,
)
from warehouse.location import Location
from warehouse.lock import writer_lock
from warehouse.runs import Columns, keys_of

Clock = Callable[[], datetime]
T = TypeVar("T")
CONFLICTS = 3
"""How often a commit is tried again when somebody else's came between."""

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
    def create(
        cls,
        path: str | Path,
        *,
        catalog: str = SQLITE,
        data: str | None = None,
        log_id: UUID | None = None,
        clock: Clock = lambda: datetime.now(UTC),
    ) -> Self:
        """Make a new, empty log in the folder `path`.

        `catalog` names it (`sqlite`, or a `postgresql://` address), `data` a folder or `s3://bucket/prefix` for its
        data where they shall not lie in `path`. Where a catalog in PostgreSQL holds a log already, `path` becomes one
        more folder of that log. Raises LogExistsError where one is at `path`, LogNotWritableError where the folder
        cannot be made or written, LogError where catalog or data cannot be had.
        """
        location = creation.planned(path, catalog, data)
        if location.marker.exists():
            raise LogExistsError(f"there is an event log at {location.root} already")
        location = creation.create(location, log_id or uuid4())
        return cls(location, location.check(), clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Clock = lambda: datetime.now(UTC)) -> Self:
        """Open the log at `path`. Raises LogNotFoundError, LayoutError."""
        location = Location.find(path)
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
        self._con = self._index = None

    def append(self, events: Sequence[Event] | pa.Table) -> AppendReport:
        """Append a batch, in its order; what the log holds already (by `event_id`) is dropped.

        `events` as values or as an Arrow table of `EVENT_COLUMNS`. Returns what was done, also when nothing was new.
        Raises LogBusyError, LogNotWritableError, LogError.
        """
        batch = events if isinstance(events, pa.Table) else to_table(events)
        if batch.num_rows == 0:
            return AppendReport(by_type={})
        return _patiently(lambda: self._append(batch))

    def _append(self, batch: pa.Table) -> AppendReport:
        with writer_lock(self.location, purpose="append"):
            con, index = self._writer()
            try:
                con.execute("BEGIN")
                report, news = self._insert(con, index, batch)
                con.execute("COMMIT" if news else "ROLLBACK")
            except (duckdb.Error, OSError) as error:
                self.close()
                raise _explained(error, self.location) from error
            except BaseException:
                # Also on Ctrl-C: an open transaction would keep the catalog locked for the next writer.
                self.close()
                raise
            if news:
                self._appended = True
                self._note(index, news)
            return report

    def catch_up(self, *, chunk: int = state.CHUNK) -> int:
        """Bring articles and world events, as the views show them, up to the last commit, `chunk` articles at a time.

        How many articles were read again is returned. Leaving a `with Log.open(…)` block does it by itself. What is far
        behind is caught up in several commits, between which others may append. Raises LogBusyError, LogError.
        """
        self._appended = False

        def step() -> tuple[int, bool]:
            with self.writing("catch up") as con:
                head = _head(con, self._reached())[0]
                stop = state.next_stop(con, head)
                return (0 if stop is None else state.take_in(con, stop, chunk=chunk)), stop in (None, head)

        count, done = 0, False
        while not done:
            taken, done = _patiently(step)
            count += taken
        return count

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
        return index.seen(ids)

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among `urls` (cleaned) that have been captured or given up, as far as the index has been caught up."""
        _, index = self._writer()
        return index.pages_done(urls)

    def feed_states(self) -> list[dict[str, Any]]:
        """What the next poll of each feed needs: the rows of `proj.feed_state`."""
        return self._table("SELECT * FROM proj.feed_state")

    def host_states(self) -> list[dict[str, Any]]:
        """Hosts that gave trouble and have not answered since, or that asked for a pause: `proj.host_state`."""
        return self._table("SELECT * FROM proj.host_state ORDER BY host")

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

    def captures_read_by_others(
        self, extractor: str, coder: str, since: datetime | None = None, until: datetime | None = None
    ) -> list[int]:
        """Positions of captures, made from `since` to before `until`, that `extractor` and `coder` have not read.

        Those that no version has read come with the next run; what was erased or pruned cannot be read again.
        """
        rows = self.query(
            "WITH extracted AS (SELECT e.causation_id AS id,"
            "  bool_or((e.payload->>'extractor') = $1 AND c.event_id IS NOT NULL) AS done FROM event_log e"
            "  LEFT JOIN event_log c ON c.type = 'coding_completed' AND (c.payload->>'coder') = $2"
            "   AND (c.payload->>'extraction_id')::UUID = e.event_id"
            "  WHERE e.type = 'article_extracted' AND e.causation_id IS NOT NULL GROUP BY 1),"
            " skipped AS (SELECT (payload->>'capture_id')::UUID AS id, bool_or((payload->>'extractor') = $1) AS done"
            "  FROM event_log WHERE type = 'article_skipped' GROUP BY 1),"
            " stale AS (SELECT id FROM (SELECT * FROM extracted UNION ALL SELECT * FROM skipped)"
            "  GROUP BY id HAVING NOT bool_or(done))"
            " SELECT position FROM event_log WHERE type = 'page_captured' AND event_id IN (SELECT id FROM stale)"
            " AND (detail->'capture'->>'warc') IS NOT NULL"
            " AND observed_at >= coalesce($3, '-infinity'::TIMESTAMPTZ)"
            " AND observed_at < coalesce($4, 'infinity'::TIMESTAMPTZ)"
            " AND (payload->>'digest') NOT IN"
            "  (SELECT payload->>'digest' FROM event_log WHERE type = 'content_erased')"
            " AND (detail->'capture'->>'warc') NOT IN"
            "  (SELECT payload->>'warc' FROM event_log WHERE type = 'captures_pruned')"
            " ORDER BY position",
            [extractor, coder, since, until],
        )
        return [position for (position,) in rows]

    def captures_at(self, positions: Sequence[int]) -> list[dict[str, Any]]:
        """The captures at these positions: `payload`, `detail`, `observed_at`."""
        listed = ", ".join(str(int(position)) for position in positions)
        return self._table(
            "SELECT payload::VARCHAR AS payload, detail::VARCHAR AS detail, observed_at FROM event_log"
            f" WHERE type = 'page_captured' AND position IN ({listed}) ORDER BY position"
        )

    def latest_captures(self, urls: Iterable[str]) -> dict[str, tuple[str, datetime]]:
        """Of each of the (cleaned) URLs that was captured, the latest body's digest and when it was captured."""
        rows = self.query(
            "SELECT payload->>'url', arg_max(payload->>'digest', observed_at), max(observed_at) FROM event_log"
            " WHERE type = 'page_captured' AND stream IN (SELECT 'page:' || unnest(?::VARCHAR[])) GROUP BY 1",
            [list(urls)],
        )
        return {url: (digest, at) for url, digest, at in rows}

    def failed_attempts(self, urls: Iterable[str]) -> dict[str, int]:
        """Of each of the (cleaned) URLs that could not be captured, the number of the last attempt."""
        rows = self.query(
            "SELECT payload->>'url', max((payload->>'attempt')::INTEGER) FROM event_log"
            " WHERE type = 'capture_failed' AND stream IN (SELECT 'page:' || unnest(?::VARCHAR[])) GROUP BY 1",
            [list(urls)],
        )
        return dict(rows)

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
        else:
            renew_credentials(self._con, self.location)
        if self._index is None:
            try:
                self._index = IdIndex(self.location.index, self.log_id)
            except OSError as error:
                raise _explained(error, self.location) from error
        return self._con, self._index

    def _reached(self) -> int:
        return self._index.position if self._index else 0

    def _note(self, index: IdIndex, news: News) -> None:
        """Tell the index what was committed. Where that fails, the next append tells it: the commit stands."""
        try:
            index.add(news)
        except OSError:
            self.close()

    def _insert(
        self, con: duckdb.DuckDBPyConnection, index: IdIndex, batch: pa.Table
    ) -> tuple[AppendReport, News | None]:
        head, last_recorded, last_id = _head(con, index.position)
        index.catch_up(con, head, last_id)
        con.register("incoming", batch)
        fresh, ids, conflicts = _fresh(con, index, batch)
        if not len(fresh):
            con.unregister("incoming")
            return AppendReport(known=batch.num_rows, conflicts=conflicts, by_type={}), None
        base, last = head + 1, head + len(fresh)
        ids[2] = np.arange(base, last + 1, dtype=np.uint64)
        new = batch if len(fresh) == batch.num_rows else batch.take(pa.array(fresh))
        recorded = max(self._clock(), last_recorded) if last_recorded else self._clock()
        con.register("incoming", new.append_column("position", pa.array(np.arange(base, last + 1, dtype=np.int64))))
        con.execute(
            "CREATE OR REPLACE TEMP VIEW batch AS SELECT position,"
            f" {base}::BIGINT AS commit_id, event_id::UUID AS event_id, stream, type, schema_version,"
            f" {quoted(recorded.isoformat())}::TIMESTAMPTZ AS recorded_at, observed_at, run_id, producer,"
            " causation_id::UUID AS causation_id, article_id::UUID AS article_id, feed_id::UUID AS feed_id, event_date,"
            " actors, payload::JSON AS payload, detail::JSON AS detail FROM incoming"
        )
        with ThreadPoolExecutor(1) as beside:
            hashing = beside.submit(_hashed, new["texts"])
            con.execute("INSERT INTO event_log SELECT * FROM batch")
            texts = _insert_texts(con, index, base, *hashing.result())
        by_type = {pair["values"]: pair["counts"] for pair in pc.value_counts(new["type"]).to_pylist()}
        pages = url_keys(projections.fold(con, by_type.keys(), index.pages_done))
        con.execute("DROP VIEW batch")
        con.unregister("incoming")
        report = AppendReport(
            first=base,
            last=last,
            added=len(fresh),
            known=batch.num_rows - len(fresh),
            conflicts=conflicts,
            by_type=dict(sorted(by_type.items())),
        )
        return report, News(ids, texts, pages, last, UUID(new["event_id"][-1].as_py()))


def _fresh(
    con: duckdb.DuckDBPyConnection, index: IdIndex, batch: pa.Table
) -> tuple[NDArray[np.intp], Columns, tuple[UUID, ...]]:
    """Which rows of `batch` to add, in order; their columns for the index; ids told anew in other words."""
    keys, order, again = sorted_keys(uuid_keys(con, batch["event_id"]))
    said = con.execute(f"SELECT {SAID} AS said FROM incoming").to_arrow_table()["said"].to_numpy()[order]
    held, stands = index.held(keys)
    # Of several tellings in one batch the first stands; what the log holds stands before them all.
    first = np.maximum.accumulate(np.where(again, 0, np.arange(len(order))))
    other = np.where(held, stands[1], said[first]) != said
    conflicts = dict.fromkeys(UUID(batch["event_id"][int(row)].as_py()) for row in np.sort(order[other]))
    taken = ~held & ~again
    rows_taken = order[taken]
    by_row = np.argsort(rows_taken)
    none = np.zeros(len(rows_taken), np.uint64)
    columns = np.vstack([keys[:, taken], none, said[taken]])[:, by_row]
    return rows_taken[by_row], columns, tuple(conflicts)


def _hashed(column: pa.ChunkedArray) -> tuple[pa.ChunkedArray, list[bytes]]:
    """All texts of a column of lists, one after the other, and the SHA-256 of each.

    Over Arrow's own buffers with OpenSSL, which lets other threads run meanwhile; DuckDB's `sha256` takes four times as
    long (measured).
    """
    texts = pc.list_flatten(column)
    hashes: list[bytes] = []
    for chunk in texts.chunks:
        _, offsets, data = chunk.buffers()
        ends = np.frombuffer(offsets, np.int32)[chunk.offset : chunk.offset + len(chunk) + 1].tolist()
        view = memoryview(data or b"")
        hashes += [sha256(view[start:end]).digest() for start, end in pairwise(ends)]
    return texts, hashes


def _insert_texts(
    con: duckdb.DuckDBPyConnection, index: IdIndex, base: int, texts: pa.ChunkedArray, hashes: Sequence[bytes]
) -> Columns:
    """Store the texts that were not stored before, nor erased; their keys."""
    if not hashes:
        return NO_KEYS
    keys, order, again = sorted_keys(keys_of([digest[:16] for digest in hashes]))
    fresh = ~again & ~index.texts_held(keys)
    rows = np.sort(order[fresh])
    if len(rows):
        names = pa.array([f"sha256:{hashes[row].hex()}" for row in rows])
        con.register("incoming_texts", pa.table({"digest": names, "text": texts.take(pa.array(rows))}))
        con.execute("INSERT INTO texts SELECT digest, ?, text FROM incoming_texts", [base])
        con.unregister("incoming_texts")
    return keys[:, fresh]


def _patiently(work: Callable[[], T]) -> T:
    """Do `work`, and again where somebody else's commit came between. Raises CommitConflictError where that goes on.

    A writer that was killed while PostgreSQL still wrote its commit no longer holds the lock: what it told is seen at
    the next try.
    """
    for _ in range(CONFLICTS):
        try:
            return work()
        except CommitConflictError:
            continue
    return work()


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


def _head(con: duckdb.DuckDBPyConnection, least: int = 0) -> tuple[int, datetime | None, UUID | None]:
    """Position, time and id of the last event. In one look at the log's end: an append asks for all three.

    `least` is a position that the log is known to have reached: only files from there on are looked at.
    """
    columns = "SELECT position, recorded_at, event_id FROM event_log WHERE position >="
    if least:
        # Mostly nobody else has appended meanwhile: without sorting, DuckLake answers in half the time.
        rows = con.execute(f"{columns} {least} LIMIT 2").fetchall()
        if len(rows) == 1:
            return rows[0]
        least = least if rows else 0
    return con.execute(f"{columns} {least} ORDER BY position DESC LIMIT 1").fetchone() or (0, None, None)


def _explained(error: Exception, location: Location) -> LogError:
    text = first_line(error)
    lowered = text.lower()
    if location.catalog.in_postgres and "failed to commit ducklake transaction" in str(error).lower():
        return CommitConflictError(f"another writer committed to {location.root} meanwhile: run again ({text})")
    if any(sign in lowered for sign in ("no space left", "disk is full", "disk i/o error")):
        return LogNotWritableError(f"the disk of {location.root} is full: free space and run again; the log is intact")
    if any(sign in lowered for sign in ("permission denied", "readonly", "read-only file system")):
        return LogNotWritableError(f"cannot write to the log at {location.root}: check owner and permissions ({text})")
    return LogError(f"the append to {location.root} failed and left nothing behind: {text}")
