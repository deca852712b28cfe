"""Where the program meets disk and database, for the time of a simulation: each deed that lasts is a point.

Wrapped are the calls that everything goes through (`os.replace`, a connection's `execute` …), so that the program is
run as it is. Of a process that was killed nothing lasts: what it does in its `finally` blocks is refused; what closing
a connection for it would tidy up (DuckLake deletes the data files of a transaction that is rolled back) is put back;
what it had not flushed is lost. Its locks go, as the kernel would let go of them.

A connection is cheap here: a DuckDB whose extensions are loaded is used again, and what a process that ended well has
attached stays attached for the next. Loading and attaching take longer than all the rest of an append.
"""

import asyncio
import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self
from unittest.mock import patch

import duckdb
import filelock
import pyarrow as pa

from tests.simulation.stage import Killed, Process, Stage
from warehouse import attach
from warehouse.attach import ALIAS, load_extension

_LASTING = ("BEGIN", "COMMIT", "CALL", "INSERT", "UPDATE", "DELETE")


def deed_of(sql: str) -> str | None:
    """What a statement does that lasts, in words; None for one that only reads or touches temporary tables."""
    words = sql.replace("(", " ").split()
    verb = words[0].upper() if words else ""
    if verb not in _LASTING:
        return None
    if verb in ("BEGIN", "COMMIT"):
        return f"SQL {verb}"
    name = next((w for w in words[1:] if w.upper() not in ("INTO", "FROM", "OR", "REPLACE")), "").rstrip(";")
    if verb == "CALL":
        return None if "dry_run" in sql else f"SQL CALL {name}"
    return f"SQL {verb} {name}" if name in ("event_log", "texts") or "." in name else None


@dataclass(slots=True)
class Duck:
    """A DuckDB with its extensions loaded, and the statement that attached a log to it."""

    root: duckdb.DuckDBPyConnection
    attached: str | None = None

    @classmethod
    def hatch(cls) -> "Duck":
        # One thread: the tables are small, and handing them around costs more than it saves.
        con = _connect(config={"threads": 1})
        load_extension(con, "ducklake")
        load_extension(con, "sqlite_scanner")
        return cls(con)

    def detach(self) -> None:
        if self.attached:
            self.root.execute(f"DETACH {ALIAS}")
            self.attached = None


class Connection:
    """Stands for a DuckDB connection of one process, open once the log is attached."""

    _idle: ClassVar[list[Duck]] = []

    def __init__(self, stage: Stage, rewrite: Callable[[str], list[str]]) -> None:
        self._stage, self._rewrite = stage, rewrite
        self._process = stage.current()
        self._settings: list[str] = []
        self._duck: Duck | None = None
        self._con: duckdb.DuckDBPyConnection | None = None
        if self._process:
            self._process.held.append(self)

    def execute(self, sql: str, *parameters: Any) -> Any:
        if self._process and self._process.dead:
            raise Killed
        if self._con is None:
            return self._not_yet_attached(sql)
        done = self._con
        for statement in self._rewrite(sql):
            deed = deed_of(statement)
            if deed:
                self._stage.point(deed, "before")
            done = self._con.execute(statement, *(parameters if statement == sql else ()))
            if deed:
                self._stage.point(deed, "after")
        return done

    def close(self) -> None:
        """What a process that ended well has attached, the next one of the same log finds attached."""
        if self._con is None or self._duck is None:
            return
        con, duck, dead = self._con, self._duck, bool(self._process and self._process.dead)
        self._con = self._duck = None
        with _as_it_was(_data_folder(duck.attached or "") if dead else None):
            con.close()
            if dead:
                duck.detach()
        self._idle.append(duck)

    def _not_yet_attached(self, sql: str) -> "Connection":
        if sql.startswith("ATTACH "):
            duck = next((duck for duck in self._idle if duck.attached == sql), None)
            if duck is None:
                duck = next((duck for duck in self._idle if duck.attached is None), None) or Duck.hatch()
            if duck in self._idle:
                self._idle.remove(duck)
            self._duck, self._con = duck, duck.root.cursor()
            for setting in self._settings:
                self._con.execute(setting)
            if duck.attached is None:
                self._con.execute(sql)
                duck.attached = sql
        else:
            self._settings.append(sql)
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def leave(log: Path) -> None:
    """Detach the log at `log` wherever it is still attached."""
    for duck in Connection._idle:
        if duck.attached and _data_folder(duck.attached).is_relative_to(log):
            duck.detach()


def _data_folder(attach: str) -> Path:
    return Path(attach.split("DATA_PATH '")[1].split("'")[0])


_connect = duckdb.connect


