"""How far a pass is, on standard error: a line that changes on a terminal, elsewhere a line a step."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO

_EVERY = 0.1
"""Seconds between two changes of the line on a terminal."""


class Progress:
    """A context manager that is called as the pipeline reports: step, done, total."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._shown = 0.0
        self._line = ""
        self._finished = ""

    def __call__(self, step: str, done: int, total: int) -> None:
        line = f"{step}: {done} of {total}" if total else f"{step}: {done}"
        if not self._live:
            if done == total and total and line != self._finished:
                self._finished = line
                print(line, file=self._stream, flush=True)
            return
        now = time.monotonic()
        if now - self._shown >= _EVERY or done == total:
            self._shown = now
            self._put(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._live and self._line:
            self._put("")

    def _put(self, line: str) -> None:
        # Wiped with spaces, not with an escape sequence: it works wherever a carriage return does.
        self._stream.write(f"\r{line.ljust(len(self._line))}" + ("" if line else "\r"))
        self._stream.flush()
        self._line = line
