"""The published copy: one plain DuckDB file with every view in it, which opens in any DuckDB without an extension.

It is written beside its place and renamed into it: who reads the old file goes on reading the old file.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from schemas.world import EVENT_TYPES
from warehouse.attach import ALIAS, attach_to, first_line, quoted
from warehouse.errors import LogError, LogNotWritableError
from warehouse.layout import type_select, view_name
from warehouse.location import Location
from warehouse.state import position

PUBLISHED = "published.json"
_PROSE = {
    "articles": {"text": "VARCHAR"},
    "world_events": {"date_words": "VARCHAR", "quote": "VARCHAR"},
    "happenings": {"first_quote": "VARCHAR"},
    "revisions": {"paragraphs_added": "VARCHAR[]", "paragraphs_removed": "VARCHAR[]"},
}
_ORDER = {"world_events": "event_date, type, position", "articles": "published_on, position"}


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: rows by table, and the position of the log that articles and world events show."""

    target: Path
    position: int
    rows: dict[str, int]


def publish(path: str | Path, target: str | Path, *, now: datetime, with_texts: bool = True) -> Published:
    """Write the views of the log at `path` into the DuckDB file `target`.

    Without texts, `articles.text`, the paragraphs of `revisions` and the quotes are left empty. The copy is noted
    beside the log, so that an erasure reaches it too. Raises LogNotFoundError, LayoutError, LogNotWritableError,
    LogError.
    """
    location, file = Location.find(path), Path(target).resolve()
    log_id = location.check()
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        con = duckdb.connect(str(part))
    except duckdb.Error as error:
        raise LogNotWritableError(f"cannot write {file}: {first_line(error)}") from None
    try:
        attach_to(con, location, read_only=True)
        [(name,)] = con.execute("SELECT current_database()").fetchall()
        con.execute(f"USE {ALIAS}")
        # One transaction: every table shows the log as of the same commit.
        con.execute("BEGIN")
        rows = _tables(con, f'"{name}"', with_texts)
        at = position(con)
        con.execute(
            f'CREATE TABLE "{name}".published AS SELECT ?::UUID AS log_id, ?::BIGINT AS position,'
            " ?::TIMESTAMPTZ AS published_at, ?::BOOLEAN AS with_texts",
            [log_id, at, now, with_texts],
        )
        con.execute("COMMIT")
        con.execute(f'USE "{name}"')
        _type_views(con)
        con.execute(f"DETACH {ALIAS}")
        con.execute("CHECKPOINT")
        con.close()
        with part.open("rb") as content:
            os.fsync(content.fileno())
        part.replace(file)
    except duckdb.Error as error:
        raise LogError(f"cannot publish to {file}: {first_line(error)}") from error
    except OSError as error:
        raise LogNotWritableError(f"cannot write {file}: {error.strerror}") from None
    finally:
        con.close()
        for left in (part, Path(f"{part}.wal")):
            left.unlink(missing_ok=True)
    _note(location, file, with_texts)
    return Published(file, at, rows)


def published_copies(location: Location) -> dict[Path, bool]:
    """Where the log was published to, and whether with its texts."""
    try:
        return {Path(file): bool(texts) for file, texts in json.loads((location.root / PUBLISHED).read_text()).items()}
    except (OSError, ValueError):
        return {}


def _tables(con: duckdb.DuckDBPyConnection, into: str, with_texts: bool) -> dict[str, int]:
    by_type = {view_name(type_) for type_ in EVENT_TYPES}
    views = con.execute(
        "SELECT view_name, comment FROM duckdb_views() WHERE database_name = ? AND schema_name = 'main' ORDER BY 1",
        [ALIAS],
    ).fetchall()
    rows = {}
    for view, comment in views:
        if view in by_type:
            continue
        prose = {} if with_texts else _PROSE.get(view, {})
        blank = ", ".join(f"NULL::{type_} AS {column}" for column, type_ in prose.items())
        columns = f"* REPLACE ({blank})" if blank else "*"
        order = f" ORDER BY {_ORDER[view]}" if view in _ORDER else ""
        con.execute(f"CREATE TABLE {into}.{view} AS SELECT {columns} FROM {ALIAS}.{view}{order}")
        if comment:
            con.execute(f"COMMENT ON TABLE {into}.{view} IS {quoted(comment)}")
        [(rows[view],)] = con.execute(f"SELECT count(*) FROM {into}.{view}").fetchall()
    return rows


def _type_views(con: duckdb.DuckDBPyConnection) -> None:
    """A type's view is cheap to ask, so it stays one. It names no catalog: the file may be attached as anything."""
    for type_ in EVENT_TYPES:
        con.execute(f"CREATE VIEW {view_name(type_)} AS {type_select(type_)}")


def _note(location: Location, file: Path, with_texts: bool) -> None:
    noted = {**{str(known): texts for known, texts in published_copies(location).items()}, str(file): with_texts}
    part = location.root / f"{PUBLISHED}.part"
    try:
        part.write_text(json.dumps(noted, indent=0, sort_keys=True) + "\n")
        part.replace(location.root / PUBLISHED)
    except OSError:
        # A reader without the right to write there may publish too; then whoever erases has to know of the copy.
        return
