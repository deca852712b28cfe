"""`courant capture …`: what was captured, as it came; and how long it is kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.app import tell
from cli.errors import FOUND_WRONG, UsageError
from cli.options import FormatOption, JsonOption, LogOption, OutputOption, chosen_format, log_path
from cli.output import Format, sink, to_rows, write
from cli.text import several_lines

if TYPE_CHECKING:
    from ingest.captures.find import FoundCapture
    from ingest.captures.values import Captured

UrlArgument = Annotated[
    str, typer.Argument(metavar="URL", help="The page's address: as linked, as redirected, or canonical.")
]
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def show(
    url: UrlArgument,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help="As it was then (ISO 8601), not as it was last seen.")
    ] = None,
    headers: Annotated[bool, typer.Option("--headers", help="The response's headers before its body.")] = False,
    log: LogOption = None,
    output: OutputOption = None,
) -> None:
    """Show a captured page, byte for byte as it came (content coding undone).

    The latest capture is shown, or with --at the latest one not after then. The exit code is 1 where there is none,
    or where it is no longer kept.

    \b
    Examples:
      courant capture show https://news.example/2026/09/truce > page.html
      courant capture show https://news.example/2026/09/truce --at 2026-09-14T12:00Z --headers
    """
    from ingest.captures.read import CaptureMissingError, read_capture
    from warehouse.location import Location

    path = log_path(log)
    found = [one for one in _found(path, url) if at is None or one.captured_at <= _moment(at)]
    if not found:
        tell(f"no capture of {url}{f' before {at}' if at else ''}: `courant why {url}` tells what became of it")
        raise typer.Exit(FOUND_WRONG)
    one = found[0]
    if one.warc is None or one.kept != "yes":
        tell(f"the capture of {one.captured_at:%Y-%m-%dT%H:%MZ} is not there to be shown: {one.kept}")
        raise typer.Exit(FOUND_WRONG)
    try:
        page = read_capture(Location.find(path).captures / one.warc, one.offset)
    except (OSError, CaptureMissingError) as error:
        tell(f"the capture cannot be read ({error}): `courant log verify` checks all of them")
        raise typer.Exit(FOUND_WRONG) from None
    content = (_head(page) if headers else b"") + page.body
    with sink(Format.jsonl, output) as out:
        if out.terminal:
            out.text(several_lines(content.decode("utf-8", "replace")))
        else:
            out.binary.write(content)


def list_captures(
    url: UrlArgument,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """List the captures of a page, the newest first: one for each body that it was seen with.

    \b
    Example:
      courant capture list https://news.example/2026/09/truce
    """
    import pyarrow as pa

    found = _found(log_path(log), url)
    fields = [("captured_at", pa.timestamp("us", tz="UTC")), ("kept", pa.string()), ("http_status", pa.int64())]
    fields += [("bytes", pa.int64()), ("content_type", pa.string()), ("url", pa.string()), ("final_url", pa.string())]
    fields += [("digest", pa.string()), ("warc", pa.string()), ("offset", pa.int64())]
    rows = [{name: getattr(one, name) for name, _ in fields} for one in found]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema(fields)), tell)
    if not found:
        raise typer.Exit(FOUND_WRONG)


def index(log: LogOption = None, output: OutputOption = None) -> None:
    """Write one CDXJ index of all captures, for replay tools such as pywb.

    Beside each WARC file lies its own index; this is all of them, sorted as one.

    \b
    Example:
      courant capture index -o captures.cdxj
    """
    from ingest.captures.index import merged
    from warehouse.location import Location

    captures = Location.find(log_path(log)).captures
    try:
        with sink(Format.jsonl, output) as out:
            for line in merged(captures):
                out.text(f"{line}\n")
    except ValueError as error:
        tell(str(error))
        raise typer.Exit(FOUND_WRONG) from None


def prune(
    older_than: Annotated[
        int | None, typer.Option("--older-than", metavar="DAYS", min=1, help="Files taken in before then.")
    ] = None,
    keep: Annotated[
        str | None, typer.Option("--keep", metavar="SIZE", help="Keep so much, as 50G; the oldest files go.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell which files would go.")] = False,
    log: LogOption = None,
    format_: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Delete old captures to make room. Nothing does so unasked.

    Whole WARC files go, the oldest first; each is noted in the log. Articles, texts and events stay, but pages in
    those files can no longer be shown or read again. What is yet to be read stays in any case.

    \b
    Examples:
      courant capture prune --older-than 365 --dry-run
      courant capture prune --keep 50G
    """
    import pyarrow as pa

    from warehouse.log import Log
    from warehouse.prune import beyond, kept_files, unread
    from warehouse.prune import prune as delete

    if older_than is None and keep is None:
        raise UsageError("say what is to go: --older-than DAYS, or --keep SIZE")
    now = datetime.now(UTC)
    limit = _bytes(keep) if keep is not None else None
    before = now - timedelta(days=older_than) if older_than is not None else None
    with Log.open(log_path(log)) as opened:
        spared = unread(opened.location)
        files = beyond(kept_files(opened), before=before, max_bytes=limit, spared=spared)
        freed = 0 if dry_run else delete(opened, files, now=now, run_id=f"prune-{now:%Y%m%dT%H%M%SZ}")
    fields = [("warc", pa.string()), ("bytes", pa.int64()), ("newest", pa.timestamp("us", tz="UTC"))]
    rows = [{name: getattr(file, name) for name in ("warc", "bytes", "newest", "reason")} for file in files]
    with sink(chosen_format(format_, as_json, output), output) as out:
        write(out, to_rows(rows, pa.schema([*fields, ("reason", pa.string())])), tell)
    would = sum(file.bytes for file in files)
    tell(
        f"{len(files)} files with {would:,} bytes would go" if dry_run else f"{len(files)} files, {freed:,} bytes freed"
    )


def _found(path: Path, url: str) -> "list[FoundCapture]":
    from ingest.captures.find import find_captures
    from schemas.urls import clean_url
    from warehouse.attach import connect

    try:
        cleaned = clean_url(url)
    except ValueError as error:
        raise UsageError(f"{url} is no page's address: {error}") from None
    with connect(path) as con:
        return find_captures(con, cleaned)


def _head(page: "Captured") -> bytes:
    lines = [f"HTTP/{page.http_version} {page.status}", *(f"{name}: {value}" for name, value in page.headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text!r} is not ISO 8601: write 2026-09-14 or 2026-09-14T08:30Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _bytes(text: str) -> int:
    number, unit = text.strip().upper().removesuffix("B"), ""
    if number and number[-1] in "KMGT":
        number, unit = number[:-1], number[-1]
    try:
        return int(float(number) * _UNITS[unit])
    except ValueError:
        raise UsageError(f"--keep {text!r} is no size: write 50G or 500M") from None
