"""What a pass came to, for people: the events it found, its counts, where they lie, and what to ask next."""

import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cli.text import one_line

if TYPE_CHECKING:
    from ingest.reports import RunReport

SHOWN = 24
"""Events shown at most: the latest ones. The rest is a query away."""

WIDE = 140
"""Columns from which on a table of six columns can be read."""

EXAMPLES = (
    "SELECT event_date, actor1_name, actor2_name, quote FROM calls_held ORDER BY event_date",
    "SELECT dyad, count(*) AS events FROM world_events WHERE dyad IS NOT NULL GROUP BY 1 ORDER BY 2 DESC LIMIT 10",
    "SELECT event_date, type, place_name, url FROM world_events WHERE family = 'truce' ORDER BY event_date DESC",
)

_NEW = """
    SELECT w.event_date, w.type, w.participants, w.place_name, w.title, w.quote,
           w.modality = 'asserted' AND NOT w.background AS plain
    FROM world_events w JOIN event_log l ON l.position = w.position
    WHERE l.run_id = ? ORDER BY w.event_date NULLS FIRST, w.position
"""
_FAILED = """
    SELECT (payload->>'url'), coalesce(payload->>'message', payload->>'reason') FROM event_log
    WHERE type = 'feed_polled' AND run_id = ? AND (payload->>'outcome') = 'failed' ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Row:
    """An event as it is shown: when, what, who, where, and in whose words."""

    day: str
    type: str
    who: str
    where: str
    headline: str
    quote: str


def show_run(console: Console, log_path: Path, report: "RunReport | Mapping[str, Any]") -> None:
    """Print what the pass brought that the log had not: `report` as the pipeline gives it, or its JSON form.

    On a terminal in its width and colours; into a file or a pipe as plain lines. Raises LogError.
    """
    import warehouse

    said = report if isinstance(report, Mapping) else report.to_json()
    with warehouse.connect(log_path) as con:
        found = con.execute(_NEW, [said["run_id"]]).fetchall()
        failed = con.execute(_FAILED, [said["run_id"]]).fetchall()
        total = con.sql("SELECT count(*) FROM world_events").fetchall()[0][0]
    rows = [_row(*values) for *values, plain in found if plain]
    if rows:
        show_events(console, rows[-SHOWN:])
        _say(console, "")
    command, log = _command(), shlex.quote(_relative(log_path))
    if found:
        _say(console, f"[bold green]{_count(len(found), 'new event')}[/]")
        if rest := len(found) - min(len(rows), SHOWN):
            _say(console, f"{rest:,} of them not shown: {escape(f'{command} events --log {log} --all')}")
    else:
        held = f"The log holds {_count(total, 'event')} already." if total else "The log holds none yet."
        _say(console, f"[bold]No new events.[/] {held}")
    _say(console, _counts(said, new=len(found)))
    if failed:
        _say(console, f"[yellow]{_count(len(failed), 'feed')} could not be used[/]")
        if len(failed) == said["plan"]["feeds_due"] > 1:
            _say(console, "  None could: is this machine online?")
        for url, why in failed:
            _say(console, f"  {escape(one_line(url))}: {escape(one_line(why).removeprefix(one_line(url)).strip())}")
    for rest in said["plan"].get("resting", ()):
        waiting = f"{_count(rest['feeds'], 'feed')} and {_count(rest['pages'], 'page')} wait"
        _say(console, f"[yellow]{escape(one_line(rest['host']))}[/] {escape(one_line(rest['why']))}; {waiting}")
    _say(console, "")
    _say(console, f"The log is in [bold]{escape(_relative(log_path))}[/]. Ask it, for example:")
    for query in EXAMPLES:
        line = f'{command} sql --log {log} "{query}"'
        _say(console, f"  [cyan]{escape(line)}[/]")


def show_events(console: Console, rows: Sequence[Row]) -> None:
    """A table on a wide terminal; elsewhere an entry of three lines an event."""
    if console.is_terminal and console.width >= WIDE:
        table = Table(box=None, padding=(0, 2, 0, 0), expand=True, header_style="bold")
        for name, share, style in (("Who", 4, ""), ("Where", 2, ""), ("Headline", 5, "bold"), ("Quote", 8, "italic")):
            if name == "Who":
                table.add_column("Date", no_wrap=True, style="cyan")
                table.add_column("Type", no_wrap=True, style="green")
            table.add_column(name, ratio=share, style=style)
        for row in rows:
            table.add_row(*map(Text, (row.day, row.type, row.who, row.where, row.headline, row.quote)))
        console.print(table)
        return
    for row in rows:
        head = Text.assemble(
            (row.day, "cyan"), "  ", (row.type, "green"), f"  {row.who}", f"  [{row.where}]" if row.where else ""
        )
        for indent, line in ((0, head), (12, Text(row.headline, "bold")), (12, Text(row.quote, "italic"))):
            if console.is_terminal:
                console.print(Padding(line, (0, 0, 0, indent)))
            elif line:
                console.print(Text(" " * indent) + line, soft_wrap=True)


def _row(
    day: date | None, type_: str, participants: list[Mapping[str, Any]], place: str | None, title: str, quote: str
) -> Row:
    quote, headline = one_line(quote or ""), one_line(title or "")
    return Row(
        day=day.isoformat() if day else "undated",
        type=type_.replace("_", " "),
        who=_who(participants or []),
        where=one_line(place or ""),
        headline=headline,
        quote=f"“{quote}”" if quote and quote not in headline else "",
    )


def _who(participants: Sequence[Mapping[str, Any]]) -> str:
    """`Ana Ruiz (COL), Tomas Beck (DEU)`, and `Colombia → Nicaragua` where one acts upon another."""
    doers: list[str] = []
    others: list[str] = []
    for one in participants:
        code = f" ({one['code']})" if one["code"] and one["kind"] == "person" else ""
        (others if one["role"] in ("target", "beneficiary") else doers).append(f"{one_line(one['name'] or '')}{code}")
    return " → ".join(", ".join(side) for side in (doers, others) if side)


def _counts(said: Mapping[str, Any], *, new: int) -> str:
    plan, collected, read = said["plan"], said["collected"], said["read"]
    entries = sum(part["entries_new"] for part in collected)
    pages = sum(part["pages_captured"] for part in collected)
    lost = sum(part["pages_failed"] for part in collected)
    due = plan["feeds_due"]
    polled = (
        f"{due:,} of {_count(plan['feeds'], 'feed')} due" if due else f"none of {_count(plan['feeds'], 'feed')} due yet"
    )
    failed = f" ({lost:,} could not be fetched)" if lost else ""
    return (
        f"{polled}, {_count(entries, 'new entry', 'new entries')}, {_count(pages, 'new page')}{failed},"
        f" {_count(read['articles'], 'article')}, {_count(new, 'event')}"
    )


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _say(console: Console, line: str) -> None:
    console.print(line, soft_wrap=True, highlight=False)


def _relative(path: Path) -> str:
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path.resolve())


def _command() -> str:
    """How `courant` can be called from here."""
    beside = Path(sys.executable).with_name("courant")
    found = shutil.which("courant")
    if found and beside.exists() and Path(found).samefile(beside):
        return "courant"
    return _relative(beside) if beside.exists() else "courant"


def main(arguments: Sequence[str]) -> int:
    """`python -m cli.report LOG REPORT`: show a pass from its report's JSON file."""
    import json

    from warehouse.errors import LogError

    try:
        show_run(Console(), Path(arguments[0]), json.loads(Path(arguments[1]).read_text()))
    except LogError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
