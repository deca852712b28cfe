"""`courant log verify`: does the log keep what it promises? Everything that is off, in a list; nothing is changed.

Positions and commits, ids recomputed from what events say, payloads against their schemas, texts against their
digests, evidence inside its text, captures against theirs, the tables of current state against the events, and the
faults that DuckLake is known for. What was erased is in order where the log says so.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
from pydantic import ValidationError

from schemas.digests import digest
from schemas.facts import Fact
from schemas.ids import natural_id
from schemas.upcasters import SchemaError, model_of, upcast
from schemas.world import EVENT_TYPES
from warehouse import files, state
from warehouse.attach import ALIAS, attach
from warehouse.location import Location
from warehouse.upkeep import live_files

ReadBody = Callable[[Path, int], bytes]
"""Gives the decoded body of the WARC record at a byte offset; raises for one that is not there."""
CHUNK = 20_000
_STORED_BESIDE = ("claim_id", "coding_id", "occurred_from", "occurred_to", "date_precision")
_DIGESTS = ("title_digest", "text_digest", "authors_digest")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is off: which check found it, where (a position, a file, a digest), and what it is."""

    check: str
    where: str
    message: str


def verify(path: str | Path, *, read_body: ReadBody | None = None) -> Iterator[Finding]:
    """Check the log at `path`; captures too where `read_body` is given.

    Raises LogNotFoundError, LayoutError, LogError.
    """
    location = Location.find(path)
    location.check()
    con = attach(location, read_only=True)
    try:
        # One transaction: a writer that appends meanwhile is not seen halfway.
        con.execute("BEGIN")
        yield from _catalog(con, location)
        yield from _positions(con)
        erased = {
            row[0]
            for row in con.execute("SELECT payload->>'digest' FROM event_log WHERE type = 'content_erased'").fetchall()
        }
        yield from _texts(con, erased)
        yield from _events(con)
        yield from _evidence(con)
        yield from _state(con)
        if read_body is not None:
            yield from _captures(con, location, erased, read_body)
    finally:
        con.close()


def _catalog(con: duckdb.DuckDBPyConnection, location: Location) -> Iterator[Finding]:
    doubled = con.execute(
        f"SELECT snapshot_id FROM __ducklake_metadata_{ALIAS}.ducklake_snapshot GROUP BY 1 HAVING count(*) > 1"
    ).fetchall()
    for (snapshot,) in doubled:
        yield Finding(
            "catalog", str(snapshot), "two snapshots have this id: two writers ran without the lock; restore a backup"
        )
    for file in sorted(live_files(con, location) - files.find(location.data).keys()):
        name = file.rsplit("/", 1)[-1]
        yield Finding("files", name, "the catalog names a data file that is not there; restore a backup")


