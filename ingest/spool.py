"""The spool: what a stage has made and the log has not yet taken in.

Each attempt writes its own file and publishes it last, by an atomic rename, so that a file that is seen is whole. The
next step lists the folder instead of trusting what it was told; what a killed run left over is taken up by the next.
Delivery is at least once here and exactly once in the log.

    spool/plans/<run>/<chunk>.json     what is to be collected
    spool/collected/<name>.arrow       facts of a chunk: polls, entries, captures, failures
    spool/read/<name>.arrow            what was read from those captures: articles and their events
    spool/done/                        both, once in the log, kept for some days
"""

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
from filelock import FileLock, Timeout

from schemas.envelope import Event
from warehouse.log import EVENT_COLUMNS, to_table


@dataclass(frozen=True, slots=True)
class Spool:
    """The spool of one log, at `root`."""

    root: Path

    def write_plan(self, run_id: str, chunks: Iterable[dict[str, Any]]) -> tuple[str, ...]:
        """Write a run's chunks; their names come back."""
        names = []
        for number, chunk in enumerate(chunks, start=1):
            name = f"{run_id}.{number:04}"
            _publish(self._plans / f"{name}.json", json.dumps(chunk, sort_keys=True).encode())
            names.append(name)
        return tuple(names)

    def read_plan(self, name: str) -> dict[str, Any]:
        chunk: dict[str, Any] = json.loads((self._plans / f"{name}.json").read_text())
        return chunk

    def publish_collected(self, name: str, events: Iterable[Event]) -> str:
        """Publish what was collected, under `name` or, where that is taken, under `name-2` …; the name comes back.

        A run that is tried again under its old name may find files of its first try, and others at work on them: what
        was read from the old file would be taken for the reading of the new one.
        """
        content = _as_file(to_table(events))
        for number in count(1):
            free = name if number == 1 else f"{name}-{number}"
            if self._publish_new(free, content):
                return free
        raise AssertionError("unreachable")

    def publish_read(self, name: str, events: Iterable[Event]) -> None:
        _publish(self._read / f"{name}.arrow", _as_file(to_table(events)))

    def to_read(self) -> list[str]:
        """Names of what was collected and not yet read, in order."""
        return sorted(_names(self._collected) - _names(self._read))

    def to_append(self) -> list[str]:
        """Names of what was read and not yet appended, in order."""
        return sorted(_names(self._collected) & _names(self._read))

    def collected(self, name: str) -> pa.Table:
        return _load(self._collected / f"{name}.arrow")

    def read(self, name: str) -> pa.Table:
        return _load(self._read / f"{name}.arrow")

    def done(self, name: str) -> None:
        """Move what the log holds out of the way. The reading goes first: a capture without one is read again."""
        for stage in (self._read, self._collected):
            target = self.root / "done" / f"{name}.{stage.name}.arrow"
            target.parent.mkdir(parents=True, exist_ok=True)
            (stage / f"{name}.arrow").replace(target)

    @contextmanager
    def claim(self, name: str) -> Iterator[bool]:
        """Whether `name` is ours to work on, for as long as the context lasts: False where another process is at it.

        Two at once would do no harm, only the work twice. The kernel lets go of a dead process's claim.
        """
        folder = self.root / "claims"
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(str(folder / f"{name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def prune(self, keep_days: int) -> None:
        """Delete what was done, planned or left half-written more than `keep_days` ago."""
        limit = time.time() - keep_days * 86400
        finished_with = (self.root / "done", self._plans, self.root / "claims")
        for folder in (*finished_with, self._collected, self._read):
            for file in folder.glob("*"):
                finished = folder in finished_with or file.suffix == ".part"
                if finished and file.stat().st_mtime < limit:
                    file.unlink(missing_ok=True)

    def _publish_new(self, name: str, content: bytes) -> bool:
        """Publish a collected file; False where the name is taken. The part file keeps it for us meanwhile."""
        file = self._collected / f"{name}.arrow"
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f"{file.name}.part")
        try:
            out = part.open("xb")
        except FileExistsError:
            return False
        with out:
            taken = any(
                path.exists()
                for path in (file, self._read / f"{name}.arrow", self.root / "done" / f"{name}.collected.arrow")
            )
            if not taken:
                out.write(content)
        if taken:
            part.unlink()
            return False
        part.replace(file)
        return True

    @property
    def _plans(self) -> Path:
        return self.root / "plans"

    @property
    def _collected(self) -> Path:
        return self.root / "collected"

    @property
    def _read(self) -> Path:
        return self.root / "read"


def _names(folder: Path) -> set[str]:
    return {file.stem for file in folder.glob("*.arrow")}


def _load(file: Path) -> pa.Table:
    with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()


def _as_file(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, EVENT_COLUMNS) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _publish(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(content)
    part.replace(file)
