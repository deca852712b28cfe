"""`courant init`: a folder to run from, with its settings, its feeds and its log."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import UsageError
from cli.options import CatalogOption, DataOption, storage
from ingest.settings import CONFIG_NAME

STARTER = Path(__file__).parents[1] / "feeds" / "world.opml"
"""The list of world-news feeds that comes with the project."""

_CONFIG = """\
# Courant's settings. Paths are relative to this file; COURANT_* variables go before what stands here.

# Whom a site's operator can turn to: a mail address or a web page. The user agent names it with every request.
{contact}

log = "courant-log"        # the event log
feeds = "feeds.opml"       # which feeds to poll, as OPML
interval = 15              # minutes between two polls of a feed, at least
max_interval = 360         # and at most, of a feed that has been quiet
"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Folder to set up, made where missing.")] = Path(),
    contact: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Mail address or web page that the user agent names. Else asked for."),
    ] = None,
    feeds: Annotated[
        Path | None, typer.Option(metavar="FILE", help="OPML file to start from. Default: a list of world-news feeds.")
    ] = None,
    catalog: CatalogOption = None,
    data: DataOption = None,
) -> None:
    """Set up a folder: settings, feeds, an empty log.

    Writes courant.toml and feeds.opml, and makes the event log courant-log beside them. With --catalog (and --data) the
    log's catalog is in PostgreSQL (and its data in S3), so that several machines can write to it.

    What is there already is kept, but for an existing courant.toml: then nothing is done.

    \b
    Example:
      courant init my-desk --contact desk@example.org
    """
    from ingest.feeds.opml import read_feeds
    from warehouse.errors import LogExistsError
    from warehouse.log import Log

    config = folder / CONFIG_NAME
    if config.exists():
        raise UsageError(f"there is a {config} already: edit it, or name another folder")
    if feeds is not None:
        read_feeds(feeds)
    address = _checked(_asked() if contact is None else contact)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        said = f"contact = {json.dumps(address, ensure_ascii=False)}" if address else '# contact = "desk@example.org"'
        kept = _write_feeds(folder / "feeds.opml", feeds)
        try:
            Log.create(folder / "courant-log", **storage(catalog, data)).close()
        except LogExistsError:
            kept.append("courant-log")
        config.write_text(_CONFIG.format(contact=said), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write to {folder} ({error.strerror}): name another folder") from None
    for name in (CONFIG_NAME, "feeds.opml", "courant-log"):
        tell(f"{folder / name}{' (was there, kept)' if name in kept else ''}")
    if not address:
        tell("No contact yet: sites are not asked without one. Set `contact` in courant.toml.")
    where = "" if folder == Path() else f"cd {folder} && "
    tell(f"Next: {where}courant run")


def _asked() -> str:
    if not sys.stdin.isatty():
        return ""
    return str(typer.prompt("Contact for the user agent (mail address or web page)", default="", err=True)).strip()


def _checked(contact: str) -> str:
    """The contact, fit for a user agent. Raises UsageError."""
    from ingest.fetch.config import FetchConfig

    contact = contact.strip()
    if contact:
        try:
            FetchConfig(contact=contact)
        except ValueError as error:
            raise UsageError(f"{error}: --contact desk@example.org") from None
    return contact


def _write_feeds(target: Path, given: Path | None) -> list[str]:
    """Write the feeds file, unless there is one; names of what was kept."""
    from ingest.feeds.opml import write_opml

    if target.exists():
        return [target.name]
    source = given or STARTER
    if given or STARTER.exists():
        target.write_bytes(source.read_bytes())
    else:
        target.write_bytes(write_opml([]))
        tell("The list of world feeds is not installed here: feeds.opml is empty, add feeds to it.")
    return []
