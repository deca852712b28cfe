"""The id index: has this event, text or page been seen before? Exact, and as quick at ten million rows as at ten.

DuckLake has no keys, and an anti-join against the whole log grows with it. This index is a projection of the log in a
small SQLite file beside it: under the writer lock it is first caught up with what the log holds beyond its checkpoint
(a writer killed between its commit and its note here is the normal case), then asked, then told what was added. It is
derived: when it is lost, damaged or belongs to another state of the log, it is made again from the log.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import duckdb

_SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (id BLOB PRIMARY KEY, position INTEGER NOT NULL, said BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS texts (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS done_pages (url BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint (log_id TEXT NOT NULL, position INTEGER NOT NULL, event_id BLOB);
"""
_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Row:
    """What the index keeps of an event: its id, where it stands, a digest of what it says, the page that it settles."""

    event_id: UUID
    position: int
    said: bytes
    done_url: str | None


class IdIndex:
    """Use under the writer lock alone, but for `pages_done`, which any reader may ask."""

    def __init__(self, path: Path, log_id: UUID) -> None:
        self._path, self._log_id = path, str(log_id)
        try:
            self._con = self._open()
        except sqlite3.DatabaseError as error:
            if _is_refusal(error):
                raise
            self._remove()
            self._con = self._open()

    def close(self) -> None:
        self._con.close()

    def catch_up(self, con: duckdb.DuckDBPyConnection, head: int, last: UUID | None) -> None:
        """Take in what the log holds beyond the checkpoint, up to its last event: `last`, at position `head`."""
        try:
            position = self._checkpoint(con, head, last)
            while position < head:
                upto = min(position + _CHUNK, head)
                self._take_in(con, position, upto)
                position = upto
        except sqlite3.DatabaseError as error:
            if _is_refusal(error):
                raise
            self._con.close()
            self._remove()
            self._con = self._open()
            for start in range(0, head, _CHUNK):
                self._take_in(con, start, min(start + _CHUNK, head))

    def seen(self, ids: Sequence[UUID]) -> dict[UUID, tuple[int, bytes]]:
        """Position and digest of those among `ids` that the log holds."""
        found = self._lookup("SELECT id, position, said FROM seen WHERE id", [i.bytes for i in ids])
        return {UUID(bytes=row[0]): (row[1], row[2]) for row in found}

    def texts_seen(self, digests: Sequence[str]) -> set[str]:
        """Those among `digests` that the log's texts hold."""
        keys = {text_key(digest): digest for digest in digests}
        return {keys[row[0]] for row in self._lookup("SELECT digest FROM texts WHERE digest", list(keys))}

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among `urls` (cleaned) that have been captured, or given up."""
        keys = {page_key(url): url for url in urls}
        return {keys[row[0]] for row in self._lookup("SELECT url FROM done_pages WHERE url", list(keys))}

    def add(self, rows: Sequence[Row], digests: Iterable[str]) -> None:
        """Note what an append has just committed; the checkpoint moves to its last position."""
        with self._con:
            self._insert(rows, digests)
            if rows:
                self._set_checkpoint(rows[-1].position, rows[-1].event_id)

    def _open(self) -> sqlite3.Connection:
        con = sqlite3.connect(self._path, timeout=30, check_same_thread=False)
        con.execute("PRAGMA journal_mode=WAL")
        con.execute("PRAGMA synchronous=NORMAL")
        con.executescript(_SCHEMA)
        return con

    def _remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _checkpoint(self, con: duckdb.DuckDBPyConnection, head: int, last: UUID | None) -> int:
        """The position up to which the index agrees with this very log; 0, and an empty index, where it does not."""
        row = self._con.execute("SELECT log_id, position, event_id FROM checkpoint").fetchone()
        if row is None:
            return 0
        log_id, position, event_id = row
        if log_id == self._log_id and position <= head:
            if position == head:
                held = last
            else:
                [held] = con.execute("SELECT event_id FROM event_log WHERE position = ?", [position]).fetchone() or [
                    None
                ]
            if held is not None and held.bytes == event_id:
                return int(position)
        with self._con:
            for table in ("seen", "texts", "done_pages", "checkpoint"):
                self._con.execute(f"DELETE FROM {table}")
        return 0

    def _take_in(self, con: duckdb.DuckDBPyConnection, after: int, upto: int) -> None:
        rows = [
            Row(event_id, position, said_digest(payload), settled)
            for event_id, position, payload, settled in con.execute(
                f"SELECT event_id, position, payload, {SETTLED} FROM event_log"
                " WHERE position > ? AND position <= ? ORDER BY position",
                [after, upto],
            ).fetchall()
        ]
        # A text that was erased counts as seen, so that nothing brings it back.
        digests = con.execute(
            "SELECT digest FROM texts WHERE position > ? AND position <= ? UNION ALL SELECT payload->>'digest'"
            " FROM event_log WHERE type = 'content_erased' AND position > ? AND position <= ?",
            [after, upto, after, upto],
        ).fetchall()
        self.add(rows, [row[0] for row in digests])

    def _insert(self, rows: Sequence[Row], digests: Iterable[str]) -> None:
        self._con.executemany(
            "INSERT OR IGNORE INTO seen VALUES (?, ?, ?)",
            sorted((row.event_id.bytes, row.position, row.said) for row in rows),
        )
        self._con.executemany("INSERT OR IGNORE INTO texts VALUES (?)", [(text_key(d),) for d in digests])
        self._con.executemany(
            "INSERT OR IGNORE INTO done_pages VALUES (?)", [(page_key(row.done_url),) for row in rows if row.done_url]
        )

    def _set_checkpoint(self, position: int, event_id: UUID) -> None:
        self._con.execute("DELETE FROM checkpoint")
        self._con.execute("INSERT INTO checkpoint VALUES (?, ?, ?)", (self._log_id, position, event_id.bytes))

    def _lookup(self, select: str, keys: Sequence[bytes]) -> list[tuple[bytes, int, bytes]]:
        out: list[tuple[bytes, int, bytes]] = []
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            out += self._con.execute(f"{select} IN ({','.join('?' * len(part))})", part).fetchall()
        return out


SETTLED = (
    "CASE WHEN type = 'page_captured' OR (type = 'capture_failed' AND (payload->>'final')::BOOLEAN)"
    " THEN payload->>'url' END"
)
"""SQL over `event_log`: the URL whose outcome the event settles, or NULL."""


def _is_refusal(error: sqlite3.DatabaseError) -> bool:
    """Whether the file is whole and merely not to be had: then it is not made again."""
    return any(sign in str(error).lower() for sign in ("locked", "readonly", "unable to open", "disk is full"))


def said_digest(payload: str) -> bytes:
    """Eight bytes that tell whether two payloads of one id say the same."""
    return hashlib.blake2b(payload.encode(), digest_size=8).digest()


def text_key(digest: str) -> bytes:
    return bytes.fromhex(digest.removeprefix("sha256:"))[:16]


def page_key(url: str) -> bytes:
    return hashlib.blake2b(url.encode(), digest_size=16).digest()
