"""`courant log …`: follow the log, check it, copy it, bring it back."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG
from cli.options import FormatOption, JsonOption, LogOption, LongFormatOption, OutputOption, chosen_format, log_path
from cli.output import Format, sink, to_rows, write


def tail(
    log: LogOption = None,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on as events come, until Ctrl-C.")] = False,
    after: Annotated[int | None, typer.Option("--after", min=0, help="Begin after this position.")] = None,
    lines: Annotated[int, typer.Option("-n", min=0, help="Without --after: begin so many events before the end.")] = 10,
    type_: Annotated[list[str] | None, typer.Option("--type", help="Only this type; may be repeated.")] = None,
    stream: Annotated[str | None, typer.Option("--stream", help="Only streams that start so.")] = None,
    format_: LongFormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Show the end of the event log, event by event, and with -f what comes.

    \b
    Example:
      courant log tail -f --type truce_agreed --type truce_violated
    """
    import pyarrow as pa

    from warehouse.attach import connect
    from warehouse.follow import DEFAULT_LIMIT, Selection, read_batch

    selection = Selection.of(type_, stream)
    chosen = chosen_format(format_, as_json, output, default=Format.jsonl if follow else None)
    columns = ["position", "recorded_at", "type", "stream", "event_id", "payload"]
    with connect(log_path(log)) as con, sink(chosen, output) as out:

        def head() -> int:
            return int(con.execute("SELECT coalesce(max(position), 0) FROM event_log").fetchall()[0][0])

        start = max(head() - lines, 0) if after is None else after
        while True:
            if (end := head()) > start or not follow:
                batches = []
                while start < end:
                    events, start = read_batch(con, start, end, selection, DEFAULT_LIMIT)
                    batches.append(events.select(columns))
                if batches:
                    found = pa.concat_tables(batches)
                    if found.num_rows or not follow:
                        write(out, found.to_reader(), tell)
            if not follow:
                return
            if output is None:
                import sys

                sys.stdout.flush()
            time.sleep(1)


def verify(
    log: LogOption = None,
    captures: Annotated[bool, typer.Option("--captures/--no-captures", help="Read every capture too.")] = True,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Check that the log keeps its promises: ids, positions, payloads, texts, evidence, captures, current state.

    What is off is listed, and the exit code is then 1. Nothing is changed.

    \b
    Example:
      courant log verify --no-captures
    """
    import pyarrow as pa

    from ingest.captures.read import read_capture
    from warehouse.verify import verify as run

    def read_body(file: Path, offset: int) -> bytes:
        return read_capture(file, offset).body

    found = list(run(log_path(log), read_body=read_body if captures else None))
    if not found:
        tell("The log is in order.")
        return
    fields = pa.schema([("check", pa.string()), ("where", pa.string()), ("message", pa.string())])
    rows = [{"check": f.check, "where": f.where, "message": f.message} for f in found]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, fields), tell)
    raise typer.Exit(FOUND_WRONG)


def backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where the copy lies; the next adds what is new.")],
    log: LogOption = None,
) -> None:
    """Copy the whole log into a folder, as of one commit. Appends wait meanwhile, readers do not.

    \b
    Example:
      courant log backup /mnt/backup/news
    """
    from warehouse.backup import back_up

    tell(f"{back_up(log_path(log), target)} files copied to {target}")


def restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="A backup made by `courant log backup`.")],
    log: LogOption = None,
    catalog: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Into this catalog: sqlite, or a postgresql:// address that holds no log."),
    ] = None,
    data: Annotated[
        str | None, typer.Option(metavar="PLACE", help="With a catalog in PostgreSQL: a folder, or s3://bucket/prefix.")
    ] = None,
) -> None:
    """Put the log back from a backup. What stands in its place is moved aside, and what was erased since stays erased.

    A backup may go into another kind of catalog than it came from: so a log is moved to PostgreSQL and S3, or back.

    \b
    Examples:
      courant log restore /mnt/backup/news
      courant log restore /mnt/backup/news --catalog postgresql://courant@db.example/news --data s3://news-bucket/log
    """
    from datetime import UTC, datetime

    from warehouse.backup import restore as run
    from warehouse.erase import erase, find_returned
    from warehouse.log import Log

    path = log_path(log)
    run(source, path, catalog=catalog, data=data)
    with Log.open(path) as opened:
        now = datetime.now(UTC)
        run_id = f"restore-{now:%Y%m%dT%H%M%SZ}"
        again = erase(opened, find_returned(opened), reason="request", now=now, run_id=run_id)
    erased = f"; erased again: {again.texts} texts, {again.captures} pages" if again.texts or again.captures else ""
    tell(f"The log at {path} is as the backup had it{erased}")


def recover(log: LogOption = None) -> None:
    """Make a lost or damaged catalog again, from its last copy and from later data files.

    Positions that are gone are named, and the exit code is then 1: a backup may have them.

    \b
    Example:
      courant log recover && courant log verify
    """
    from warehouse.backup import recover as run

    found = run(log_path(log))
    tell(f"{found.known} events from the copy of the catalog, {found.found} from later files")
    for first, last in found.missing:
        tell(f"positions {first} to {last} are gone")
    if found.missing:
        raise typer.Exit(FOUND_WRONG)


def upgrade(log: LogOption = None) -> None:
    """Bring a log of an older layout to this version's. A copy of its catalog is kept.

    \b
    Example:
      courant log upgrade --log /srv/news/log
    """
    from warehouse.upgrade import upgrade as run

    before, now = run(log_path(log))
    tell(f"The log had layout {now} already" if before == now else f"The log went from layout {before} to {now}")


def rebuild(log: LogOption = None) -> None:
    """Make every projection again from the events alone. What the views say stays the same, or is right again.

    \b
    Example:
      courant log rebuild
    """
    from warehouse.log import Log

    with Log.open(log_path(log)) as opened:
        opened.rebuild_projections()
    tell("All projections were made again from the log")
