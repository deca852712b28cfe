"""The id index: has this event, text or page been seen before? Exact, and as quick at ten million rows as at ten.

DuckLake has no keys, and an anti-join against the whole log grows with it. This index is a projection of the log in
files beside it (`runs.py`): under the writer lock it is first caught up with what the log holds beyond its checkpoint
(a writer killed between its commit and its note here is the normal case), then asked, then told what was added. It is
derived: when it is lost, damaged or belongs to another state of the log, it is made again from the log.

    index/manifest.json   log, last position and its event; which runs count. Replaced last, by a rename
    index/*.run           sorted keys
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from warehouse.runs import Columns, Run, ascending, find, keys_of, load, merged, repeats, to_merge, write

_CHUNK = 500_000
T = TypeVar("T")
NO_KEYS: Columns = np.zeros((2, 0), np.uint64)

SETTLED = (
    "CASE WHEN type = 'page_captured' OR (type = 'capture_failed' AND (payload->>'final')::BOOLEAN)"
    " THEN payload->>'url' END"
)
"""SQL over `event_log`: the URL whose outcome the event settles, or NULL."""

ID_KEY = "event_id::UUID::BLOB"
SAID = "hash(payload::VARCHAR)"
"""SQL: eight bytes that tell whether two payloads of one id say the same."""


def text_key(column: str) -> str:
    """SQL: the key of a text's digest (`sha256:…`), its first 16 bytes."""
    return f"unhex(substr({column}, 8, 32))"


def page_key(column: str) -> str:
    """SQL: the key of a URL."""
    return f"unhex(md5({column}))"


