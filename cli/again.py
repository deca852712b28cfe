"""`courant reextract` and `courant refetch`: stored pages read again, pages asked for again."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import JsonOption, LogOption
from cli.output import Format, sink, write_object
from cli.progress import Progress
from ingest.settings import Settings


def reextract(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Captures from this day on, UTC.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Captures until before this day, UTC.", show_default=False),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell how many captures would be read.")] = False,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read stored captures again, with today's extractor and coder. Nothing is fetched.

    Captures that these versions have read already are left alone. What comes of the others is appended: the newest
    reading becomes the current one, the older ones stay in the log. It can be stopped and run again at any time.

    \b
    Example:
      courant reextract --since 2026-09-01
    """
    from ingest import pipeline
    from ingest.reread import reread, stale

    settings = Settings.load(log=log)
    first, end = _utc(since), _utc(until)
    try:
        if dry_run:
            due = len(stale(settings, since=first, until=end))
            _show({"captures": due}, f"{due:,} captures would be read again", as_json)
            return
        with Progress() as progress:
            report = reread(settings, since=first, until=end, clock=pipeline.utc_now, progress=progress)
    except (LookupError, ValueError) as error:
        raise UsageError(str(error.args[0])) from None
    said = (
        f"{report.captures:,} captures read again: {report.read.articles:,} articles, {report.read.skipped:,} pages"
        f" without one; {report.appended.world_events:,} events appended"
    )
    _show(report.to_json(), said, as_json)


def refetch(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Pages, known to the log or not.")],
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask for pages again, now. One that has changed becomes a new revision of its article.

    Robots.txt and all manners of a usual run hold. A page that is as it was adds nothing to the log, only a revisit
    record to the captures. The exit code is 1 where a page could not be fetched.

    \b
    Example:
      courant refetch https://news.example/2026/09/truce
    """
    from ingest import pipeline
    from ingest.refetch import refetch as fetch_again

    settings = Settings.load(log=log)
    try:
        with Progress() as progress:
            report = fetch_again(settings, urls, clock=pipeline.utc_now, progress=progress)
    except ValueError as error:
        raise UsageError(f"that is no page's address: {error}") from None
    for note in report.notes:
        tell(note)
    said = (
        f"{report.captured:,} new or changed, {report.unchanged:,} as before, {report.failed:,} not fetched;"
        f" {report.appended.world_events:,} events appended"
    )
    _show(report.to_json(), said, as_json)
    raise typer.Exit(FOUND_WRONG if report.failed else 0)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _show(report: dict[str, Any], words: str, as_json: bool) -> None:
    if not as_json:
        typer.echo(words)
        return
    with sink(Format.json) as out:
        write_object(out, report)
