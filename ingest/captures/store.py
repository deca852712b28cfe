"""The captures of one log: WARC files by year and month, each written once, by one attempt of one task.

An attempt begins a file of its own, so no file runs over many days, and goes on in the next one where a file has grown
to `MAX_FILE`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ingest.captures.values import Captured, Original
from ingest.captures.warc import CaptureWriter
from schemas.facts import CaptureRef

MAX_FILE = 1_000_000_000
"""Bytes after which a WARC file is closed (WARC 1.1, annex C, recommends 1 GB)."""


@dataclass(slots=True)
class NewCaptures:
    """The WARC files of one attempt, named `name`, in `folder` (relative to the log's `captures`)."""

    captures: Path
    folder: str
    name: str
    now: datetime
    max_file: int = MAX_FILE
    _writer: CaptureWriter | None = field(default=None, init=False)

    def keep(self, response: Captured, same_as: Original | None = None) -> CaptureRef:
        """Write a response, or with `same_as` a revisit; where it lies comes back, relative to the log's captures."""
        if self._writer is not None and self._writer.size >= self.max_file:
            self.close()
        if self._writer is None:
            self._writer = CaptureWriter(self._free(), now=self.now)
        kept = self._writer.write(response, same_as=same_as)
        return CaptureRef(warc=f"{self.folder}/{kept.warc}", offset=kept.offset, length=kept.length)

    def close(self) -> None:
        """Close the file that is being written, which puts it under its name."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def leave(self) -> None:
        """Leave the file open as a killed writer does: its last record may be half there."""
        if self._writer is not None:
            self._writer.leave()
            self._writer = None

    def _free(self) -> Path:
        """A name that no file has: one that a killed attempt of this name left is stepped around."""
        number, file = 1, self.captures / self.folder / f"{self.name}.warc.gz"
        while file.exists() or file.with_name(f"{file.name}.open").exists():
            number += 1
            file = file.with_name(f"{self.name}-{number}.warc.gz")
        return file


@contextmanager
def new_captures(captures: Path, name: str, now: datetime, *, max_file: int = MAX_FILE) -> Iterator[NewCaptures]:
    """New WARC files for the attempt `name`, below the folder `captures`."""
    folder = f"{now:%Y/%m}"
    (captures / folder).mkdir(parents=True, exist_ok=True)
    new = NewCaptures(captures, folder, name, now, max_file)
    try:
        yield new
    except BaseException:
        new.leave()
        raise
    new.close()
