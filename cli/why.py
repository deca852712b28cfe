"""`courant why URL`: what became of a page, and why it is or is not there."""

from typing import Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, sink, to_rows, write, write_object


def why(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The page's address: as linked, as redirected, or canonical.")
    ],
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Tell a URL's whole story: which feed named it, how it was fetched, read, coded, and what comes next.

    The exit code is 1 where the log knows nothing of it.

    \b
    Example:
      courant why https://news.example/2026/09/truce
    """
    import pyarrow as pa

    from ingest.settings import Settings
    from schemas.urls import clean_url
    from warehouse.attach import connect
    from warehouse.story import story

    try:
        cleaned = clean_url(url)
    except ValueError as error:
        raise UsageError(f"{url} is no page's address: {error}") from None
    with connect(log_path(log)) as con, sink(chosen_format(format_, as_json, output), output) as out:
        found = story(con, cleaned, max_attempts=Settings.load().max_attempts)
        if out.format is Format.json:
            write_object(out, found.to_json())
        else:
            fields = [("position", pa.int64()), ("at", pa.timestamp("us", tz="UTC")), ("type", pa.string())]
            rows = [{"position": s.position, "at": s.at, "type": s.type, "told": s.told} for s in found.steps]
            write(out, to_rows(rows, pa.schema([*fields, ("told", pa.string())])))
            tell(found.next)
    if not found.steps:
        raise typer.Exit(FOUND_WRONG)
