"""SQL by people: reads of the log, and nothing else.

A read-only attachment alone does not make SQL safe: `COPY … TO` writes onto the log's own files, `read_text` reads any
file, `sqlite_scan` opens any database past DuckDB's own barrier, `enable_logging` writes files. Three barriers stand:
only SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE are admitted (by DuckDB's own parser), only table functions known to
be harmless may stand in them (by the parsed tree), and the connection has external access off and its configuration
locked, with the log's data folder as the only one that it can read.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.attach import connect, first_line, quoted
from warehouse.errors import LogError, QueryRefusedError
from warehouse.location import Location

BATCH_ROWS = 8192
JSON_FIELD = {b"courant": b"json"}
"""Metadata of a field whose strings are JSON documents: Arrow keeps no trace of DuckDB's type otherwise."""

_READS = "SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE"
_TABLE_FUNCTIONS = frozenset(
    {
        "duckdb_columns",
        "duckdb_constraints",
        "duckdb_databases",
        "duckdb_functions",
        "duckdb_keywords",
        "duckdb_schemas",
        "duckdb_settings",
        "duckdb_tables",
        "duckdb_types",
        "duckdb_views",
        "generate_series",
        "histogram",
        "histogram_values",
        "icu_calendar_names",
        "json_each",
        "json_tree",
        "pg_timezone_names",
        "pragma_table_info",
        "pragma_version",
        "range",
        "repeat",
        "repeat_row",
        "summary",
        "unnest",
    }
)
"""Table functions that reach nothing but their arguments and the catalog."""


class QueryError(LogError):
    """The SQL is wrong; the message is DuckDB's, which may have several lines and mark the place."""


def run_select(path: str | Path, sql: str) -> Iterator[pa.RecordBatchReader]:
    """The results of the statements in `sql` over the log at `path`, one reader a statement, in their order.

    Rows stream: a reader is to be used up before the next one is asked for. Fields that hold JSON carry `JSON_FIELD`.
    Nothing is run where one of the statements is refused.
    Raises QueryRefusedError, QueryError, LogNotFoundError, LayoutError; KeyboardInterrupt where Ctrl-C ends a query.
    """
    with open_for_reading(path) as con:
        yield from ask(con, sql)


