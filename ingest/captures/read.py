"""Reading WARC and ARC files of any origin, page by page. A broken record costs itself, never the rest.

Records lie in gzip members of their own, or all in one, or plain. A member that cannot be read is reported, and reading
goes on at the next place that looks like one.
"""

import re
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.timeutils import iso_date_to_datetime

from ingest.captures.values import MAX_BODY, READY_TYPE, BadRecord, Captured
from ingest.captures.warc import ORIGINAL, PURPOSE, REQUESTED_URL

_PIECE = 1 << 16
_IN_MEMORY = 32 << 20
_MAX_MEMBER = 4 << 30
_GZIP = b"\x1f\x8b\x08"
_NEXT_PLAIN = re.compile(
    rb"\n(?=WARC/[01]\.\d{1,2}\r?\n|https?://\S{1,2000} [\d.]{7,15} \d{14} \S{1,100} \d{1,12}\r?\n)"
)
_BROKEN = (ArchiveLoadFailed, EOFError, OSError, ValueError, ArithmeticError, LookupError, AttributeError)
_PAGES = ("text/html", "application/xhtml+xml", READY_TYPE)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with a gzip member. Of a damaged one, only what has a digest of its own is believed: damage shows
    at the member's end, wherever it is. Of a torn one, all that is there is right."""

    reason: str
    damaged: bool


class CaptureMissingError(LookupError):
    """There is no readable response at the place that was named."""


def read_capture(path: Path, offset: int) -> Captured:
    """The response whose record starts at `offset`.

    Raises CaptureMissingError where there is none, and OSError where the file cannot be read.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for item in _items(file, path.name, offset, every_type=True):
            if isinstance(item, Captured):
                return item
            raise CaptureMissingError(f"no response in {path.name} at {offset}: {item.reason}")
    raise CaptureMissingError(f"no response in {path.name} at {offset}: the file ends there")


def read_archive(path: Path) -> Iterator[Captured | BadRecord]:
    """Every HTML page of a .warc, .warc.gz, .arc or .arc.gz file that was answered with 200, in the file's order.

    Ready texts that were kept as captures (READY_TYPE) count as pages. Other types and statuses, and what was asked
    for as a feed, are passed over; records that cannot be read come as BadRecord. Raises OSError only.
    """
    with path.open("rb") as file:
        yield from _items(file, path.name, 0, every_type=False)


def _items(file: IO[bytes], name: str, start: int, *, every_type: bool) -> Iterator[Captured | BadRecord]:
    compressed = file.read(3) == _GZIP
    file.seek(start)
    if compressed:
        yield from _compressed_items(file, name, start, every_type=every_type)
    else:
        yield from _plain_items(file, name, start, every_type=every_type)


def _compressed_items(file: IO[bytes], name: str, start: int, *, every_type: bool) -> Iterator[Captured | BadRecord]:
    offset: int | None = start
    joined = False
    while offset is not None:
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as inflated:
            length, fault = _inflate_from(file, offset, inflated, joined=joined)
            if length == 0:
                return
            if offset == start and not joined and fault is None and not _opens_record(file, offset + length):
                # What compressed the file cut where it liked, not between records: all of it is read as one.
                joined = True
                continue
            inflated.seek(0)
            told = False
            # What could be inflated is read even from a torn member: a page may lie in it whole.
            for item in _plain_items(inflated, name, offset, every_type=every_type, fault=fault, within=offset):
                told = told or isinstance(item, BadRecord)
                yield item
        if fault is not None and not told:
            yield BadRecord(name, offset, fault.reason)
        offset = offset + length if fault is None else _find(file, offset + 1, _GZIP)
        joined = False


def _opens_record(file: IO[bytes], offset: int) -> bool:
    """Whether the gzip member at `offset` begins as a record does, or is none."""
    file.seek(offset)
    try:
        begin = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(file.read(_PIECE), 4096).lstrip()
    except zlib.error:
        return True  # damaged, which is told when its turn comes
    return not begin or _NEXT_PLAIN.match(b"\n" + begin) is not None


def _inflate_from(file: IO[bytes], offset: int, out: IO[bytes], *, joined: bool) -> tuple[int, _Fault | None]:
    """The gzip member at `offset`, with `joined` all members from there on: their length in the file, and the fault."""
    file.seek(offset)
    length, fault = _inflate(file, out)
    while joined and fault is None:
        file.seek(offset + length)
        more, fault = _inflate(file, out)
        if more == 0:
            break
        length += more
    return length, fault


def _inflate(file: IO[bytes], out: IO[bytes]) -> tuple[int, _Fault | None]:
    """One gzip member: how many bytes of the file it took, and what was wrong with it."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    taken = size = 0
    while data := file.read(_PIECE):
        taken += len(data)
        try:
            while data and not inflate.eof:
                piece = inflate.decompress(data, _PIECE * 16)
                data = inflate.unconsumed_tail
                size += out.write(piece)
                if size > _MAX_MEMBER:
                    return taken, _Fault("the gzip member is larger than 4 GB", damaged=False)
        except zlib.error as error:
            return taken, _Fault(f"the gzip member is damaged ({error})", damaged=True)
        if inflate.eof:
            return taken - len(inflate.unused_data), None
    return taken, _Fault("the file ends in the middle of a gzip member", damaged=False) if taken else None


