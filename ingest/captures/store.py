"""The captures of one log: WARC files by year and month, each written once, by one attempt of one task."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ingest.captures.values import Captured
from ingest.captures.warc import CaptureWriter
from schemas.facts import CaptureRef


@dataclass(frozen=True, slots=True)
class NewCaptures:
    """An open WARC file in `folder` (relative to the log's captures)."""

    folder: str
    writer: CaptureWriter

    def keep(self, response: Captured) -> CaptureRef:
        """Write a response; where it lies comes back, relative to the log's captures."""
        kept = self.writer.write(response)
        return CaptureRef(warc=f"{self.folder}/{kept.warc}", offset=kept.offset, length=kept.length)


@contextmanager
def new_captures(captures: Path, name: str, now: datetime) -> Iterator[NewCaptures]:
    """A new WARC file for the attempt `name`. One that a killed attempt of that name left is stepped around."""
    folder = f"{now:%Y/%m}"
    target = captures / folder
    target.mkdir(parents=True, exist_ok=True)
    number, file = 1, target / f"{name}.warc.gz"
    while file.exists() or file.with_name(f"{file.name}.open").exists():
        number += 1
        file = target / f"{name}-{number}.warc.gz"
    with CaptureWriter(file, now=now) as writer:
        yield NewCaptures(folder, writer)