def _positions(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    gaps = con.execute(
        "SELECT position, before FROM"
        " (SELECT position, lag(position, 1, 0) OVER (ORDER BY position) AS before FROM event_log)"
        " WHERE position <> before + 1 ORDER BY position"
    ).fetchall()
    for position, before in gaps:
        said = f"follows {before}: positions are missing" if position > before else "stands twice"
        yield Finding("positions", str(position), said)
    for (commit,) in con.execute(
        "SELECT commit_id FROM event_log GROUP BY commit_id"
        " HAVING min(position) <> commit_id OR max(position) - min(position) + 1 <> count(*)"
        " OR count(DISTINCT recorded_at) > 1"
    ).fetchall():
        yield Finding("commits", str(commit), "the commit is not one run of positions with one time")
    for (position,) in con.execute(
        "SELECT position FROM"
        " (SELECT position, recorded_at, lag(recorded_at) OVER (ORDER BY position) AS before FROM event_log)"
        " WHERE recorded_at < before"
    ).fetchall():
        yield Finding("commits", str(position), "recorded before the event that precedes it")
    for event_id, count in con.execute(
        "SELECT event_id, count(*) FROM event_log GROUP BY 1 HAVING count(*) > 1"
    ).fetchall():
        yield Finding("ids", str(event_id), f"the event stands {count} times in the log")
    for position, cause in con.execute(
        "SELECT e.position, e.causation_id FROM event_log e LEFT JOIN event_log c ON c.event_id = e.causation_id"
        " WHERE e.causation_id IS NOT NULL AND (c.position IS NULL OR c.position > e.position)"
    ).fetchall():
        yield Finding("order", str(position), f"its cause {cause} does not come before it")


def _texts(con: duckdb.DuckDBPyConnection, erased: set[str]) -> Iterator[Finding]:
    cursor = con.execute("SELECT digest, text FROM texts")
    while rows := cursor.fetchmany(CHUNK):
        for name, text in rows:
            if digest(text) != name:
                yield Finding("texts", name, "the stored text is not the one of this digest")
            elif name in erased:
                yield Finding("texts", name, "the log says that it was erased, and it is still there: erase it again")
    wanted = " UNION ".join(
        f"SELECT payload->>'{key}' AS digest FROM event_log WHERE payload->>'{key}' IS NOT NULL" for key in _DIGESTS
    )
    for (name,) in con.execute(f"SELECT digest FROM ({wanted}) ANTI JOIN texts USING (digest) ORDER BY 1").fetchall():
        if name not in erased:
            yield Finding("texts", name, "an event names a text that is not stored")


def _events(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    ordinals: Counter[tuple[str, str, str, int]] = Counter()
    cursor = con.execute(
        "SELECT position, event_id, type, schema_version, payload, detail, stream FROM event_log ORDER BY position"
    )
    while rows := cursor.fetchmany(CHUNK):
        for position, event_id, type_, version, payload, detail, stream in rows:
            try:
                said = upcast(type_, version, json.loads(payload))
                expected = _expected_id(type_, said, json.loads(detail) if detail else {}, ordinals, stream)
            except (SchemaError, ValidationError, ValueError, KeyError) as error:
                yield Finding("payloads", str(position), f"{type_} version {version}: {_brief(error)}")
                continue
            if expected != event_id:
                yield Finding("ids", str(position), f"{type_} has the id {event_id}, what it says gives {expected}")


def _expected_id(
    type_: str,
    said: dict[str, Any],
    detail: Mapping[str, Any],
    ordinals: Counter[tuple[str, str, str, int]],
    stream: str,
) -> UUID:
    """The id that follows from what the event says. Raises ValidationError, ValueError, KeyError."""
    model = model_of(type_)
    if issubclass(model, Fact):
        fact = model.model_validate({**said, **detail, "type": type_})
        if fact.stream() != stream:
            raise ValueError(f"it stands in the stream {stream}, not {fact.stream()}")
        return fact.event_id()
    beside = {key: said.pop(key, None) for key in _STORED_BESIDE}
    event = model.model_validate({**said, "type": type_})
    place = (str(beside["coding_id"]), type_, event.evidence.field, event.evidence.start)
    ordinals[place] += 1
    return natural_id(type_, place[0], type_, place[2], place[3], ordinals[place] - 1)


def _evidence(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    world_types = ", ".join(f"'{type_}'" for type_ in EVENT_TYPES)
    for position, field, end, length in con.execute(
        f"""SELECT e.position, e.field, e.stop, length(t.text) FROM (
            SELECT e.position, (e.payload->'evidence'->>'field') AS field,
                   (e.payload->'evidence'->>'end')::BIGINT AS stop,
                   CASE WHEN (e.payload->'evidence'->>'field') = 'title' THEN x.payload->>'title_digest'
                        ELSE x.payload->>'text_digest' END AS digest
            FROM event_log e
            JOIN event_log c ON c.event_id = (e.payload->>'coding_id')::UUID
            JOIN event_log x ON x.event_id = (c.payload->>'extraction_id')::UUID
            WHERE e.type IN ({world_types})) e JOIN texts t USING (digest)
        WHERE e.stop > length(t.text) ORDER BY 1"""
    ).fetchall():
        yield Finding("evidence", str(position), f"the quote ends at {end} of a {field} of {length} code points")
    for position, said, found in con.execute(
        f"""SELECT c.position, (c.payload->>'events')::INTEGER AS said, count(e.event_id) AS found
        FROM event_log c LEFT JOIN event_log e
             ON (e.payload->>'coding_id')::UUID = c.event_id AND e.type IN ({world_types})
        WHERE c.type = 'coding_completed' GROUP BY ALL HAVING said <> found ORDER BY 1"""
    ).fetchall():
        yield Finding("codings", str(position), f"the coding names {said} events, the log has {found}")


def _state(con: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Current state against the events, where it has been caught up to the end."""
    [(head,)] = con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()
    if state.position(con) != head:
        return
    made = {name: state.select(name, state.WHOLE) for name in ("articles", "world_events")}
    for name, computed in {**made, "sources": state.sources("proj.articles")}.items():
        [(unlike,)] = con.execute(
            f"WITH computed AS MATERIALIZED ({computed}) SELECT count(*) FROM"
            f" ((SELECT * FROM computed EXCEPT SELECT * FROM proj.{name})"
            f" UNION ALL (SELECT * FROM proj.{name} EXCEPT SELECT * FROM computed))"
        ).fetchall()
        if unlike:
            yield Finding(
                "projections", f"proj.{name}", f"{unlike} rows differ from the events: run `courant log rebuild`"
            )


def _captures(
    con: duckdb.DuckDBPyConnection, location: Location, erased: set[str], read_body: ReadBody
) -> Iterator[Finding]:
    cursor = con.execute(
        "SELECT position, payload->>'digest', detail->'capture'->>'warc', (detail->'capture'->>'offset')::BIGINT"
        " FROM event_log WHERE type = 'page_captured' AND (detail->'capture'->>'warc') IS NOT NULL"
        " AND (detail->'capture'->>'warc') NOT IN"
        "  (SELECT payload->>'warc' FROM event_log WHERE type = 'captures_pruned') ORDER BY 3, 4"
    )
    for position, expected, warc, offset in _rows(cursor):
        if expected in erased:
            continue
        try:
            found = digest(read_body(location.captures / warc, offset))
        except Exception as error:  # noqa: BLE001 - whatever a damaged archive raises is a finding
            yield Finding("captures", str(position), f"{warc} at {offset} cannot be read: {_brief(error)}")
            continue
        if found != expected:
            yield Finding("captures", str(position), f"{warc} at {offset} holds {found}, not {expected}")


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterable[tuple[Any, ...]]:
    while rows := cursor.fetchmany(CHUNK):
        yield from rows


def _brief(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return (str(error).strip() or type(error).__name__).splitlines()[0]
