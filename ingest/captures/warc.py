"""Writing WARC 1.1 (ISO 28500:2017; https://iipc.github.io/warc-specifications/): one gzip member a record.

The bytes are a function of what is written: record ids are derived from URL, digest and time, and nothing names the
machine or its user.
"""

import base64
import fcntl
import hashlib
import io
import os
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ingest.captures.index import IndexEntry, media_type, write_index
from ingest.captures.values import Captured, CaptureRef, Original
from schemas.digests import digest
from schemas.ids import natural_id

REQUESTED_URL = "WARC-Courant-Requested-URI"
"""An additional named field (section 5.1 allows them) on responses that were reached by redirects."""
PURPOSE = "WARC-Courant-Purpose"
"""The same for responses that were not asked for as pages."""
ORIGINAL = "X-Archive-Orig-"
"""What replay tools put before the names of headers that no longer hold for the stored body."""

REVISIT = "http://netpreserve.org/warc/1.1/revisit/"
"""Where the profiles of revisit records are named (WARC 1.1, section 6.7)."""

_NO_LONGER_TRUE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"})


class CaptureWriter:
    """Writes responses to one WARC file.

    The file is `path` plus `.open` until `close`, which puts it under its name; a file that still ends in `.open`, and
    that nobody holds a lock on, is what a writer left that was killed or failed (`recover.py` cuts it after its last
    whole record). It is made with the first response: no response, no file. `now` is the time that the warcinfo record
    states. Beside the file comes its index, `<path>.cdxj`, as `index.py` would make it. Raises FileExistsError where
    either name is taken.
    """

    def __init__(self, path: Path, *, now: datetime, software: str = "courant") -> None:
        self._path = path
        self._open_path = path.with_name(path.name + ".open")
        self._now = now
        self._software = software
        self._file: BinaryIO | None = None
        self._index: list[str] = []

    def __enter__(self) -> "CaptureWriter":
        return self

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._file.tell() if self._file is not None else 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.leave()

    def write(self, response: Captured, *, same_as: Original | None = None) -> CaptureRef:
        """Append a response and the request that it answered. Raises ValueError for one without a time.

        With `same_as` the body is kept already, or the server said so (304): then a revisit record is written, which
        has the response's headers alone and names the original.
        """
        if response.fetched_at is None:
            raise ValueError(f"a capture needs the time it was fetched: {response.url}")
        file = self._started()
        date = warc_date(response.fetched_at)
        body_digest = digest(response.body)
        key = (response.final_url, same_as.digest if same_as else body_digest, date)
        kind = "revisit" if same_as else "response"
        response_id = _record_id(kind, *key)
        fields = [
            ("WARC-Type", kind),
            ("WARC-Record-ID", response_id),
            ("WARC-Target-URI", response.final_url),
            ("WARC-Date", date),
        ]
        if response.url != response.final_url:
            fields.append((REQUESTED_URL, response.url))
        if response.purpose != "page":
            fields.append((PURPOSE, response.purpose))
        start, head = file.tell(), _response_head(response)
        if same_as is None:
            payload = warc_digest(response.body)
            _write(file, kind, fields, head, response.body, payload=payload)
        else:
            payload = _as_warc(same_as.digest)
            fields += _revisit_fields(response, same_as)
            _write(file, kind, fields, head, b"", payload=payload)
        end = file.tell()
        mime = "warc/revisit" if same_as else media_type(response.header("content-type"))
        place = IndexEntry(response.final_url, date, mime, str(response.status), payload, end - start, start)
        self._index.append(place.line(self._path.name))
        fields = [
            ("WARC-Type", "request"),
            ("WARC-Record-ID", _record_id("request", *key)),
            ("WARC-Target-URI", response.final_url),
            ("WARC-Date", date),
            ("WARC-Concurrent-To", response_id),
        ]
        _write(file, "request", fields, _request_head(response), b"")
        return CaptureRef(self._path.name, start, end - start, body_digest)

    def close(self) -> None:
        """Flush to disk and give the file its name. Harmless when called again."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        write_index(self._path, self._index)
        # Under its name before the lock goes: nobody finds an open file that is done.
        self._open_path.rename(self._path)
        self._file.close()
        self._file = None

    def leave(self) -> None:
        """Leave the file under its `.open` name, as one whose last record may be half there."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _started(self) -> BinaryIO:
        if self._file is None:
            if self._path.exists():
                raise FileExistsError(f"{self._path} exists already: a WARC file is written once")
            self._file = _locked(self._open_path)
            info = f"software: {self._software}\r\nformat: WARC File Format 1.1\r\n"
            info += "conformsTo: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
            fields = [
                ("WARC-Type", "warcinfo"),
                ("WARC-Record-ID", _record_id("warcinfo", self._path.name, warc_date(self._now))),
                ("WARC-Filename", self._path.name),
                ("WARC-Date", warc_date(self._now)),
            ]
            _write(self._file, "warcinfo", fields, None, info.encode())
        return self._file


