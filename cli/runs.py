"""`courant run`, `courant backfill` and `courant link`: the pipeline without a scheduler."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import tell
from cli.options import FeedsOption, JsonOption, LogOption
from cli.output import Format, sink, write_object
from cli.progress import Progress
from ingest.settings import Settings

if TYPE_CHECKING:
    from ingest.backfill import BackfillReport


def run(log: LogOption = None, feeds: FeedsOption = None, as_json: JsonOption = False) -> None:
    """Make one pass: from the feeds to the log.

    Polls the feeds that are due, fetches their new pages, reads and codes them, and appends it all to the log.
    The same pipeline as the scheduled one. It can be stopped and run again at any time: what is in the log
    already is not added twice, and what a stopped pass left over is taken up. A feed or page that fails is
    noted in the log and stops nothing.

    \b
    Examples:
      courant run
      courant run --feeds feeds/world.opml --json | jq .appended
    """
    from ingest import pipeline

    settings = Settings.load(log=log, feeds=feeds)
    with Progress() as progress:
        report = pipeline.run(settings, clock=pipeline.utc_now, progress=progress)
    if as_json:
        _write_report(report.to_json())
        return
    from rich.console import Console

    from cli.report import show_run

    show_run(Console(), settings.log, report)


def backfill(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", help="WARC files, folders of HTML pages, or files of JSON lines."),
    ],
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="From this day on, UTC.", show_default=False),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Until before this day, UTC.", show_default=False),
    ] = None,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring archived pages into the same log.

    \b
    PATH is one or more of
      pages.warc.gz   WARC 1.0/1.1 or ARC, compressed or not
      folder/         HTML pages that name their address, or with a urls.csv beside them
      pages.jsonl     {"url", "html"} or ready texts {"url", "title", "text", "published"}, one a line
    A record counts as of the day it was captured, a ready text as of its publication. Pages that the log has
    already add nothing. Records that cannot be read are noted in the log and stop nothing.

    \b
    Example:
      courant backfill archive/*.warc.gz --since 2026-09-01 --until 2026-10-01
    """
    from ingest import pipeline
    from ingest.backfill import backfill as bring_in

    settings = Settings.load(log=log)
    with Progress() as progress:
        report = bring_in(
            settings, paths, since=_day(since), until=_day(until), clock=pipeline.utc_now, progress=progress
        )
    if as_json:
        _write_report(report.to_json())
        return
    for line in _summary(report, settings.log):
        typer.echo(line)


def link(
    whole: Annotated[bool, typer.Option("--whole", help="Look at all reports anew, not only at what is new.")] = False,
    log: LogOption = None,
    as_json: JsonOption = False,
) -> None:
    """Decide which reports of different articles tell one happening.

    Every pass does it at its end. The view happenings has a row for each happening; nothing is merged: a link is an
    event of the log, with its score and reasons, that a later one can take back.

    \b
    Example:
      courant link --whole
    """
    from ingest import pipeline

    settings = Settings.load(log=log)
    run_id = pipeline.new_run_id("link", pipeline.utc_now())
    with Progress() as progress:
        report = pipeline.link(settings, run_id=run_id, whole=whole, progress=progress)
    if as_json:
        _write_report(report.to_json())
        return
    typer.echo(f"{report.reports:,} reports looked at: {report.linked:,} linked, {report.unlinked:,} unlinked")


def _summary(report: "BackfillReport", log: Path) -> list[str]:
    appended = report.appended
    records = (
        f"{report.records:,} records: {report.taken:,} new pages, {report.known:,} in the log already,"
        f" {report.outside:,} outside the dates, {report.rejected:,} unreadable"
    )
    came_to = (
        f"{report.read.articles:,} articles, {report.read.skipped:,} pages without one,"
        f" {appended.world_events:,} new events"
    )
    if report.rejected:
        query = "SELECT payload->>'source', payload->>'message' FROM event_log WHERE type = 'record_rejected'"
        tell(f'What could not be read: courant sql --log {log} "{query}"')
    return [records, came_to]


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _write_report(report: dict[str, Any]) -> None:
    with sink(Format.json) as out:
        write_object(out, report)