@contextlib.contextmanager
def _as_it_was(folder: Path | None) -> Iterator[None]:
    """Files that go from the folder meanwhile come back, cut in half: as a killed writer leaves them."""
    if folder is None or not folder.exists():
        yield
        return
    before = {file: file.stat().st_size for file in folder.rglob("*") if file.is_file()}
    yield
    for file, size in before.items():
        if not file.exists():
            with io.open(file, "wb") as back:  # noqa: UP020 - Path.open is wrapped
                back.write(bytes(size // 2))


@contextlib.contextmanager
def _closed_if_killed(file: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.close()
        raise


def _event_ids(file: Path) -> list[str]:
    with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
        ids: list[str] = reader.read_all()["event_id"].to_pylist()
        return ids


class OpenFile(io.RawIOBase):
    """A file being written by one process. What is not flushed is lost with the process, but for some bytes."""

    def __init__(self, stage: Stage, process: Process, raw: io.FileIO, chance: Callable[[int], int], deed: str) -> None:
        super().__init__()
        self._stage, self._process, self._raw, self._chance, self._deed = stage, process, raw, chance, deed
        self._buffer = bytearray()
        process.held.append(self)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stage.point(self._deed, "during", torn=lambda: self._raw.write(bytes(self._torn(data))))
        self._buffer += data
        if len(self._buffer) > 8192:
            self._flush()
        return len(data)

    def tell(self) -> int:
        return self._raw.tell() + len(self._buffer)

    def flush(self) -> None:
        if not self.closed and not self._process.dead:
            self._flush()

    def fileno(self) -> int:
        return self._raw.fileno()

    def close(self) -> None:
        if not self.closed:
            super().close()  # flushes
            self._raw.close()

    def _flush(self) -> None:
        self._raw.write(self._buffer)
        self._buffer.clear()

    def _torn(self, data: bytes) -> bytes:
        left = bytes(self._buffer) + bytes(data)
        self._buffer.clear()
        return left[: self._chance(len(left))]


def place_of(path: Path, log: Path) -> str:
    """What a file is, in words."""
    try:
        parts = path.relative_to(log).parts
    except ValueError:
        return "other file"
    if parts[0] == "spool" and len(parts) > 2:
        kind = f"{parts[1]} {path.name.split('.')[-2]}" if parts[1] == "done" else parts[1]
        return f"spool/{kind}"
    if parts[0].startswith("writer."):
        return "lock note"
    return {"captures": "WARC", "data": "data file", "catalog-copies": "catalog copy", "index": "index"}.get(
        parts[0], parts[0]
    )


@contextlib.contextmanager
def wrapped(
    stage: Stage,
    log: Path,
    *,
    chance: Callable[[int], int],
    rewrite: Callable[[str], list[str]] = lambda sql: [sql],
) -> Iterator[None]:
    """Wrap disk and database for the log at `log`. `rewrite` may give other statements for one: sabotage."""
    with contextlib.ExitStack() as stack:

        def put(target: object, name: str, new: object) -> None:
            stack.enter_context(patch.object(target, name, new))

        def moving(verb: str) -> Callable[..., None]:
            original = getattr(os, verb)

            def move(source: Any, target: Any, **more: Any) -> None:
                deed = f"{verb} {place_of(Path(source), log)}"
                if str(target).startswith(f"{log}/spool/done"):
                    deed += " to done"
                stage.point(deed, "before")
                original(source, target, **more)
                if stage.current() and place_of(Path(target), log) in ("spool/collected", "spool/read"):
                    stage.published |= dict.fromkeys(_event_ids(Path(target)), Path(target).name)
                stage.point(deed, "after")

            return move

        real_unlink, real_write, real_open = os.unlink, Path.write_bytes, Path.open

        def unlink(path: Any, **more: Any) -> None:
            deed = f"unlink {place_of(Path(path), log)}"
            stage.point(deed, "before")
            real_unlink(path, **more)
            stage.point(deed, "after")

        def write_bytes(path: Path, data: bytes) -> int:
            half = bytes(data)[: chance(len(data))]
            stage.point(f"write {place_of(path, log)}", "during", torn=lambda: real_write(path, half))
            return real_write(path, data)

        def open_path(path: Path, mode: str = "r", *args: Any, **more: Any) -> Any:
            process = stage.current()
            writes = any(sign in mode for sign in "wax+")
            if process and process.dead and writes:
                raise Killed
            if process and mode == "xb":
                deed = f"write {place_of(path, log)}"
                return OpenFile(stage, process, io.FileIO(path, mode), chance, deed)
            opened = real_open(path, mode, *args, **more)
            if process and writes:
                with _closed_if_killed(opened):
                    stage.point(f"open {place_of(path, log)}", "after")
            return opened

        def connect(*database: Any, **more: Any) -> Any:
            return _connect(*database, **more) if database else Connection(stage, rewrite)

        real_acquire = filelock.BaseFileLock.acquire

        def acquire(lock: Any, timeout: float | None = None, *args: Any, **more: Any) -> Any:
            process = stage.current()
            if process is None or timeout == 0:
                return real_acquire(lock, timeout, *args, **more)
            while True:
                if process.dead:
                    raise Killed
                try:
                    return real_acquire(lock, 0)
                except filelock.Timeout:
                    stage.wait(process)

        async def in_this_thread(do: Callable[..., Any], *args: Any, **more: Any) -> Any:
            return do(*args, **more)

        for verb in ("replace", "rename"):
            put(os, verb, moving(verb))
        for name in ("unlink", "remove"):
            put(os, name, unlink)
        put(Path, "write_bytes", write_bytes)
        put(Path, "open", open_path)
        put(duckdb, "connect", connect)
        put(attach, "load_extension", lambda *_: None)  # a Duck has them, and finding the packages takes its time
        put(filelock.BaseFileLock, "acquire", acquire)
        put(asyncio, "to_thread", in_this_thread)
        try:
            yield
        finally:
            leave(log)
