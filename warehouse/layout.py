"""What a log is made of, from the SQL files beside this module: tables, projections, views.

Only the making of a log and `courant log upgrade` create or alter anything; no process does so at start-up.
"""

import csv
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

import duckdb

from schemas.world import EVENT_TYPES
from warehouse import projections, state
from warehouse.attach import attach, quoted
from warehouse.location import Location

_SQL = files("warehouse") / "sql"


def create(location: Location) -> None:
    """Tables, projections and views of an empty log, in one transaction."""
    con = attach(location, read_only=False, create=True)
    try:
        con.execute("BEGIN")
        con.execute(_text(_SQL / "tables.sql"))
        projections.create(con)
        create_state(con)
        create_views(con)
        con.execute("COMMIT")
        prime(con)
    finally:
        con.close()


_DUMMIES = {"BIGINT": "0", "INTEGER": "0", "UUID": "uuid()", "VARCHAR": "''", "JSON": "'{}'", "BOOLEAN": "false"}


def prime(con: duckdb.DuckDBPyConnection) -> None:
    """Let a row into each empty table, and out again.

    DuckLake looks up the statistics of a table that never held a row anew in each query, column by column: measured
    as 5 to 7 ms a column, 50 ms in an append that touches `pending_pages`, against 4 ms afterwards.
    """
    tables = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).fetchall()
    for schema, table in tables:
        name = f"{schema}.{table}"
        if con.execute(f"SELECT count(*) FROM {name}").fetchall() != [(0,)]:
            continue
        columns = con.execute(f"DESCRIBE {name}").fetchall()
        values = ["NULL" if nullable == "YES" else _DUMMIES.get(type_, "now()") for _, type_, nullable, *_ in columns]
        con.execute(f"INSERT INTO {name} VALUES ({', '.join(values)})")
        con.execute(f"DELETE FROM {name}")


def create_state(con: duckdb.DuckDBPyConnection) -> None:
    """The empty tables of articles and world events, whose columns follow from the catalogue's."""
    con.execute(_event_types_view())
    state.create(con)


def create_views(con: duckdb.DuckDBPyConnection) -> None:
    """All views, in the order of their files' numbers, then one for each type of the catalogue."""
    con.execute(_event_types_view())
    selects = state.selects()
    for file in sorted((_SQL / "views").iterdir(), key=lambda f: f.name):
        con.execute(Template(_text(file)).substitute(selects))
    for type_ in EVENT_TYPES:
        con.execute(type_view(type_))
    con.execute(_dictionary_view(con))


def dictionary() -> dict[tuple[str, str], str]:
    """What each column of each view holds: the contract that a view keeps."""
    lines = _text(_SQL / "dictionary.csv").splitlines()
    return {(row["view"], row["column"]): row["meaning"] for row in csv.DictReader(lines)}


def _dictionary_view(con: duckdb.DuckDBPyConnection) -> str:
    meanings, rows = dictionary(), []
    by_type = {view_name(type_) for type_ in EVENT_TYPES}
    views = con.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name = current_database() AND schema_name = 'main'"
        " AND view_name <> 'data_dictionary' UNION ALL SELECT unnest(['event_log', 'texts']) ORDER BY 1"
    ).fetchall()
    for (name,) in views:
        for column, type_, *_ in con.execute(f"DESCRIBE {name}").fetchall():
            key = ("world_events" if name in by_type else name, column)
            rows.append((name, column, type_, meanings.get(key, "")))
    for column in ("view", "column", "type", "meaning"):
        rows.append(("data_dictionary", column, "VARCHAR", meanings["data_dictionary", column]))
    values = ", ".join("(" + ", ".join(_literal(value) for value in row) + ")" for row in rows)
    names = '"view", "column", "type", meaning'
    return f"CREATE OR REPLACE VIEW data_dictionary AS SELECT * FROM (VALUES {values}) AS t({names})"


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
    name, meaning = view_name(type_), (EVENT_TYPES[type_].__doc__ or "").strip().replace("'", "''")
    return (
        f"CREATE OR REPLACE VIEW {name} AS {type_select(type_)};"
        f"COMMENT ON VIEW {name} IS '{meaning} The usual filter: modality = ''asserted'' AND NOT background.'"
    )


def type_select(type_: str) -> str:
    """What the view of one type selects; planned types say when they were announced and when they are due."""
    planned = EVENT_TYPES[type_].spec.planned
    columns = (
        "published_on AS announced_on, occurred_from AS due_on, *" if planned else "event_date, * EXCLUDE (event_date)"
    )
    return f"SELECT {columns} FROM world_events WHERE type = '{type_}'"


def view_name(type_: str) -> str:
    """The plural under which a type's view is found: `truce_agreed` -> `truces_agreed`, `talks_held` stays."""
    noun, _, rest = type_.partition("_")
    if noun == "territory":
        noun = "territories"
    elif noun != "aid" and not noun.endswith("s"):
        noun += "s"
    return f"{noun}_{rest}"


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")
