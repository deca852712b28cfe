"""The writer lock: one writer at a time, across processes, let go by itself when its holder dies.

Without it two writers on a SQLite catalog fail with "database is locked", and of two interleaved appends that look for
doubles before they insert, both commit. With a SQLite catalog the lock is `flock`, so network file systems are refused;
with a catalog in PostgreSQL it is an advisory lock there, which holds across machines (`postgres.py`).
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse import postgres
from warehouse.errors import LogBusyError, LogNotWritableError
from warehouse.location import Location

_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
    "fuse.sshfs",
    "fuse.s3fs",
}


@contextmanager
def writer_lock(location: Location, *, purpose: str, timeout: float = 120.0) -> Iterator[None]:
    """Hold the writer lock. `timeout` in seconds; raises LogBusyError, naming the holder, when it passes."""
    if location.catalog.in_postgres:
        with postgres.advisory_lock(location.catalog, purpose=purpose, timeout=timeout) as held:
            if not held:
                raise _busy(location)
            yield
        return
    lock = FileLock(str(location.lock))
    try:
        lock.acquire(timeout=timeout, poll_interval=0.01)
    except Timeout:
        raise _busy(location) from None
    except OSError as error:
        raise LogNotWritableError(
            f"cannot write to the log at {location.root} ({error.strerror}): check owner, permissions and disk"
        ) from None
    try:
        _note(location, purpose)
        yield
    finally:
        lock.release()


def holder(location: Location) -> dict[str, object] | None:
    """Who holds the lock now, or None. Asks the lock itself: the note of a dead holder counts for nothing."""
    if location.catalog.in_postgres:
        return postgres.holder(location.catalog)
    if not location.lock.exists():
        return None
    probe = FileLock(str(location.lock))
    try:
        probe.acquire(timeout=0)
    except Timeout:
        try:
            note: dict[str, object] = json.loads(_note_path(location).read_text())
        except (OSError, ValueError):
            note = {}
        return note
    except OSError:
        return None
    probe.release()
    return None


def describe(note: dict[str, object] | None) -> str:
    if not note:
        return "another process"
    return f"process {note.get('pid')} on {note.get('host')} ({note.get('purpose')}, since {note.get('since')})"


def _busy(location: Location) -> LogBusyError:
    return LogBusyError(
        f"the log at {location.root} is being written by {describe(holder(location))}: wait, or see `courant log lock`"
    )


def refuse_network_file_system(root: Path) -> None:
    """Raises LogNotWritableError where `root` lies on a file system whose locks cannot be trusted."""
    kind = _file_system(root)
    if kind in _NETWORK:
        raise LogNotWritableError(
            f"{root} lies on a network file system ({kind}), where locks do not hold:"
            " put the log on a local disk, or its catalog in PostgreSQL with --catalog"
        )


def on_network_file_system(path: Path) -> bool:
    """Whether `path` lies on another machine, where neither locks nor mapped files can be trusted."""
    return _file_system(path) in _NETWORK


def _file_system(path: Path) -> str | None:
    try:
        mounts = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return None
    target = str(path.resolve())
    best: tuple[str, str | None] = ("", None)
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        inside = target == point or target.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def _note(location: Location, purpose: str) -> None:
    note = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "purpose": purpose,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    path = _note_path(location)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        part.write_text(json.dumps(note))
        part.replace(path)
    except OSError:
        # The note is a courtesy. Where it cannot be written, the append itself says better what is wrong.
        part.unlink(missing_ok=True)


def _note_path(location: Location) -> Path:
    return location.lock.with_suffix(".json")
