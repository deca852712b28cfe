"""What must hold once all is recovered: nothing lost, nothing double, nothing that disagrees."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

import duckdb

from ingest.captures.read import read_capture
from warehouse import Log, projections
from warehouse.verify import verify

_BY_ATTEMPT = (
    *("feed_polled", "capture_failed", "article_skipped"),
    *("event_linked", "event_unlinked", "linking_completed"),
)
"""Facts that may differ with the attempts that it took. Of links, what they come to must not."""

Facts = frozenset[tuple[str, str, str]]
"""Type, id and payload of all that must be the same whatever happened."""
Positions = dict[int, UUID]
"""Which event stands where."""


def facts(log: Log) -> Facts:
    said = log.query(f"SELECT type, event_id::VARCHAR, payload::VARCHAR FROM event_log WHERE type NOT IN {_BY_ATTEMPT}")
    links = log.query(
        "SELECT 'link', claim_id::VARCHAR, concat_ws(' copy of ', happening_id, copy_of) FROM proj.links"
        " WHERE happening_id IS NOT NULL"
    )
    return frozenset([*said, *links])


def positions(log: Log) -> Positions:
    return dict(log.query("SELECT position, event_id FROM event_log"))


def judge(log: Log, expected: Facts, snapshots: Sequence[Positions], published: Mapping[str, str]) -> list[str]:
    """Everything that is not as promised, in sentences.

    `expected` are the facts of the undisturbed run, `snapshots` what stood where after each kill, `published` the ids
    of all events that were ever in the spool, and the file that they were in.
    """
    path = log.location.root
    now = positions(log)
    return [
        *_difference(expected, facts(log)),
        *_dropped(published, now),
        *_moved(snapshots, now),
        *(f"verify: {f.check} {f.where}: {f.message}" for f in verify(path, read_body=_body)),
        *_left_over(path),
        *_projections(log, now),
    ]


def _body(file: Path, offset: int) -> bytes:
    return read_capture(file, offset).body


def _difference(expected: Facts, found: Facts) -> list[str]:
    said = [f"lost: {type_} {payload[:120]}" for type_, _, payload in sorted(expected - found)]
    return said + [f"too much: {type_} {payload[:120]}" for type_, _, payload in sorted(found - expected)]


def _dropped(published: Mapping[str, str], now: Positions) -> list[str]:
    held = {str(event_id) for event_id in now.values()}
    files = Counter(file for event_id, file in published.items() if event_id not in held)
    return [f"lost on the way: {count} events of the spool file {file}" for file, count in sorted(files.items())]


def _moved(snapshots: Sequence[Positions], now: Positions) -> list[str]:
    said = []
    for before in snapshots:
        said += [f"position {n} held {event} and does no more" for n, event in before.items() if now.get(n) != event]
        if sorted(before) != list(range(1, len(before) + 1)):
            said.append(f"positions had gaps after a fault: {sorted(before)}")
    return said


def _left_over(path: Path) -> list[str]:
    left = [*(path / "captures").rglob("*.open"), *(path / "spool" / "collected").glob("*.arrow")]
    left += (path / "spool" / "read").glob("*.arrow")
    return [f"left over: {file.relative_to(path)}" for file in left]


def _projections(log: Log, now: Positions) -> list[str]:
    """Whether what is kept up to date equals what the log alone gives. `verify` has compared articles and world events
    with the events, if they are those of the log's end."""
    said = []
    [(upto,)] = log.query("SELECT position FROM proj.checkpoint WHERE name = 'state'")
    if upto != len(now):
        said.append(f"articles and world events are those of position {upto}, the log ends at {len(now)}")
    if unknown := set(now.values()) - log.seen(list(now.values())):
        said.append(f"the id index does not know {len(unknown)} of {len(now)} events")
    con = log.reader()
    con.execute("BEGIN")
    kept = [_rows(con, name) for name in projections.PLANNING]
    projections.rebuild(con)
    for name, rows in zip(projections.PLANNING, kept, strict=True):
        if rows != _rows(con, name):
            said.append(f"proj.{name} differs from what the log alone gives")
    con.execute("ROLLBACK")
    return said


def _rows(con: duckdb.DuckDBPyConnection, name: str) -> list[tuple[object, ...]]:
    return con.execute(f"SELECT * FROM proj.{name} ORDER BY ALL").fetchall()
