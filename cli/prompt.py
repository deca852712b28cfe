"""The prompt of `courant sql`: SQL over several lines, with history and with the log's own names on the Tab key."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import FuzzyWordCompleter
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from cli.app import tell
from cli.output import Format, sink
from cli.sql import answer
from cli.text import several_lines
from warehouse.errors import LogError
from warehouse.query import ask, open_for_reading

if TYPE_CHECKING:
    import duckdb

HELP = """\
End a query with ; and Enter. Tab completes, the arrow keys bring back what was asked before, Ctrl-R searches it.
  .tables            the log's tables and views
  .columns NAME      the columns of one of them
  .format NAME       table, json, jsonl, csv or markdown, for what comes next
  .quit              leave, as Ctrl-D does; Ctrl-C stops a query that takes too long"""
_NAMES = """
    SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'courant'
    UNION SELECT table_name FROM duckdb_tables() WHERE database_name = 'courant'
    UNION SELECT column_name FROM duckdb_columns() WHERE NOT internal AND database_name = 'courant'
"""
_KEYWORDS = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"


def prompt(log: Path, format_: Format, *, session: "PromptSession[str] | None" = None) -> None:
    """Ask and answer until .quit or Ctrl-D. `session` stands in for the terminal's. Raises LogError at the start."""
    with open_for_reading(log) as con:
        tell(f"The log at {log}. `.help` helps, `.quit` leaves.")
        asking = session or new_session(con)
        while True:
            try:
                text = asking.prompt("courant> ").strip()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            if text in (".quit", ".exit", "quit", "exit", "quit;", "exit;"):
                return
            if text:
                format_ = _do(con, text, format_)


def new_session(con: "duckdb.DuckDBPyConnection", **terminal: Any) -> "PromptSession[str]":
    """A prompt that completes the log's names. `terminal` is handed on: other input and output, for one."""
    keys = KeyBindings()

    @keys.add("enter", filter=Condition(lambda: True))
    def enter(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if is_whole(buffer.text) or buffer.text.strip() == "":
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n")

    return PromptSession(
        completer=FuzzyWordCompleter(list(completions(con))),
        complete_while_typing=False,
        history=_history(),
        key_bindings=keys,
        multiline=True,
        prompt_continuation="     ... ",
        **terminal,
    )


def is_whole(text: str) -> bool:
    """Whether Enter sends: a dot command, a word that leaves, or SQL that ends with a semicolon."""
    words = text.strip()
    return words.startswith(".") or words.endswith(";") or words in ("quit", "exit")


def completions(con: "duckdb.DuckDBPyConnection") -> Iterable[str]:
    """Names of views, tables and columns, then SQL's reserved words."""
    names = [str(name) for rows in ask(con, _NAMES) for name in rows.read_all().column(0).to_pylist()]
    words = [str(word).upper() for rows in ask(con, _KEYWORDS) for word in rows.read_all().column(0).to_pylist()]
    return [*sorted(names), *sorted(words), ".tables", ".columns", ".format", ".help", ".quit"]


def _do(con: "duckdb.DuckDBPyConnection", text: str, format_: Format) -> Format:
    """Carry out what was typed; the format for what comes next."""
    command, _, argument = text.rstrip(";").partition(" ")
    if command == ".format":
        try:
            chosen = Format(argument.strip().lower())
        except ValueError:
            chosen = Format.parquet
        if chosen is Format.parquet:
            tell("Here data is shown as table, json, jsonl, csv or markdown.")
            return format_
        return chosen
    if command == ".help":
        print(HELP)
    elif command == ".tables":
        _answer(con, "SHOW TABLES", format_)
    elif command == ".columns":
        name = argument.strip().replace('"', '""')
        _answer(con, f'SELECT column_name, column_type FROM (DESCRIBE "{name}")', format_)
    elif command.startswith("."):
        tell(f"There is no {command}: .help lists what there is.")
    else:
        _answer(con, text, format_)
    return format_


def _answer(con: "duckdb.DuckDBPyConnection", text: str, format_: Format) -> None:
    try:
        with sink(format_) as out:
            answer(con, text, out)
    except LogError as error:
        for line in several_lines(str(error)).splitlines():
            tell(line) if line.strip() else None
    except KeyboardInterrupt:
        tell("stopped")


def _history() -> History:
    """Kept from one time to the next, for its owner alone; where that cannot be, for this time."""
    file = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "courant" / "sql_history"
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))
