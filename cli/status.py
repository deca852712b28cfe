"""`courant status`: how the log, its feeds and its runs are, and what needs a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.app import tell
from cli.health import By, health
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format
from cli.output import Format, Sink, sink, to_rows, write, write_object
from cli.text import one_line
from cli.values import json_value
from ingest.errors import CourantError
from ingest.settings import Settings

if TYPE_CHECKING:
    import duckdb

    from warehouse.location import Location

FAILING = 3
"""Polls that a feed must fail in a row before it is worth a person's while."""
QUIET = timedelta(hours=24)
"""Without a run for so long, a log that is meant to be live is not."""
_LAST_RUNS = 10

_FEEDS = """
    SELECT url, title, last_outcome, last_polled_at, last_success_at, failures_in_a_row,
           polls, polls_failed, entries, reason, message, moved_to, ended, due_at, due_why
    FROM feeds ORDER BY failures_in_a_row DESC, url
"""
_HOSTS = f"SELECT host, passes_failed, since, message FROM hosts WHERE passes_failed >= {FAILING} ORDER BY host"
_RUNS = f"""
    SELECT run_id, started_at, feeds_polled, feeds_failed, entries_new, pages_captured, captures_failed,
           articles, world_events
    FROM runs ORDER BY started_at DESC LIMIT {_LAST_RUNS}
"""


@dataclass(frozen=True, slots=True)
class Status:
    """What `courant status` knows. `warnings` are sentences, each with what to do about it."""

    log: dict[str, Any]
    feeds: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    warnings: list[str]


