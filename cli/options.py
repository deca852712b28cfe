"""What every command takes in the same way: the log, the format, the file to write to."""

import os
import sys
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from cli.errors import UsageError
from cli.output import Format
from ingest.settings import Settings

LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar="PATH",
        help="Folder of the event log. Else COURANT_LOG, else `log` in the nearest courant.toml, else ./courant-log.",
        show_default=False,
    ),
]
_FORMAT_HELP = "How the data is written. Default: a table on a terminal, JSON lines elsewhere."
FormatOption = Annotated[
    Format | None, typer.Option("--format", "-f", case_sensitive=False, help=_FORMAT_HELP, show_default=False)
]
LongFormatOption = Annotated[
    Format | None, typer.Option("--format", case_sensitive=False, help=_FORMAT_HELP, show_default=False)
]
"""For a command whose `-f` means something else, as `tail -f` does everywhere."""
JsonOption = Annotated[bool, typer.Option("--json", help="Short for --format json.", show_default=False)]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the data into FILE, whole or not at all."),
]
CatalogOption = Annotated[
    str | None,
    typer.Option(
        "--catalog",
        metavar="NAME",
        help="Where the catalog is: sqlite, or postgresql://user@host/database?schema=name, without a password."
        " Else COURANT_CATALOG, else sqlite.",
        show_default=False,
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="PLACE",
        help="Where the data lie: a folder, or s3://bucket/prefix, with a catalog in PostgreSQL."
        " Else COURANT_DATA, else in the log's folder.",
        show_default=False,
    ),
]
FeedsOption = Annotated[
    Path | None,
    typer.Option("--feeds", metavar="FILE", help="OPML file of the feeds. Else `feeds` in courant.toml."),
]


def chosen_format(
    given: Format | None, as_json: bool, output: Path | None = None, *, default: Format | None = None
) -> Format:
    """The format to write: as asked, as the name of -o says, else `default`, else by where the data goes.

    Raises UsageError where two formats are asked for.
    """
    if as_json:
        if given not in (None, Format.json):
            raise UsageError(f"--json and --format {given} exclude each other: leave one out")
        return Format.json
    if given is not None:
        return given
    if output is not None and (suffix := _SUFFIXES.get(output.suffix.lower())):
        return suffix
    if default is not None:
        return default
    return Format.table if output is None and sys.stdout.isatty() else Format.jsonl


_SUFFIXES = {
    ".json": Format.json,
    ".jsonl": Format.jsonl,
    ".ndjson": Format.jsonl,
    ".csv": Format.csv,
    ".parquet": Format.parquet,
    ".md": Format.markdown,
}


class Storage(TypedDict):
    """Where a new log's catalog and data go, as `Log.create` takes it."""

    catalog: str
    data: str | None


def storage(catalog: str | None, data: str | None) -> Storage:
    """What `Log.create` takes for catalog and data: as said, else as the environment says."""
    from warehouse.catalog import SQLITE

    return {
        "catalog": catalog or os.environ.get("COURANT_CATALOG") or SQLITE,
        "data": data or os.environ.get("COURANT_DATA") or None,
    }


def log_path(given: Path | None) -> Path:
    """The log to work on. A courant.toml is read only where nothing nearer names one. Raises SettingsError."""
    if given is not None:
        return given
    if from_environ := os.environ.get("COURANT_LOG"):
        return Path(from_environ)
    return Settings.load().log
