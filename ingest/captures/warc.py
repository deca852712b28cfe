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

from ingest.captures.values import Captured, CaptureRef
from schemas.digests import digest
from schemas.ids import natural_id

REQUESTED_URL = "WARC-Courant-Requested-URI"
"""An additional named field (section 5.1 allows them) on responses that were reached by redirects."""
PURPOSE = "WARC-Courant-Purpose"
"""The same for responses that were not asked for as pages."""
ORIGINAL = "X-Archive-Orig-"
"""What replay tools put before the names of headers that no longer hold for the stored body."""

_NO_LONGER_TRUE = frozenset({"content-encoding", "transfer-encoding", "content-length"})
_HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade"})


class CaptureWriter:
    """Writes responses to one WARC file.

    The file is `path` plus `.open` until `close`, which puts it under its name; a file that still ends in `.open`, and
    that nobody holds a lock on, is what a writer left that was killed or failed (`recover.py` cuts it after its last
    whole record). It is made with the first response: no response, no file. `now` is the time that the warcinfo record
    states. Raises FileExistsError where either name is taken.
    """

    def __init__(self, path: Path, *, now: datetime, software: str = "courant") -> None:
        self._path = path
        self._open_path = path.with_name(path.name + ".open")
        self._now = now
        self._software = software
        self._file: BinaryIO | None = None

    def __enter__(self) -> "CaptureWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        elif self._file is not None:
            # Its last record may be half there.
            self._file.close()
            self._file = None

    def write(self, response: Captured) -> CaptureRef:
        """Append a response and the request that it answered. Raises ValueError for one without a time."""
        if response.fetched_at is None:
            raise ValueError(f"a capture needs the time it was fetched: {response.url}")
        file = self._started()
        date = warc_date(response.fetched_at)
        key = (response.final_url, digest(response.body), date)
        response_id = _record_id("response", *key)
        fields = [
            ("WARC-Type", "response"),
            ("WARC-Record-ID", response_id),
            ("WARC-Target-URI", response.final_url),
            ("WARC-Date", date),
        ]
        if response.url != response.final_url:
            fields.append((REQUESTED_URL, response.url))
        if response.purpose != "page":
            fields.append((PURPOSE, response.purpose))
        start = file.tell()
        _write(file, "response", fields, _response_head(response), response.body, with_payload=True)
        end = file.tell()
        fields = [
            ("WARC-Type", "request"),
            ("WARC-Record-ID", _record_id("request", *key)),
            ("WARC-Target-URI", response.final_url),
            ("WARC-Date", date),
            ("WARC-Concurrent-To", response_id),
        ]
        _write(file, "request", fields, _request_head(response), b"", with_payload=False)
        return CaptureRef(self._path.name, start, end - start, key[1])

    def close(self) -> None:
        """Flush to disk and give the file its name. Harmless when called again."""
        if self._file is None:
            return
        self._file.flush()
        os.fsync(self._file.fileno())
        # Under its name before the lock goes: nobody finds an open file that is done.
        self._open_path.rename(self._path)
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
            _write(self._file, "warcinfo", fields, None, info.encode(), with_payload=False)
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
    with_payload: bool,
) -> None:
    block = body
    if head is not None:
        head.compute_headers_buffer()
        block = head.headers_buff + body
    fields = [*fields, ("WARC-Block-Digest", warc_digest(block))]
    if with_payload:
        fields.append(("WARC-Payload-Digest", warc_digest(body)))
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
