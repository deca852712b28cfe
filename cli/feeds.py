"""`courant feeds …`: the list of feeds, an OPML file that any feed reader reads and writes."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import FeedsOption, FormatOption, JsonOption, OutputOption, chosen_format
from cli.output import sink, to_rows, write
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.feeds.opml import FeedSource


def list_feeds(
    feeds: FeedsOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """List the feeds that are polled.

    \b
    Example:
      courant feeds list --format csv
    """
    import pyarrow as pa

    known = _read(_file(feeds))
    fields = [(name, pa.string()) for name in ("url", "title", "group", "language", "problem")]
    rows = [
        {
            "url": feed.url,
            "title": feed.title,
            "group": " / ".join(feed.groups) or None,
            "language": feed.settings.get("language"),
            "problem": feed.problem,
        }
        for feed in known
    ]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema(fields)))


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that offers one.")],
    title: Annotated[str | None, typer.Option(help="Its name. Else what the feed calls itself.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="The group to list it under; again for one within.")] = None,
    language: Annotated[str | None, typer.Option(metavar="TAG", help="Its language: en, fr, ar …")] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask the address first whether it is a feed.")] = True,
    feeds: FeedsOption = None,
) -> None:
    """Add a feed to the list. Of a site's page, the feed that it offers; where it offers several, they are named.

    \b
    Examples:
      courant feeds add https://news.example/
      courant feeds add https://news.example/world.xml --group World --language en
    """
    from types import MappingProxyType

    from ingest.feeds.opml import FeedSource
    from schemas.urls import clean_url

    file = _file(feeds)
    known = _read(file) if file.exists() else []
    try:
        address = clean_url(url)
    except ValueError as error:
        raise UsageError(f"{url} is no address of a feed: {error}") from None
    if ask:
        address, found = _asked(address, feeds)
        title = title or found
    if any(feed.url == address for feed in known):
        tell(f"{address} is on the list already")
        return
    settings = MappingProxyType({"language": language} if language else {})
    _write(file, [*known, FeedSource(address, title, settings, tuple(group or ()))])
    tell(f"{address} was added to {file}, which has {_count(len(known) + 1)} now")


def remove(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed's address, as `courant feeds list` shows it.")],
    feeds: FeedsOption = None,
) -> None:
    """Take a feed off the list. What came from it stays in the log.

    \b
    Example:
      courant feeds remove https://news.example/world.xml
    """
    from schemas.urls import clean_url

    file = _file(feeds)
    known = _read(file)
    try:
        address = clean_url(url)
    except ValueError:
        address = url
    kept = [feed for feed in known if feed.url not in (url, address)]
    if len(kept) == len(known):
        raise UsageError(f"{url} is not on the list: `courant feeds list` shows it")
    _write(file, kept)
    tell(f"{url} was taken off {file}, which has {_count(len(kept))} now")


def import_feeds(
    source: Annotated[Path, typer.Argument(metavar="FILE", help="An OPML file, as a feed reader exports it.")],
    feeds: FeedsOption = None,
) -> None:
    """Add the feeds of another OPML file to the list; those that are on it stay as they are.

    \b
    Example:
      courant feeds import subscriptions.opml
    """
    file = _file(feeds)
    known = _read(file) if file.exists() else []
    have = {feed.url for feed in known}
    new = [feed for feed in _read(source) if feed.url not in have]
    if new:
        _write(file, [*known, *new])
    tell(f"{_count(len(new))} added to {file}, which has {_count(len(known) + len(new))} now")


def export_feeds(
    feeds: FeedsOption = None,
    output: OutputOption = None,
) -> None:
    """Write the list as OPML 2.0, for any feed reader.

    \b
    Example:
      courant feeds export -o feeds-today.opml
    """
    from ingest.feeds.opml import write_opml

    content = write_opml(_read(_file(feeds)))
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        _replace(output, content)


def check(
    urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL]...", help="Only these. Else the whole list.")
    ] = None,
    feeds: FeedsOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Ask every feed once: does it answer, is it a feed, how many entries, how new? Nothing is written to the log.

    The exit code is 1 where one is no feed.

    \b
    Example:
      courant feeds check --format csv
    """
    import pyarrow as pa

    from ingest.pipeline import utc_now
    from ingest.probe import probe

    settings = Settings.load(feeds=feeds)
    known = _read(_file(feeds))
    wrong = {feed.url: feed.problem for feed in known if feed.problem}
    asked = [feed.url for feed in known if not feed.problem] if not urls else list(urls)
    tell(f"asking {_count(len(asked))} …")
    columns = ("url", "state", "title", "format", "entries", "latest", "moved_to", "problem")
    rows: list[dict[str, object]] = [
        {name: getattr(answer, name) for name in columns} for answer in probe(asked, settings, utc_now)
    ]
    rows += [{"url": url, "state": "failed", "problem": problem} for url, problem in wrong.items() if not urls]
    fields = [(name, pa.int64() if name == "entries" else pa.string()) for name in columns]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema(fields)))
    if any(row["state"] != "feed" for row in rows):
        raise typer.Exit(FOUND_WRONG)


def _asked(address: str, feeds: Path | None) -> tuple[str, str | None]:
    """The feed that the address is or offers, and its title. Raises UsageError where that is not one."""
    from ingest.pipeline import utc_now
    from ingest.probe import probe

    [answer] = probe([address], Settings.load(feeds=feeds), utc_now)
    if answer.state == "feed":
        return answer.moved_to or address, answer.title
    declared = [feed for feed in answer.offers if feed.declared] or list(answer.offers)
    if len(declared) == 1:
        return declared[0].url, declared[0].title
    if declared:
        raise UsageError(f"{address} offers {len(declared)} feeds, add the one you mean: {_named(declared)}")
    raise UsageError(f"{address} is no feed and offers none ({answer.problem}); --no-ask adds it all the same")


def _named(found: Sequence[object]) -> str:
    return ", ".join(str(getattr(feed, "url", feed)) for feed in found[:8])


def _file(feeds: Path | None) -> Path:
    return Settings.load(feeds=feeds).feeds


def _read(file: Path) -> "list[FeedSource]":
    from ingest.feeds.opml import read_feeds

    return read_feeds(file)


def _write(file: Path, feeds: "Sequence[FeedSource]") -> None:
    from ingest.feeds.opml import write_opml

    _replace(file, write_opml(feeds))


def _replace(file: Path, content: bytes) -> None:
    try:
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(content)
        part.replace(file)
    except OSError as error:
        raise UsageError(f"cannot write {file} ({error.strerror}): choose another with --feeds or -o") from None


def _count(number: int) -> str:
    return f"{number} {'feed' if number == 1 else 'feeds'}"
