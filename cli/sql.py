"""`courant sql`: ad-hoc SQL over the log, reads only."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, Sink, sink, write
from cli.text import several_lines

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_SEVERAL = frozenset({Format.table, Format.markdown})
"""Formats that can hold one result after another."""


def sql(
    query: Annotated[
        str | None,
        typer.Argument(metavar="[QUERY|-]", help="SQL to run; - reads it from standard input; none gives a prompt."),
    ] = None,
    init: Annotated[
        bool,
        typer.Option("--init", help="Print the SQL that opens the log in a DuckDB shell, a notebook or a BI tool."),
    ] = False,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Ask the log in SQL, also while it is written to.

    The SQL is DuckDB's. Without QUERY there is a prompt, with history and completion.

    \b
    Views: articles, world_events and one for each type (calls_held, truces_agreed …), participants, feeds, runs,
    captures, extractions, codings, event_types; SHOW TABLES lists them, DESCRIBE tells their columns. Admitted
    are SELECT, EXPLAIN, DESCRIBE, SHOW and SUMMARIZE; files and settings are out of reach.

    \b
    Examples:
      courant sql "SELECT event_date, place_name, quote FROM talks_held ORDER BY event_date DESC LIMIT 10"
      courant sql "FROM world_events" -o events.parquet
      courant sql - --format csv < question.sql
      courant sql --init > open-log.sql && duckdb -init open-log.sql
    """
    from warehouse.query import admitted, open_for_reading

    path = log_path(log)
    if init:
        _print_init(path)
        return
    chosen = chosen_format(format_, as_json, output)
    if query is None and sys.stdin.isatty() and sys.stdout.isatty() and output is None:
        from cli.prompt import prompt

        prompt(path, chosen)
        return
    text = _piped() if query is None or query == "-" else _as_utf8(query)
    with open_for_reading(path) as con:
        if (number := len(admitted(con, text))) > 1 and chosen not in _SEVERAL:
            raise UsageError(f"{number} statements give {number} results, and {chosen} holds one: ask one at a time")
        with sink(chosen, output) as out:
            answer(con, text, out)


def _print_init(path: Path) -> None:
    from warehouse.attach import by_hand
    from warehouse.location import Location

    location = Location.find(path)
    location.check()
    sys.stdout.write(by_hand(location))
    tell(f'In Python: `from warehouse import connect; con = connect("{path.resolve()}")` does the same')


def _piped() -> str:
    """The SQL on standard input: UTF-8, whatever the locale. Raises UsageError."""
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"the SQL on standard input is not UTF-8 (byte {error.start}): convert it") from None


def _as_utf8(argument: str) -> str:
    """An argument as it was typed: under a locale without UTF-8 its bytes come as surrogates."""
    return argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def answer(con: "duckdb.DuckDBPyConnection", text: str, out: Sink) -> None:
    """Write the results of `text`, one after another. Raises QueryRefusedError, QueryError, KeyboardInterrupt."""
    from warehouse.query import ask

    for number, rows in enumerate(ask(con, text)):
        if number:
            out.text("\n")
        if out.format is Format.table and rows.schema.names == ["explain_key", "explain_value"]:
            _write_plan(out, rows)
        else:
            write(out, rows, tell)
        out.binary.flush()  # what is found is seen while the next statement still runs


def _write_plan(out: Sink, rows: "pa.RecordBatchReader") -> None:
    """What EXPLAIN draws is a picture: it is written as it is drawn."""
    for batch in rows:
        for plan in batch.column("explain_value").to_pylist():
            out.text(f"{several_lines(plan).rstrip()}\n")
