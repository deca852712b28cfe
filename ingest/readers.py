"""Reader processes: a page is read in a process apart, so that one that hangs or crashes costs only itself.

A plain subprocess works under every executor of Airflow, Celery's daemonic workers included, where a process pool does
not, and can be killed at its time limit. Parent and reader speak JSON lines; `python -m ingest.readers` is the reader.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self
from uuid import UUID

from ingest.errors import CourantError
from schemas.envelope import Event, Origin

if TYPE_CHECKING:
    from ingest.code.coder import Coder

PRODUCER = "courant-read/1"
_START_LIMIT = 120.0
"""Seconds that a reader may take to load its coder."""
_READY = b"ready\n"


class ReaderStartError(CourantError):
    """Readers cannot start at all: no page is at fault, and none is marked; the captures wait in the spool."""


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A capture to read: its WARC file (absolute path) and offset, and the fact that it was captured."""

    warc: str
    offset: int
    url: str
    capture_id: str
    attempt: int = 1

    def failed(self, reason: str, message: str, origin: Origin) -> list[Event]:
        """The fact that this reading failed in a way that may pass."""
        from ingest.read import skip

        capture_id = UUID(self.capture_id)
        return [skip(self.url, capture_id, reason, message, origin, retryable=True, attempt=self.attempt)]


@dataclass(frozen=True, slots=True)
class CoderChoice:
    """Which coder reads, and the folders of the user's own data that it reads with."""

    name: str = "frames"
    frames: Path | None = None
    actors: Path | None = None

    def arguments(self) -> list[str]:
        """As words of a command line; `of_arguments` reads them."""
        return [self.name, *(str(folder.resolve()) if folder else "" for folder in (self.frames, self.actors))]

    @classmethod
    def of_arguments(cls, words: Sequence[str]) -> Self:
        name, frames, actors = words
        return cls(name, Path(frames) if frames else None, Path(actors) if actors else None)


class Reads(Protocol):
    """What reads captures."""

    def read(self, tasks: Sequence[ReadTask]) -> Iterator[list[Event]]:
        """The events of each task, in the tasks' order; a reading that fails yields its skip and stops no other."""


class Readers:
    """Reader processes for one step, at most `workers`; a page may take `page_timeout` seconds.

    Use as a context manager; processes start when the first page comes, and stay for the next ones.
    """

    def __init__(
        self, coder: CoderChoice, workers: int, page_timeout: float, run_id: str, clock: Callable[[], datetime]
    ) -> None:
        self._coder, self._run_id, self._clock = coder, run_id, clock
        self._page_timeout = page_timeout
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="reader")
        self._idle: queue.SimpleQueue[_Reader] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()

    def read(self, tasks: Sequence[ReadTask]) -> Iterator[list[Event]]:
        """The events of each task, in the tasks' order. A page that hangs or crashes its reader yields its skip."""
        yield from self._pool.map(self._read_one, tasks)

    def _read_one(self, task: ReadTask) -> list[Event]:
        reader = self._reader()
        try:
            events = reader.ask(task, self._run_id, self._clock(), self._page_timeout)
        except _ReaderLostError as lost:
            return task.failed(lost.reason, str(lost), Origin(self._clock(), self._run_id, PRODUCER))
        self._idle.put(reader)
        return events

    def _reader(self) -> "_Reader":
        try:
            return self._idle.get_nowait()
        except queue.Empty:
            return _Reader(self._coder)


class _ReaderLostError(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class _Reader:
    """One reader process, asked one page at a time."""

    def __init__(self, coder: CoderChoice) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.readers", *coder.arguments()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        try:
            started = self._line(_START_LIMIT) == _READY
        except TimeoutError:
            started = False
        if not started:
            self.close()
            raise ReaderStartError(
                f"the reader process for coder {coder.name!r} did not start (exit code {self._process.returncode}):"
                " mend what it says above and run again; nothing is lost"
            )

    def ask(self, task: ReadTask, run_id: str, now: datetime, limit: float) -> list[Event]:
        assert self._process.stdin is not None
        request = {**asdict(task), "run_id": run_id, "now": now.isoformat()}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._line(limit)
        except BrokenPipeError:
            line = b""
        except TimeoutError:
            self.close()
            raise _ReaderLostError("timeout", f"Reading the page took longer than {limit:g} s.") from None
        if line:
            return [Event.from_json(row) for row in json.loads(line)]
        self.close()
        raise _ReaderLostError("crash", f"The reader process ended with code {self._process.returncode} on this page.")

    def _line(self, limit: float) -> bytes:
        """The reader's next line, empty at its end. Raises TimeoutError, the process killed, after `limit` seconds."""
        assert self._process.stdout is not None
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            self._process.kill()

        watch = threading.Timer(limit, stop)
        watch.start()
        try:
            line = self._process.stdout.readline()
        finally:
            watch.cancel()
        if timed_out.is_set():
            raise TimeoutError
        return line

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def read_task(task: ReadTask, run_id: str, now: datetime, coder: "Coder") -> list[Event]:
    """The events of one capture, read in this process: what a reader process does with a request."""
    from ingest.captures.read import CaptureMissingError, read_capture
    from ingest.read import read_page

    origin = Origin(now, run_id, PRODUCER)
    capture_id = UUID(task.capture_id)
    try:
        captured = read_capture(Path(task.warc), task.offset)
    except (OSError, CaptureMissingError) as error:
        return task.failed("capture_missing", f"The capture cannot be read: {error}", origin)
    try:
        return read_page(captured, url=task.url, capture_id=capture_id, coder=coder, origin=origin)
    except Exception as error:  # noqa: BLE001 - a page may trip any library; it must not stop the others
        message = f"Reading the page failed: {type(error).__name__}: {error}"
        return task.failed("error", message[:500], origin)


def main() -> int:
    """Answer requests until standard input ends. Whatever a library prints goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it ends this by closing the pipe
    choice = CoderChoice.of_arguments(sys.argv[1:])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        import ingest.read  # noqa: F401 - loaded before the first page's time runs
        from ingest.code.coder import load_coder

        coder = load_coder(choice.name, choice.frames, choice.actors)
    except (LookupError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    out.write(_READY)
    out.flush()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        task = ReadTask(**{key: request[key] for key in ReadTask.__slots__})
        events = read_task(task, request["run_id"], datetime.fromisoformat(request["now"]), coder)
        out.write(json.dumps([event.to_json() for event in events], ensure_ascii=False).encode() + b"\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