@contextmanager
def open_for_reading(path: str | Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection for `ask`: the log at `path` and nothing else in reach, its configuration locked.

    Large sorts and joins spill into the system's folder for temporary files.
    """
    location = Location.find(path)
    con = connect(location.root)
    try:
        _lock_down(con, location)
        yield con
    except BaseException:
        con.interrupt()  # else closing waits for what still runs
        raise
    finally:
        con.close()


def _lock_down(con: duckdb.DuckDBPyConnection, location: Location) -> None:
    spill = Path(tempfile.gettempdir()) / f"courant-sql-{os.getpid()}"
    for setting, value in (
        ("python_enable_replacements", "false"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("temp_directory", quoted(str(spill))),
        ("allowed_directories", f"[{quoted(f'{location.data}/')}]"),
        ("enable_external_access", "false"),
        ("lock_configuration", "true"),
    ):
        con.execute(f"SET {setting} = {value}")


def ask(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[pa.RecordBatchReader]:
    """The results of `sql` over a connection made by `open_for_reading`; see `run_select`."""
    for statement in admitted(con, sql):
        try:
            con.execute(statement)
            types = {name: str(kind) for name, kind, *_ in con.description or ()}
            reader = con.to_arrow_reader(BATCH_ROWS)
            yield pa.RecordBatchReader.from_batches(_marked(reader.schema, types), _guarded(con, reader))
        except duckdb.Error as error:
            raise QueryError(str(error).strip()) from error
        except RuntimeError as error:
            raise _stopped(con, error) from error


def admitted(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    """The statements of `sql`, each admitted. Raises QueryRefusedError, QueryError."""
    if refused := {"pragma", "import"} & _first_words(sql):
        # DuckDB puts other statements in their place while it parses, so that a statement's type no longer tells.
        raise QueryRefusedError(f"{refused.pop().upper()} is not admitted here, only {_READS}")
    try:
        statements = con.extract_statements(sql)
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from error
    if not statements:
        raise QueryError('the query is empty: try "SELECT * FROM world_events LIMIT 10"')
    for statement in statements:
        if statement.type == duckdb.StatementType.SELECT:
            _check_select(con, statement.query)
        elif statement.type == duckdb.StatementType.EXPLAIN:
            _check_explain(con, statement.query)
        else:
            raise QueryRefusedError(_refusal(statement.type, statement.query))
    return tuple(statement.query for statement in statements)


def _check_select(con: duckdb.DuckDBPyConnection, text: str) -> None:
    tree = _tree(con, text)
    if tree["error"]:
        raise QueryRefusedError(f"only {_READS} are admitted here ({tree['error_message'].rstrip('!')})")
    nodes: list[Any] = [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, list):
            nodes += node
        elif isinstance(node, dict):
            nodes += node.values()
            _check_node(node)


def _check_node(node: dict[str, Any]) -> None:
    if node.get("type") == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS:
            raise QueryRefusedError(f"{name}() is not admitted here: ask the log's tables and views, see SHOW TABLES")
    elif node.get("type") == "BASE_TABLE" and any(c in str(node.get("table_name")) for c in "/\\*."):
        raise QueryRefusedError("files cannot be read here: ask the log's tables and views, see SHOW TABLES")


def _first_words(sql: str) -> set[str]:
    """The first word of every statement in `sql`, in lower case."""
    data = sql.encode()
    starts = [offset for offset, _ in duckdb.tokenize(sql)]
    first = [n for n, offset in enumerate(starts) if n == 0 or data[starts[n - 1] :][:1] == b";"]
    words = (re.match(rb"\w*", data[starts[n] :]) for n in first)
    return {word[0].decode().lower() for word in words if word}


def _check_explain(con: duckdb.DuckDBPyConnection, text: str) -> None:
    """What is explained must be a SELECT that is admitted: EXPLAIN ANALYZE runs it."""
    rest = _explained(text)
    if rest.startswith("(") and _tree(con, rest)["error"]:
        rest = _after_brackets(rest)  # options: EXPLAIN (FORMAT json) SELECT …
    if _tree(con, rest)["error"] or len(con.extract_statements(rest)) != 1:
        raise QueryRefusedError("only a SELECT can be explained here")
    _check_select(con, rest)


def _explained(text: str) -> str:
    """`text` less the words EXPLAIN and ANALYZE in front, and comments between them."""
    data = text.encode()
    tokens = [offset for offset, _ in duckdb.tokenize(text)]
    for offset in tokens:
        rest = data[offset:].decode()
        if rest[:7].lower() not in ("explain", "analyze", "analyse"):
            return rest
    return ""


def _after_brackets(text: str) -> str:
    data = text.encode()
    depth = 0
    for offset, _ in duckdb.tokenize(text):
        sign = data[offset : offset + 1]
        depth += (sign == b"(") - (sign == b")")
        if depth == 0:
            return data[offset + 1 :].decode().strip()
    return ""


def _tree(con: duckdb.DuckDBPyConnection, text: str) -> dict[str, Any]:
    """The parsed statement as DuckDB writes it; `error` is true for what is no SELECT."""
    row = con.execute("SELECT json_serialize_sql(?::VARCHAR)", [text]).fetchone()
    assert row is not None
    try:
        tree: dict[str, Any] = json.loads(row[0])
    except RecursionError:
        raise QueryRefusedError("the query is nested too deeply: split it with WITH") from None
    return tree


def _refusal(kind: duckdb.StatementType, text: str) -> str:
    name = str(kind).rsplit(".", 1)[-1].replace("_", " ")
    if name == "LOAD":
        return f"INSTALL and LOAD are not admitted here, only {_READS}"
    if name == "CREATE" and not text:
        return "PIVOT needs its values named here: PIVOT … ON type IN ('call_held', 'truce_agreed')"
    return f"{name} is not admitted here, only {_READS}: `connect()` in Python gives a connection of your own"


def _marked(schema: pa.Schema, types: dict[str, str]) -> pa.Schema:
    return pa.schema([f.with_metadata(JSON_FIELD) if types.get(f.name) == "JSON" else f for f in schema])


def _guarded(con: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """The batches, with what goes wrong while they stream told as a query's error."""
    try:
        yield from reader
    except pa.ArrowInvalid as error:
        raise QueryError(first_line(error)) from error
    except (duckdb.Error, OSError) as error:
        raise QueryError(str(error).strip()) from error
    except RuntimeError as error:
        raise _stopped(con, error) from error


def _stopped(con: duckdb.DuckDBPyConnection, error: RuntimeError) -> BaseException:
    """DuckDB takes Ctrl-C for itself and raises this in its place."""
    con.interrupt()  # else the next query, and closing, wait for what still runs
    return KeyboardInterrupt() if "nterrupt" in str(error) else error