_DASHES = [8, 13, 18, 23]
_HALF_BYTES = np.full(256, 255, np.uint8)
_HALF_BYTES[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16, dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class News:
    """What an append adds: shapes (4, events), (2, texts), (2, pages), in any order; its last position and event."""

    ids: Columns
    texts: Columns
    pages: Columns
    position: int
    event_id: UUID


class IdIndex:
    """Use under the writer lock alone, but for `seen` and `pages_done`, which any reader may ask."""

    def __init__(self, folder: Path, log_id: UUID) -> None:
        self._folder, self._log_id = folder, str(log_id)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._manifest: dict[str, Any] = {}
        self._runs: list[Run] = []
        self._swept = False

    @property
    def position(self) -> int:
        """The checkpoint: up to which position the log had been taken in when last looked."""
        return int(self._manifest.get("position", 0))

    def catch_up(self, con: duckdb.DuckDBPyConnection, head: int, last: UUID | None) -> None:
        """Take in what the log holds beyond the checkpoint, up to its last event: `last`, at position `head`."""
        self._refresh()
        position = self._checkpoint(con, head, last)
        if not self._swept:
            self._sweep()
        while position < head:
            upto = min(position + _CHUNK, head)
            self.add(_read(con, position, upto))
            position = upto

    def held(self, keys: Columns) -> tuple[NDArray[np.bool_], Columns]:
        """Which of the event ids' sorted `keys` the log holds; positions and digests of those, shape (2, keys)."""
        return find(self._runs, "ids", keys)

    def texts_held(self, keys: Columns) -> NDArray[np.bool_]:
        """Which of the texts' sorted `keys` the log holds, or has erased."""
        return find(self._runs, "texts", keys)[0]

    def seen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those among `ids` that the log holds, as far as the index has been caught up."""
        return self._known("ids", {i.bytes: i for i in ids})

    def pages_done(self, urls: Iterable[str]) -> set[str]:
        """Those among `urls` (cleaned) that have been captured or given up, as far as the index has been caught up."""
        return self._known("pages", {_page_key(url): url for url in urls})

    def add(self, news: News) -> None:
        """Note what has been committed; the checkpoint moves to its last position."""
        sets = merged([{"ids": news.ids, "texts": news.texts, "pages": news.pages}])
        size = sum(columns.shape[1] for columns in sets.values())
        count = to_merge([run.rows for run in self._runs] + [size])
        kept, old = self._runs[: len(self._runs) - count], self._runs[len(self._runs) - count :]
        if old:
            sets = merged([run.sets for run in old] + [sets])
        run = write(self._folder, f"{news.position:012}-{uuid4().hex[:8]}.run", sets)
        self._write_manifest([*kept, run], news)
        for gone in old:
            (self._folder / gone.name).unlink(missing_ok=True)

    def _known(self, name: str, wanted: dict[bytes, T]) -> set[T]:
        if not wanted:
            return set()
        self._refresh()
        given = list(wanted)
        keys = keys_of(given)
        order = ascending(keys)
        there, _ = find(self._runs, name, keys[:, order])
        return {wanted[given[i]] for i in order[there]}

    def _refresh(self) -> None:
        """Read the manifest again where another process has replaced it. What is damaged counts as lost."""
        for _ in range(3):
            try:
                manifest = json.loads((self._folder / "manifest.json").read_text())
                if manifest == self._manifest:
                    return
                held = {run.name: run for run in self._runs}
                runs = [held.get(name) or load(self._folder, name, counts) for name, counts in manifest["runs"]]
                int(manifest["position"]), UUID(manifest["event_id"])
            except FileNotFoundError:
                continue  # just merged into another by a writer, or lost
            except (ValueError, KeyError, TypeError):
                break
            self._manifest, self._runs = manifest, runs
            return
        self._manifest, self._runs = {}, []

    def _checkpoint(self, con: duckdb.DuckDBPyConnection, head: int, last: UUID | None) -> int:
        """The position up to which the index agrees with this very log; 0, and an empty index, where it does not."""
        position = int(self._manifest.get("position", 0))
        # A digest of what was said is DuckDB's own hash, which another version of it may compute otherwise.
        ours = self._manifest.get("log_id") == self._log_id and self._manifest.get("duckdb") == duckdb.__version__
        if ours and position <= head:
            held = last
            if position < head:
                found = con.execute("SELECT event_id FROM event_log WHERE position = ?", [position]).fetchone()
                held = found[0] if found else None
            if held is not None and str(held) == self._manifest["event_id"]:
                return position
        self._manifest, self._runs = {}, []
        for file in self._folder.iterdir():
            file.unlink(missing_ok=True)
        return 0

    def _sweep(self) -> None:
        """Remove runs that no manifest names: of a writer killed before it could."""
        named = {run.name for run in self._runs}
        for file in self._folder.glob("*.run"):
            if file.name not in named:
                file.unlink(missing_ok=True)
        self._swept = True

    def _write_manifest(self, runs: list[Run], news: News) -> None:
        manifest = {
            "log_id": self._log_id,
            "duckdb": duckdb.__version__,
            "position": news.position,
            "event_id": str(news.event_id),
            "runs": [[run.name, run.counts] for run in runs],
        }
        path = self._folder / "manifest.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(manifest))
        part.replace(path)
        self._manifest, self._runs = manifest, runs


def _page_key(url: str) -> bytes:
    return hashlib.md5(url.encode(), usedforsecurity=False).digest()


def url_keys(urls: Iterable[str]) -> Columns:
    """The keys of URLs, as `page_key` gives them in SQL."""
    return keys_of([_page_key(url) for url in urls])


def uuid_keys(con: duckdb.DuckDBPyConnection, column: pa.ChunkedArray) -> Columns:
    """The keys of ids written as text. DuckDB reads every spelling; the usual one is read ten times as quickly here."""
    texts = column.combine_chunks()
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks)
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if len(texts) and np.all(np.diff(ends) == 36):
        marks = np.frombuffer(data, np.uint8)[ends[0] : ends[-1]].reshape(-1, 36)
        if np.all(marks[:, _DASHES] == ord("-")):
            halves = _HALF_BYTES[np.delete(marks, _DASHES, axis=1)]
            if halves.max() < 16:
                return keys_of(np.asarray((halves[:, ::2] << 4) | halves[:, 1::2], np.uint8).reshape(-1))
    con.register("ids", pa.table({"id": texts}))
    keys = fetch_keys(con, "SELECT id::UUID::BLOB FROM ids")
    con.unregister("ids")
    return keys


def fetch_keys(con: duckdb.DuckDBPyConnection, select: str, parameters: Sequence[Any] = ()) -> Columns:
    """Keys from a query whose one column is a BLOB of 16 bytes, in its order."""
    return blobs(con.execute(select, list(parameters)).to_arrow_table().column(0))


def blobs(column: pa.ChunkedArray) -> Columns:
    """A column of 16-byte values, none of them null, as keys."""
    parts = []
    for chunk in column.chunks:
        if len(chunk):
            _, offsets, data = chunk.buffers()
            start = int(np.frombuffer(offsets, np.int32)[chunk.offset])
            parts.append(np.frombuffer(data, np.uint8)[start : start + 16 * len(chunk)])
    return keys_of(np.concatenate(parts)) if parts else NO_KEYS


def sorted_keys(keys: Columns) -> tuple[Columns, NDArray[np.intp], NDArray[np.bool_]]:
    """Keys in ascending order, the order that made them so, and which of them repeat the one before."""
    order = ascending(keys)
    keys = keys[:, order]
    return keys, order, repeats(keys)


def _read(con: duckdb.DuckDBPyConnection, after: int, upto: int) -> News:
    """What the log says between two positions."""
    span = "position > ? AND position <= ?"
    rows = con.execute(
        f"SELECT {ID_KEY} AS key, position, {SAID} AS said FROM event_log WHERE {span}", [after, upto]
    ).to_arrow_table()
    numbers = [rows[name].to_numpy().astype(np.uint64) for name in ("position", "said")]
    [(last,)] = con.execute("SELECT event_id FROM event_log WHERE position = ?", [upto]).fetchall()
    return News(
        ids=np.vstack([blobs(rows["key"]), *numbers]),
        # A text that was erased counts as seen, so that nothing brings it back.
        texts=fetch_keys(
            con,
            f"SELECT {text_key('digest')} FROM (SELECT digest FROM texts WHERE {span} UNION ALL"
            f" SELECT payload->>'digest' FROM event_log WHERE type = 'content_erased' AND {span})",
            [after, upto, after, upto],
        ),
        pages=fetch_keys(
            con,
            f"SELECT DISTINCT {page_key('url')} FROM (SELECT {SETTLED} AS url FROM event_log WHERE"
            f" type IN ('page_captured', 'capture_failed') AND {span}) WHERE url IS NOT NULL",
            [after, upto],
        ),
        position=upto,
        event_id=last,
    )