def _locked(path: Path) -> BinaryIO:
    """A new file with the lock that shows its writer alive; the kernel lets go of it when the writer dies."""
    while True:
        file = path.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        # Found empty before it was locked, it was taken for a dead writer's and removed.
        if path.exists() and path.stat().st_ino == os.fstat(file.fileno()).st_ino:
            return file
        file.close()


def warc_date(moment: datetime) -> str:
    """W3C date in UTC with microseconds where there are any (WARC 1.1, section 5.4)."""
    if moment.tzinfo is None:
        raise ValueError("a WARC date needs a time zone")
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond:06d}Z" if moment.microsecond else f"{text}Z"


def warc_digest(content: bytes) -> str:
    """`sha256:` in base 32, as WARC tools write digests."""
    return "sha256:" + base64.b32encode(hashlib.sha256(content).digest()).decode("ascii")


def _write(
    file: BinaryIO,
    kind: str,
    fields: list[tuple[str, str]],
    head: StatusAndHeaders | None,
    body: bytes,
    *,
    payload: str | None = None,
) -> None:
    block = body
    if head is not None:
        head.compute_headers_buffer()
        block = head.headers_buff + body
    fields = [*fields, ("WARC-Block-Digest", warc_digest(block))]
    if payload:
        fields.append(("WARC-Payload-Digest", payload))
    writer: Any = WARCWriter(file, gzip=True, warc_version="1.1")
    record = writer.create_warc_record(
        "",
        kind,
        payload=io.BytesIO(body),
        length=len(body),
        warc_headers=StatusAndHeaders("", fields, protocol="WARC/1.1"),
        http_headers=head,
    )
    writer.write_record(record)


def _revisit_fields(response: Captured, same_as: Original) -> list[tuple[str, str]]:
    """What a revisit record says of its original (WARC 1.1, sections 5.12 to 5.15 and 6.7)."""
    profile = "server-not-modified" if response.status == 304 else "identical-payload-digest"
    fields = [("WARC-Profile", REVISIT + profile), ("WARC-Refers-To-Target-URI", same_as.url)]
    return fields if same_as.date is None else [*fields, ("WARC-Refers-To-Date", warc_date(same_as.date))]


def _as_warc(named: str) -> str:
    """A digest as this project names it (`sha256:` in hexadecimal), as WARC tools write it."""
    return "sha256:" + base64.b32encode(bytes.fromhex(named.removeprefix("sha256:"))).decode("ascii")


def _response_head(response: Captured) -> StatusAndHeaders:
    """The headers as they hold for the stored body; what held for the wire alone keeps its value under another name."""
    headers = []
    for name, value in response.headers:
        if name.lower() in _NO_LONGER_TRUE | _HOP_BY_HOP:
            name = ORIGINAL + name
        headers.append((_one_line(name), _one_line(value)))
    if any(name.startswith(ORIGINAL) for name, _ in headers):
        headers.append(("Content-Length", str(len(response.body))))
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = ""
    return StatusAndHeaders(f"{response.status} {phrase}".rstrip(), headers, protocol=f"HTTP/{response.http_version}")


def _request_head(response: Captured) -> StatusAndHeaders:
    parts = urlsplit(response.final_url)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    headers = [("Host", parts.netloc.rpartition("@")[2])]
    headers += [(name, value) for name, value in response.request_headers if name.lower() != "host"]
    headers = [(_one_line(name), _one_line(value)) for name, value in headers]
    return StatusAndHeaders(f"{target} HTTP/{response.http_version}", headers, protocol="GET")


def _one_line(text: str) -> str:
    return "".join(" " if char in "\r\n\0" else char for char in text)


def _record_id(kind: str, *key: str) -> str:
    return f"<urn:uuid:{natural_id(f'warc {kind}', *key)}>"