def status(
    feeds: Annotated[
        bool, typer.Option("--feeds", help="Each feed against its own past: `courant feeds health`.")
    ] = False,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Tell how log, feeds and runs are.

    And warn of what needs a person: no contact, feeds that fail, runs that stopped.
    JSON has everything; csv, parquet and markdown have the feeds, one a row. Warnings go to standard error too.

    \b
    Examples:
      courant status
      courant status --feeds
      courant status --json | jq '.feeds[] | select(.failures_in_a_row > 2) | .url'
    """
    if feeds:
        health(By.feed, log, format_, as_json, output)
        return
    settings = Settings.load(log=log)
    found = look(settings, datetime.now(UTC))
    with sink(chosen_format(format_, as_json, output), output) as out:
        if out.format in (Format.json, Format.jsonl):
            said = {"log": found.log, "feeds": found.feeds, "runs": found.runs, "warnings": found.warnings}
            write_object(out, json_value(said))
        elif out.format is Format.table:
            _write_page(out, found)
        else:
            _write_records(out, found.feeds)
    for warning in found.warnings:
        tell(f"warning: {warning}")


def look(settings: Settings, now: datetime) -> Status:
    """The state of the log at `settings.log`, as of `now`. Raises LogNotFoundError, LayoutError."""
    from ingest.sources.histories import healths
    from warehouse.attach import connect
    from warehouse.location import Location
    from warehouse.lock import describe, holder

    location = Location.find(settings.log)
    log_id = location.check()
    with connect(settings.log) as con:
        unlike = healths(con).warnings
        known, runs, hosts = _records(con, _FEEDS), _records(con, _RUNS), _records(con, _HOSTS)
        head = _records(
            con,
            """SELECT coalesce(max(position), 0) AS head, max(recorded_at) AS last_recorded_at,
                      count(*) FILTER (type = 'page_captured') AS pages,
                      count(DISTINCT article_id) FILTER (type = 'article_extracted') AS articles,
                      count(*) FILTER ((payload->>'coding_id') IS NOT NULL) AS world_events FROM event_log""",
        )[0]
        pending = _records(con, "SELECT count(*) AS pages_pending FROM proj.pending_pages")[0]
    note = holder(location)
    summary = {
        "path": str(settings.log.resolve()),
        "log_id": str(log_id),
        **head,
        **pending,
        "bytes": _size(location),
        **_captures(location),
        "spool_keep_days": settings.spool_keep_days,
        "writer": describe(note) if note is not None else None,
        "feeds_file": str(settings.feeds),
        "contact": settings.contact,
    }
    warnings = _warnings(settings, known, runs, now, location.spool)
    warnings += [*map(_host_warning, hosts), *unlike]
    return Status(summary, known, runs, warnings)


def _warnings(
    settings: Settings, known: Sequence[dict[str, Any]], runs: Sequence[dict[str, Any]], now: datetime, spool: Path
) -> list[str]:
    from ingest.feeds.opml import read_feeds
    from ingest.sources.publishers import load as load_publishers
    from ingest.spool import Spool

    warnings = []
    if not settings.contact:
        warnings.append("no contact is set, real sites are not asked: set `contact` in courant.toml")
    try:
        listed = read_feeds(settings.feeds)
    except CourantError as error:
        warnings.append(str(error))
    else:
        warnings += [f"{source.url} is no address of a feed ({source.problem})" for source in listed if source.problem]
        if not listed:
            warnings.append(f"{settings.feeds} lists no feed: add some")
    try:
        warnings += load_publishers(settings.publishers).problems
    except CourantError as error:
        warnings.append(str(error))
    for feed in known:
        if feed["ended"]:
            way_out = "`courant feeds remove` takes it off the list, `courant feeds add` asks for it again"
            warnings.append(f"{feed['url']} is gone for good (410) and polled no more: {way_out}")
        elif feed["failures_in_a_row"] >= FAILING:
            good = f"last good {feed['last_success_at']:%Y-%m-%d}" if feed["last_success_at"] else "never good"
            times = feed["failures_in_a_row"]
            warnings.append(f"{feed['url']} failed {times} times in a row, {good}: {feed['message']}")
    last = max((run["started_at"] for run in runs if run["feeds_polled"]), default=None)
    if last is None:
        warnings.append("no feed has been polled yet: `courant run`")
    elif now - last > QUIET:
        warnings.append(f"the last run was on {last:%Y-%m-%d %H:%M} UTC: is the schedule on?")
    waiting = Spool(spool)
    if left := len(waiting.to_read()) + len(waiting.to_append()):
        warnings.append(f"files of a stopped run in the spool: {left}; the next run takes them up")
    return warnings


def _host_warning(host: dict[str, Any]) -> str:
    passes = f"{host['passes_failed']} passes in a row, since {host['since']:%Y-%m-%d %H:%M} UTC"
    return f"{host['host']} did not answer in {passes}, and is asked one thing a pass: {host['message']}"


def _records(con: "duckdb.DuckDBPyConnection", query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = con.execute(query).to_arrow_table().to_pylist()
    return found


def _size(location: "Location") -> int:
    """Bytes of all files of the log, wherever they lie; those that vanish meanwhile count for nothing."""
    from warehouse import files

    total = sum(info.size for info in files.find(location.base).values()) if location.elsewhere else 0
    for file in location.root.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


def _captures(location: "Location") -> dict[str, int]:
    """WARC files of the log, and their bytes: they are kept until somebody prunes them."""
    sizes = []
    for file in location.captures.rglob("*.warc.gz"):
        try:
            sizes.append(file.stat().st_size)
        except OSError:
            continue
    return {"capture_files": len(sizes), "capture_bytes": sum(sizes)}


def _write_page(out: Sink, found: Status) -> None:
    log = found.log
    when = f", last on {log['last_recorded_at']:%Y-%m-%d %H:%M} UTC" if log["last_recorded_at"] else ""
    out.text(f"{one_line(log['path'])}\n")
    out.text(f"  {log['head']:,} rows in the log ({log['bytes'] / 1e6:,.1f} MB){when}\n")
    out.text(
        f"  {log['pages']:,} pages, {log['articles']:,} articles, {log['world_events']:,} events;"
        f" {log['pages_pending']:,} pages still to fetch\n"
    )
    files = "file" if log["capture_files"] == 1 else "files"
    out.text(
        f"  captures kept until pruned: {log['capture_files']:,} {files}, {log['capture_bytes'] / 1e6:,.1f} MB\n"
        f"  texts kept until erased, spool for {log['spool_keep_days']} days\n"
    )
    out.text(f"  written to now by {one_line(log['writer'])}\n" if log["writer"] else "")
    if found.feeds:
        out.text(f"\nFeeds ({len(found.feeds)})\n")
        _write_records(out, [_feed_row(feed) for feed in found.feeds])
        for feed in found.feeds:
            if feed["last_outcome"] == "failed":
                said = one_line(feed["message"] or feed["reason"] or "").removeprefix(one_line(feed["url"])).strip()
                out.text(f"  {one_line(feed['url'])}: {said}\n")
    if found.runs:
        out.text(f"\nLast runs ({len(found.runs)})\n")
        _write_records(out, [_run_row(run) for run in found.runs])


def _feed_row(feed: dict[str, Any]) -> dict[str, Any]:
    return {
        "feed": feed["title"] or feed["url"],
        "last poll": f"{feed['last_polled_at']:%m-%d %H:%M}",
        "outcome": "ended" if feed["ended"] else feed["last_outcome"],
        "entries": feed["entries"],
        "failed": f"{feed['polls_failed']} of {feed['polls']}",
        "next": feed["due_why"],
    }


def _run_row(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "started (UTC)": f"{run['started_at']:%Y-%m-%d %H:%M}",
        "feeds": run["feeds_polled"],
        "entries": run["entries_new"],
        "pages": run["pages_captured"],
        "articles": run["articles"],
        "events": run["world_events"],
    }


def _write_records(out: Sink, records: Sequence[dict[str, Any]]) -> None:
    import pyarrow as pa

    if records:
        write(out, to_rows(records, pa.Table.from_pylist(list(records)).schema), tell)
