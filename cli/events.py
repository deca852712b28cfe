"""`courant events`: the latest events, filtered, without a word of SQL."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, Sink, sink, width, write
from cli.text import one_line

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

USUAL = "modality = 'asserted' AND NOT background"
"""What counts as an event unless one asks for more: neither denied, unconfirmed or conditional, nor history."""

_TABLE = """event_date, type, list_aggregate(list_transform(participants, lambda x:
    x.name || CASE WHEN x.kind = 'person' AND x.code IS NOT NULL THEN ' (' || x.code || ')' ELSE '' END
), 'string_agg', ', ') AS who, place_name AS place, title AS headline, quote"""
_WORDS = r"trim(regexp_replace(lower(strip_accents({})), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"
"""A name as its words, without case, accents and punctuation."""
_IS_ACTOR = f"""len(list_filter(participants, lambda x: x.code = upper(?) OR lower(x.actor_id) = lower(?)
    OR contains(' ' || {_WORDS.format("x.name")} || ' ', ' ' || {_WORDS.format("?")} || ' '))) > 0"""


@dataclass(frozen=True, slots=True)
class Condition:
    """Part of a WHERE clause, with its values."""

    sql: str
    values: tuple[object, ...] = ()


def events(
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="A type (call_held), its view (calls_held) or a family (truce)."),
    ] = None,
    actor: Annotated[
        list[str] | None,
        typer.Option(metavar="WHO", help="A code (RUS, EU), an actor's id (person:…) or words of a name."),
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Events from this day on.", show_default=False)
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Events until before this day.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="How many at most, the latest first; 0 for all.")] = 20,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is denied, unconfirmed, conditional or background.")
    ] = False,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Show the latest events.

    Options of different names narrow down; one that is given again widens.
    A table shows the main columns; every other format has all columns of the view world_events.

    \b
    Examples:
      courant events --type truce --since 2026-09-01
      courant events --actor RUS --actor UKR --json
      courant events --all --limit 0 -o events.parquet
    """
    from warehouse.attach import connect

    wanted = _conditions(type_ or (), actor or (), since, until)
    usual = [] if everything else [Condition(USUAL)]
    chosen = chosen_format(format_, as_json, output)
    columns = _TABLE if chosen in (Format.table, Format.markdown) else "*"
    with connect(log_path(log)) as con:
        found = _select(con, columns, [*wanted, *usual], limit)
        with sink(chosen, output) as out:
            if chosen is Format.table:
                _show(out, found)
            else:
                write(out, found.to_reader())
        if chosen is Format.table:
            tell(_rest(con, wanted, usual, found.num_rows))


def _conditions(
    types: Sequence[str], actors: Sequence[str], since: datetime | None, until: datetime | None
) -> list[Condition]:
    conditions = []
    if types:
        conditions.append(Condition("list_contains(?, type)", (sorted(_types(types)),)))
    if actors:
        conditions.append(Condition(f"({' OR '.join([_IS_ACTOR] * len(actors))})", _actors(actors)))
    if since:
        conditions.append(Condition("event_date >= ?", (since.date(),)))
    if until:
        conditions.append(Condition("event_date < ?", (until.date(),)))
    return conditions


def _types(said: Sequence[str]) -> set[str]:
    """The types that are meant. Raises UsageError, with the nearest names, for one that is none."""
    from schemas.world import EVENT_TYPES
    from warehouse.layout import view_name

    names: dict[str, set[str]] = {}
    for type_, cls in EVENT_TYPES.items():
        for name in (type_, view_name(type_), cls.spec.family):
            names.setdefault(name, set()).add(type_)
    meant = set()
    for word in said:
        name = word.strip().lower().replace("-", "_").replace(" ", "_")
        if name not in names:
            near = difflib.get_close_matches(name, names, n=3)
            hint = f"did you mean {' or '.join(near)}?" if near else 'courant sql "FROM event_types" lists all'
            raise UsageError(f"there is no event type {word}: {hint}")
        meant |= names[name]
    return meant


def _actors(said: Sequence[str]) -> tuple[object, ...]:
    if empty := [word for word in said if not any(c.isalnum() for c in word)]:
        raise UsageError(f"--actor {empty[0]!r} names nobody: give a code such as RUS, an id, or words of a name")
    return tuple(word.strip() for word in said for _ in range(_IS_ACTOR.count("?")))


def _select(con: "duckdb.DuckDBPyConnection", columns: str, conditions: Sequence[Condition], limit: int) -> "pa.Table":
    query = f"SELECT {columns} FROM world_events{_where(conditions)} ORDER BY event_date DESC NULLS LAST, position DESC"
    values = [value for condition in conditions for value in condition.values]
    return con.execute(f"{query} LIMIT {limit}" if limit else query, values).to_arrow_table()


def _where(conditions: Sequence[Condition]) -> str:
    return f" WHERE {' AND '.join(condition.sql for condition in conditions)}" if conditions else ""


def _show(out: Sink, found: "pa.Table") -> None:
    from rich.console import Console

    from cli.report import Row, show_events

    rows = [
        Row(
            day=row["event_date"].isoformat() if row["event_date"] else "undated",
            type=row["type"].replace("_", " "),
            who=one_line(row["who"] or ""),
            where=one_line(row["place"] or ""),
            headline=one_line(row["headline"] or ""),
            quote=f"“{quote}”" if (quote := one_line(row["quote"] or "")) else "",
        )
        for row in found.to_pylist()
    ]
    page = StringIO()
    show_events(Console(file=page, width=width(out.terminal), force_terminal=out.terminal), rows)
    out.text(page.getvalue())


def _rest(con: "duckdb.DuckDBPyConnection", wanted: Sequence[Condition], usual: Sequence[Condition], shown: int) -> str:
    """What is not on the screen, and how to see it."""
    counted = f"SELECT count(*) FILTER ({USUAL}), count(*) FROM world_events{_where(wanted)}"
    row = con.execute(counted, [value for condition in wanted for value in condition.values]).fetchone()
    assert row is not None
    matching = row[0] if usual else row[1]
    apart = row[1] - row[0] if usual else 0
    words = [f"{shown} of {matching} events" if shown < matching else f"{shown} event{'' if shown == 1 else 's'}"]
    if shown < matching:
        words.append("--limit 0 shows all")
    if apart:
        words.append(f"{apart} more denied, unconfirmed, conditional or background: --all")
    return "; ".join(words)