def _plain_items(
    file: IO[bytes], name: str, start: int, *, every_type: bool, fault: _Fault | None = None, within: int | None = None
) -> Iterator[Captured | BadRecord]:
    """`within` is the offset of the gzip member that the records lie in, which is then where all of them are."""
    begin = 0 if within is not None else start
    while True:
        file.seek(begin)
        iterator = _Records(file, check_digests=fault is not None and fault.damaged)
        here = begin
        try:
            for record in iterator:
                here = iterator.offset
                place = here if within is None else within
                yield from _item(record, name, place, every_type=every_type, fault=fault)
        except (
            ArchiveLoadFailed,
            EOFError,
            OSError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
        ) as error:
            yield BadRecord(name, here if within is None else within, fault.reason if fault else _reason(error))
        else:
            return
        following = _find_record(file, iterator.offset if iterator.offset > here else here + 1)
        if following is None:
            return
        begin = following


class _Records(ArchiveIterator):  # type: ignore[misc]
    """warcio's iterator without its words on stderr."""

    def __init__(self, file: IO[bytes], *, check_digests: bool) -> None:
        super().__init__(file, arc2warc=True, verify_http=False, check_digests=check_digests)
        # What comes here is inflated already; a body that looks like gzip must not be taken for one.
        self.reader = BufferedReader(file)

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        size = 0
        while line := self.reader.readline():
            if line.strip():
                return line, size
            size += len(line)
        return None, size


def _item(
    record: Any, name: str, place: int, *, every_type: bool, fault: _Fault | None
) -> Iterator[Captured | BadRecord]:
    if record.rec_type not in ("response", "resource"):
        return
    try:
        captured = _captured(record, every_type=every_type)
    except _UnreadableError as error:
        yield BadRecord(name, place, fault.reason if fault else str(error))
    except Exception as error:  # noqa: BLE001 - warcio and the decoders below it raise anything on broken records
        yield BadRecord(name, place, fault.reason if fault else _reason(error))
    else:
        if captured is None:
            return
        if fault is not None and fault.damaged and not record.digest_checker.passed:
            yield BadRecord(name, place, fault.reason)
            return
        yield captured


class _UnreadableError(Exception):
    pass


def _captured(record: Any, *, every_type: bool) -> Captured | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if not url.startswith(("http://", "https://")):
        return None
    purpose = record.rec_headers.get_header(PURPOSE) or "page"
    if purpose != "page" and not every_type:
        return None
    head = record.http_headers
    if head is None:
        status, version = 200, "1.1"
        headers = [("Content-Type", record.content_type or "")]
    else:
        status_text = head.get_statuscode()
        if not re.fullmatch(r"\d{3}", status_text):
            raise _UnreadableError(f"the response to {url} has no status line")
        status, version = int(status_text), head.protocol.partition("/")[2] or "1.1"
        headers = head.headers
    content_type = next((value for key, value in headers if key.lower() == "content-type"), "")
    media_type = content_type.partition(";")[0].strip().lower()
    if not every_type and (status != 200 or (media_type and media_type not in _PAGES)):
        return None
    body = record.content_stream().read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise _UnreadableError(f"the body of {url} is larger than {MAX_BODY:,} bytes")
    if getattr(record.raw_stream, "limit", 0) > 0 and not _drained(record.raw_stream):
        raise _UnreadableError(f"the record of {url} ends before its length")
    requested = record.rec_headers.get_header(REQUESTED_URL) or url
    wire = _wire_headers(headers)
    return Captured(requested, url, status, wire, body, _date(record), version, purpose=purpose)


def _drained(stream: Any) -> bool:
    """Whether the rest of a record is there: what a decoder leaves unread at the end of a record is not missing."""
    while stream.read(_PIECE):
        pass
    return bool(stream.limit == 0)


def _wire_headers(headers: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The headers of the wire, where this project's writer put them under other names."""
    if not any(name.startswith(ORIGINAL) for name, _ in headers):
        return tuple(headers)
    kept = []
    for name, value in headers:
        if name.startswith(ORIGINAL):
            kept.append((name.removeprefix(ORIGINAL), value))
        elif name.lower() != "content-length":
            kept.append((name, value))
    return tuple(kept)


def _date(record: Any) -> datetime | None:
    text = record.rec_headers.get_header("WARC-Date")
    try:
        moment: datetime = iso_date_to_datetime(text)
    except (ValueError, TypeError, AttributeError):
        return None
    return moment.replace(tzinfo=UTC)


def _find(file: IO[bytes], start: int, mark: bytes) -> int | None:
    """The offset of the next `mark` at or after `start`."""
    file.seek(start)
    offset, rest = start, b""
    while data := file.read(_PIECE):
        window = rest + data
        if (found := window.find(mark)) >= 0:
            return offset - len(rest) + found
        rest = window[-(len(mark) - 1) :]
        offset += len(data)
    return None


def _find_record(file: IO[bytes], start: int) -> int | None:
    """The offset of the next line that opens a record of a plain file, after `start`."""
    position = max(0, start - 1)
    file.seek(position)
    window = b""
    while data := file.read(_PIECE):
        window += data
        if match := _NEXT_PLAIN.search(window):
            return position + match.end()
        # A record's first line may straddle two pieces; it is never longer than this.
        cut = max(0, len(window) - 4096)
        window, position = window[cut:], position + cut
    return None


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"the record cannot be read ({text[:160] or type(error).__name__})"
