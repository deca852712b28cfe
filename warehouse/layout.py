"""What a log is made of, from the SQL files beside this module: tables, projections, views.

Only the making of a log and `courant log upgrade` create or alter anything; no process does so at start-up.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable

import duckdb

from schemas.world import EVENT_TYPES
from warehouse.attach import attach, quoted
from warehouse.location import Location

_SQL = files("warehouse") / "sql"
PROJECTIONS = ("feed_state", "pending_pages", "coder_ranks")
"""Kept up to date inside every append, because planning must not miss what was appended just before."""

_FOLDED_TYPES = {
    "feed_state": {"feed_polled"},
    "coder_ranks": {"coder_activated"},
    "pending_pages": {"article_discovered", "page_captured", "capture_failed"},
}


def create(location: Location) -> None:
    """Tables, projections and views of an empty log, in one transaction."""
    con = attach(location, read_only=False, create=True)
    try:
        con.execute("BEGIN")
        con.execute(_text(_SQL / "tables.sql"))
        for name in PROJECTIONS:
            con.execute(_section(name, "table"))
        create_views(con)
        con.execute("COMMIT")
    finally:
        con.close()


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """All views, in the order of their files' numbers, then one for each type of the catalogue."""
    con.execute(_event_types_view())
    for file in sorted((_SQL / "views").iterdir(), key=lambda f: f.name):
        con.execute(_text(file))
    for type_ in EVENT_TYPES:
        con.execute(type_view(type_))


def _event_types_view() -> str:
    """The catalogue as a view, from the classes themselves."""
    rows = ", ".join(
        "(" + ", ".join(_literal(value) for value in row) + ")"
        for row in (
            (
                type_,
                (cls.__doc__ or "").strip().rstrip("."),
                cls.spec.family,
                cls.spec.core,
                cls.spec.plover,
                cls.spec.cameo[0] if cls.spec.cameo else None,
                cls.spec.quad_class,
                cls.spec.intensity,
                view_name(type_),
            )
            for type_, cls in EVENT_TYPES.items()
        )
    )
    return (
        f"CREATE OR REPLACE VIEW event_types AS SELECT * FROM (VALUES {rows})"
        " AS t(type, meaning, family, core, plover, cameo, quad_class, intensity, view)"
    )


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return quoted(value) if isinstance(value, str) else str(value).upper()


def type_view(type_: str) -> str:
    """The view of one type: `call_held` is seen as `calls_held`."""
    spec = EVENT_TYPES[type_].spec
    dates = "event_date AS announced_on, occurred_from AS due_on" if spec.planned else "event_date"
    return f"CREATE OR REPLACE VIEW {view_name(type_)} AS SELECT {dates}, * FROM world_events WHERE type = '{type_}'"


def view_name(type_: str) -> str:
    """The plural under which a type's view is found: `truce_agreed` -> `truces_agreed`, `talks_held` stays."""
    noun, _, rest = type_.partition("_")
    if noun == "territory":
        noun = "territories"
    elif noun != "aid" and not noun.endswith("s"):
        noun += "s"
    return f"{noun}_{rest}"


def fold(con: duckdb.DuckDBPyConnection, done_urls: set[str]) -> None:
    """Take the temporary table `batch` into the projections, inside the caller's transaction."""
    types = {row[0] for row in con.execute("SELECT DISTINCT type FROM batch").fetchall()}
    for name in PROJECTIONS:
        if not types & _FOLDED_TYPES[name]:
            continue
        if name == "pending_pages":
            con.execute("CREATE OR REPLACE TEMP TABLE batch_done (url VARCHAR)")
            con.execute("INSERT INTO batch_done SELECT unnest(?::VARCHAR[])", [sorted(done_urls)])
        con.execute(_section(name, "fold"))


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def _section(projection: str, name: str) -> str:
    """The part of a projection's file under `-- @name`."""
    text = _text(_SQL / "projections" / f"{projection}.sql")
    for part in text.split("\n-- @")[1:]:
        head, _, body = part.partition("\n")
        if head.split(":")[0].strip() == name:
            return body
    raise KeyError(f"{projection}.sql has no section @{name}")
