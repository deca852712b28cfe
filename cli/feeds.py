"""`courant feeds …`: the list of feeds, an OPML file that any feed reader reads and writes."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import FeedsOption, FormatOption, JsonOption, LogOption, OutputOption, chosen_format
from cli.output import sink, to_rows, write
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.feeds.opml import FeedSource


_NEXT = ("due_at", "due_why", "outcome", "moved_to")


def list_feeds(
    feeds: FeedsOption = None,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """List the feeds that are polled, and where there is a log, when each is polled next and why.

    \b
    Example:
      courant feeds list --format csv
    """
    import pyarrow as pa

    settings = Settings.load(log=log, feeds=feeds)
    known = _read(settings.feeds)
    rows = [
        {
            "url": feed.url,
            "title": feed.title,
            "group": " / ".join(feed.groups) or None,
            "language": feed.settings.get("language"),
            "problem": feed.problem,
            "interval": feed.options.interval,
            "headers": ", ".join(f"{name}: …" for name in feed.options.headers) or None,
            "allow_hosts": ", ".join(feed.options.allow_hosts) or None,
            **next_poll,
        }
        for feed, next_poll in zip(known, _next_polls(settings, known), strict=True)
    ]
    fields = [(name, pa.string()) for name in ("url", "title", "group", "language", "problem")]
    fields += [("interval", pa.int64()), ("headers", pa.string()), ("allow_hosts", pa.string())]
    fields += [(name, pa.string()) for name in _NEXT]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema(fields)))


def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a page that offers one.")],
    title: Annotated[str | None, typer.Option(help="Its name. Else what the feed calls itself.")] = None,
    group: Annotated[list[str] | None, typer.Option(help="The group to list it under; again for one within.")] = None,
    language: Annotated[str | None, typer.Option(metavar="TAG", help="Its language: en, fr, ar …")] = None,
    interval: Annotated[
        int | None, typer.Option(metavar="MINUTES", help="Between two polls of it, at least. Else the setting.")
    ] = None,
    header: Annotated[
        list[str] | None,
        typer.Option(metavar="'NAME: VALUE'", help="A request header of its own; again for more. Never shown."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Fetch its pages only from here and below; again for more."),
    ] = None,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask the address first whether it is a feed.")] = True,
    feeds: FeedsOption = None,
    log: LogOption = None,
) -> None:
    """Add a feed to the list. Of a site's page, the feed that it offers; where it offers several, they are named.

    Of a feed that is on the list, the settings that are given are changed; one that had gone for good (410) is polled
    again.

    \b
    Examples:
      courant feeds add https://news.example/
      courant feeds add https://news.example/world.xml --group World --language en
      courant feeds add https://news.example/world.xml --interval 60 --allow-host news.example
    """
    from dataclasses import replace
    from types import MappingProxyType

    from ingest.feeds.opml import FeedSource
    from schemas.urls import clean_url

    settings = Settings.load(log=log, feeds=feeds)
    file = settings.feeds
    known = _read(file) if file.exists() else []
    try:
        address = clean_url(url)
    except ValueError as error:
        raise UsageError(f"{url} is no address of a feed: {error}") from None
    own = _own_settings(language, interval, header or [], allow_host or [])
    before = next((feed for feed in known if feed.url == address), None)
    if ask:
        asked = FeedSource(address, settings=MappingProxyType({**(before.settings if before else {}), **own}))
        # One that is on the list is not taken for another, wherever it may lead by now.
        found_at, found = _asked(asked, settings)
        address, title = (address if before else found_at), title or (None if before else found)
    before = before or next((feed for feed in known if feed.url == address), None)
    if before is None:
        new = FeedSource(address, title, MappingProxyType(own), tuple(group or ()))
        _write(file, [*known, new])
        tell(f"{address} was added to {file}, which has {_count(len(known) + 1)} now")
        return
    if _has_ended(settings, before):
        from ingest.pipeline import utc_now

        own["resumed"] = utc_now().isoformat(timespec="seconds")
    changed = replace(
        before,
        title=title or before.title,
        groups=tuple(group) if group else before.groups,
        settings=MappingProxyType({**_without(before.settings, own), **own}),
        problem=None,
    )
    if changed == replace(before, problem=None):
        tell(f"{address} is on the list already")
        return
    _write(file, [changed if feed is before else feed for feed in known])
    tell(f"{address} is polled again" if "resumed" in own else f"the settings of {address} were changed")


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
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Ask every feed once: does it answer, is it a feed, how many entries, how new? Nothing is written to the log.

    Where there is a log, it tells when each is polled next, and why then. The exit code is 1 where one is no feed.

    \b
    Example:
      courant feeds check --format csv
    """
    import pyarrow as pa

    from ingest.pipeline import utc_now
    from ingest.probe import probe

    settings = Settings.load(log=log, feeds=feeds)
    known = _read(settings.feeds)
    asked = [feed for feed in known if not feed.problem] if not urls else [_listed(known, url) for url in urls]
    tell(f"asking {_count(len(asked))} …")
    columns = ("url", "state", "title", "format", "entries", "latest", "moved_to", "problem")
    answers = probe([feed.url for feed in asked], settings, utc_now, headers=_headers(asked))
    rows: list[dict[str, object]] = [{name: getattr(answer, name) for name in columns} for answer in answers]
    if not urls:
        rows += [{"url": feed.url, "state": "failed", "problem": feed.problem} for feed in known if feed.problem]
        asked = [*asked, *(feed for feed in known if feed.problem)]
    for row, next_poll in zip(rows, _next_polls(settings, asked), strict=True):
        row |= {name: next_poll[name] for name in ("due_at", "due_why")}
    fields = [(name, pa.int64() if name == "entries" else pa.string()) for name in columns]
    fields += [(name, pa.string()) for name in ("due_at", "due_why")]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema(fields)))
    if any(row["state"] != "feed" for row in rows):
        raise typer.Exit(FOUND_WRONG)


