"""`courant publishers …`: the list of publishers, and the rows that a desk adds to it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format
from cli.output import sink, to_rows, write
from ingest.settings import Settings

if TYPE_CHECKING:
    from schemas.facts import Publisher


def list_all(format_: FormatOption = None, as_json: JsonOption = False, output: OutputOption = None) -> None:
    """List the publishers: those of the program, and those of the file that `publishers` in courant.toml names.

    \b
    Example:
      courant publishers list --format csv
    """
    from ingest.sources.publishers import load

    found = load(Settings.load().publishers)
    _write([(None, row) for row in found.rows], format_, as_json, output)
    _warn(found.problems)


def find(
    hosts: Annotated[list[str], typer.Argument(metavar="HOST...", help="A host, or a page's URL.")],
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Tell who publishes at a host. The exit code is 1 where one is not listed.

    \b
    Example:
      courant publishers find feeds.bbci.co.uk https://www.dawn.com/news/1
    """
    from urllib.parse import urlsplit

    from ingest.sources.publishers import load

    known = load(Settings.load().publishers)
    named = [((urlsplit(host).hostname or "") if "://" in host else host).lower() for host in hosts]
    rows = [(host, known.of(host)) for host in named]
    _write(rows, format_, as_json, output)
    if any(row is None for _, row in rows):
        raise typer.Exit(FOUND_WRONG)


def check(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A CSV file. Else the one that courant.toml names.")
    ] = None,
) -> None:
    """Check a file of publishers of your own. Rows that cannot be used are named, and the exit code is then 1.

    \b
    Example:
      courant publishers check my-publishers.csv
    """
    from ingest.sources.publishers import read

    own = file or Settings.load().publishers
    if own is None:
        raise UsageError("no file is named: give one, or set `publishers` in courant.toml")
    found = read(own)
    for problem in found.problems:
        typer.echo(problem)
    tell(f"{own}: {len(found.rows)} publishers, {len(found.problems)} problems")
    if found.problems:
        raise typer.Exit(FOUND_WRONG)


def update(log: LogOption = None) -> None:
    """Put the list into the log now, where it has changed. Every run does it by itself.

    \b
    Example:
      courant publishers update
    """
    from ingest.pipeline import new_run_id, utc_now
    from ingest.sources.listing import list_publishers
    from ingest.sources.publishers import load
    from warehouse.log import Log

    settings = Settings.load(log=log)
    publishers = load(settings.publishers)
    _warn(publishers.problems)
    with Log.open(settings.log) as opened:
        now = utc_now()
        told = list_publishers(opened, publishers, now=now, run_id=new_run_id("publishers", now))
    tell(f"{len(publishers.rows)} publishers, {'as the log has them already' if told is None else 'now in the log'}")


def _warn(problems: Iterable[str]) -> None:
    for problem in problems:
        tell(f"warning: {problem}")


def _write(
    rows: "Iterable[tuple[str | None, Publisher | None]]", format_: FormatOption, as_json: bool, output: Path | None
) -> None:
    import pyarrow as pa

    from ingest.sources.publishers import COLUMNS

    said = []
    asked = False
    for host, row in rows:
        asked = asked or host is not None
        one = row.model_dump() if row else dict.fromkeys(COLUMNS)
        said.append({"asked": host, **one} if host is not None else one)
    names = (("asked",) if asked else ()) + COLUMNS
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(said, pa.schema([(name, pa.string()) for name in names])), tell)
