"""`courant capture prune`: delete old WARC files to make room. Articles, events and texts stay, and so does the fact.

Whole files go, oldest first. The log says so first, so that a prune that was cut short is simply run again. A file with
captures that are still to be read stays.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pyarrow as pa

from schemas.envelope import Event, Origin
from schemas.facts import CapturesPruned
from warehouse.location import Location
from warehouse.log import Log

PRODUCER = "courant-prune/1"


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A WARC file: its name below the log's captures, its size in bytes, and when the newest thing in it was taken in.

    `reason` says which limit it is beyond, if any.
    """

    warc: str
    bytes: int
    newest: datetime
    reason: Literal["age", "size"] | None = None


def kept_files(log: Log) -> list[KeptFile]:
    """The WARC files of the log, the oldest first. Files that no event names are as old as the disk says."""
    newest = dict(
        log.query(
            "SELECT detail->'capture'->>'warc', max(recorded_at) FROM event_log"
            " WHERE type IN ('page_captured', 'feed_polled') AND (detail->'capture'->>'warc') IS NOT NULL GROUP BY 1"
        )
    )
    root, found = log.location.captures, []
    for path in root.rglob("*.warc.gz"):
        warc, stat = path.relative_to(root).as_posix(), path.stat()
        found.append(KeptFile(warc, stat.st_size, newest.get(warc) or datetime.fromtimestamp(stat.st_mtime, UTC)))
    return sorted(found, key=lambda file: (file.newest, file.warc))


def beyond(
    files: list[KeptFile], *, before: datetime | None = None, max_bytes: int | None = None, spared: frozenset[str]
) -> list[KeptFile]:
    """Those of `files` (the oldest first) that are to go, each with the reason: older than `before`, or too much.

    Of what is too much, the oldest go until `max_bytes` are left. `spared` are names that stay in any case.
    """
    left, out = sum(file.bytes for file in files), []
    for file in files:
        old = before is not None and file.newest < before
        much = max_bytes is not None and left > max_bytes
        if file.warc not in spared and (old or much):
            out.append(KeptFile(file.warc, file.bytes, file.newest, "age" if old else "size"))
            left -= file.bytes
    return out


def unread(location: Location) -> frozenset[str]:
    """WARC files that hold captures which the spool still has to read or to append."""
    return frozenset(_named_in_spool(location))


def prune(log: Log, files: list[KeptFile], *, now: datetime, run_id: str) -> int:
    """Delete `files`, as `beyond` gives them; how many bytes came free. Raises LogError, OSError."""
    facts = [CapturesPruned(warc=f.warc, bytes=f.bytes, reason=f.reason) for f in files if f.reason is not None]
    log.append([Event.of_fact(fact, Origin(now, run_id, PRODUCER)) for fact in facts])
    for fact in facts:
        path = log.location.captures / fact.warc
        path.unlink(missing_ok=True)
        path.with_name(f"{path.name}.cdxj").unlink(missing_ok=True)
    return sum(fact.bytes for fact in facts)


def _named_in_spool(location: Location) -> Iterator[str]:
    for file in sorted((location.spool / "collected").glob("*.arrow")):
        try:
            with pa.memory_map(str(file)) as source, pa.ipc.open_file(source) as reader:
                details = reader.read_all()["detail"].to_pylist()
        except FileNotFoundError:
            continue  # appended and moved meanwhile
        for detail in details:
            if detail and (capture := json.loads(detail).get("capture")):
                yield Path(capture["warc"]).as_posix()