def _own_settings(
    language: str | None, interval: int | None, headers: Sequence[str], allow_hosts: Sequence[str]
) -> dict[str, str]:
    """What is said of a feed beside its address, as attributes of the OPML file. Raises UsageError."""
    from ingest.feeds.options import ALLOW_HOSTS, HEADER, INTERVAL, LANGUAGE, checked_host, options_of

    own = {LANGUAGE: language or "", INTERVAL: str(interval) if interval is not None else ""}
    for header in headers:
        name, colon, value = header.partition(":")
        if not colon:
            raise UsageError(f"a header is written 'NAME: VALUE', and {name!r} has no value")
        own[HEADER + name.strip()] = value.strip(" ")
    try:
        own[ALLOW_HOSTS] = " ".join(checked_host(host) for host in allow_hosts)
        own = {name: value for name, value in own.items() if value or name.startswith(HEADER)}
        options_of(own)
    except ValueError as error:
        raise UsageError(str(error)) from None
    return own


def _without(settings: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The settings without those that are given anew, in whichever case they are written."""
    new = {name.lower() for name in own}
    return {name: value for name, value in settings.items() if name.lower() not in new}


def _has_ended(settings: Settings, feed: "FeedSource") -> bool:
    """Whether the log, if there is one, says that the feed is gone for good."""
    return _next_polls(settings, [feed])[0]["outcome"] == "ended"


def _next_polls(settings: Settings, feeds: "Sequence[FeedSource]") -> list[dict[str, str | None]]:
    """Of each feed what the log says of its next poll; nothing where there is no log."""
    from ingest.outlook import outlooks
    from ingest.pipeline import utc_now
    from warehouse.errors import LogNotFoundError

    try:
        found = outlooks(settings, feeds, utc_now())
    except LogNotFoundError:
        return [dict.fromkeys(_NEXT) for _ in feeds]
    return [{"due_at": o.due_at, "due_why": o.why, "outcome": o.outcome, "moved_to": o.moved_to} for o in found]


def _listed(known: "Sequence[FeedSource]", url: str) -> "FeedSource":
    """The feed of the list with that address, or one that is not on it."""
    from ingest.feeds.opml import FeedSource

    return next((feed for feed in known if feed.url == url), FeedSource(url))


def _headers(feeds: "Sequence[FeedSource]") -> dict[str, Mapping[str, str]]:
    return {feed.url: feed.options.headers for feed in feeds if feed.options.headers}


def _asked(feed: "FeedSource", settings: Settings) -> tuple[str, str | None]:
    """The feed that the address is or offers, and its title. Raises UsageError where that is not one."""
    from ingest.pipeline import utc_now
    from ingest.probe import probe

    address = feed.url
    [answer] = probe([address], settings, utc_now, headers=_headers([feed]))
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
        part.touch(0o600)
        part.write_bytes(content)
        # The feeds' own headers may be secrets: who could not read the file before cannot now.
        part.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o666 & ~_umask())
        part.replace(file)
    except OSError as error:
        raise UsageError(f"cannot write {file} ({error.strerror}): choose another with --feeds or -o") from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _count(number: int) -> str:
    return f"{number} {'feed' if number == 1 else 'feeds'}"
