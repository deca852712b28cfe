"""Archives that are no WARC: a folder of HTML files, JSON lines of pages, JSON lines of ready texts."""

import csv
import gzip
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from lxml import etree

from ingest.captures.read import read_archive
from ingest.captures.values import MAX_BODY, BadRecord, Captured, ReadyText
from schemas.urls import clean_url


class _BadItemError(ValueError):
    """What makes a BadRecord of an item."""


ArchiveItem = Captured | ReadyText | BadRecord

_WARC = (".warc", ".warc.gz", ".arc", ".arc.gz")
_JSON_LINES = (".jsonl", ".jsonl.gz", ".ndjson", ".ndjson.gz")
_HTML = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz", ".xhtml.gz")
_MAX_LINE = 2 * MAX_BODY
_HEAD = 1 << 20
_TYPE = (("Content-Type", "text/html; charset=utf-8"),)


def read_path(path: Path) -> Iterator[ArchiveItem]:
    """Whatever lies at a path: a WARC or ARC file, JSON lines, an HTML file, or a folder of any of these.

    A path that is none of them, or cannot be read, comes as one BadRecord.
    """
    name = path.name.lower()
    try:
        if path.is_dir():
            yield from read_folder(path)
        elif name.endswith(_JSON_LINES):
            yield from read_json_lines(path)
        elif name.endswith(_HTML):
            yield _page(path, path.name, {})
        elif name.endswith(_WARC) or _starts_like_warc(path):
            yield from read_archive(path)
        else:
            yield BadRecord(path.name, None, "the file is no WARC, no HTML and no JSON lines")
    except OSError as error:
        yield BadRecord(path.name, None, f"the file cannot be read ({error.strerror or error})")


def read_folder(folder: Path) -> Iterator[ArchiveItem]:
    """A folder with all folders in it, in the order of the names.

    An HTML file's address is looked up in the folder's `urls.csv` (columns `file` and `url`, and `fetched_at` if
    known), else taken from its canonical link or its og:url. Files of other kinds are passed over.
    """
    addresses: dict[str, dict[str, str]] = {}
    sidecar = folder / "urls.csv"
    if sidecar.is_file():
        for item in _read_sidecar(sidecar):
            if isinstance(item, BadRecord):
                yield item
            else:
                addresses[item["file"]] = item
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path == sidecar:
            continue
        name = path.name.lower()
        if name.endswith(_HTML):
            yield _page(path, path.relative_to(folder).as_posix(), addresses)
        elif name.endswith(_JSON_LINES + _WARC):
            yield from read_path(path)


def read_json_lines(path: Path) -> Iterator[ArchiveItem]:
    """One object a line: `{"url", "html"[, "fetched_at"]}` for a page, `{"url", "title", "text"[, "published"]}` for
    an article that is extracted already. Blank lines are passed over; a bad line comes as BadRecord with its number.
    """
    with _opened(path) as file:
        number = 0
        try:
            while line := file.readline(_MAX_LINE + 1):
                number += 1
                if len(line) > _MAX_LINE:
                    yield BadRecord(path.name, number, f"the line is longer than {_MAX_LINE:,} bytes")
                    while line and not line.endswith(b"\n"):
                        line = file.readline(_MAX_LINE)
                elif line.strip():
                    yield _line(line, path.name, number)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            yield BadRecord(path.name, number + 1, f"the compressed file is damaged ({error})")


def _line(line: bytes, source: str, number: int) -> ArchiveItem:
    try:
        item: Any = json.loads(line)
    except (ValueError, RecursionError):
        return BadRecord(source, number, "the line is not JSON")
    if not isinstance(item, dict):
        return BadRecord(source, number, "the line is not a JSON object")
    try:
        url = clean_url(_required(item, "url"))
        if "html" in item:
            return _html(url, _required(item, "html").encode("utf-8", "replace"), _moment(item.get("fetched_at")))
        published = item.get("published")
        if published is not None and not isinstance(published, str):
            raise _BadItemError("`published` is not a text")
        return ReadyText(url, _text(item, "title"), _required(item, "text"), published or None)
    except ValueError as error:
        return BadRecord(source, number, str(error))


def _page(path: Path, name: str, addresses: dict[str, dict[str, str]]) -> ArchiveItem:
    try:
        with _opened(path) as file:
            body = file.read(MAX_BODY + 1)
    except (OSError, EOFError, zlib.error) as error:
        return BadRecord(name, None, f"the file cannot be read ({getattr(error, 'strerror', None) or error})")
    if len(body) > MAX_BODY:
        return BadRecord(name, None, f"the file is larger than {MAX_BODY:,} bytes")
    if not body.strip():
        return BadRecord(name, None, "the file is empty")
    row = addresses.get(name, {})
    url = row.get("url") or _own_address(body)
    if url is None:
        return BadRecord(name, None, "no address: neither in urls.csv, nor a canonical link, nor an og:url")
    try:
        # Bytes of an unknown encoding: what the page itself declares must decide, so no charset is named.
        return _html(clean_url(url), body, _moment(row.get("fetched_at") or None), (("Content-Type", "text/html"),))
    except ValueError as error:
        return BadRecord(name, None, str(error))


def _html(
    url: str, body: bytes, fetched_at: datetime | None, headers: tuple[tuple[str, str], ...] = _TYPE
) -> Captured | BadRecord:
    if not body.strip():
        raise _BadItemError("the page is empty")
    return Captured(url, url, 200, headers, body, fetched_at)


def _own_address(body: bytes) -> str | None:
    """What a page says its own address is: canonical link, else og:url, absolute ones only."""
    root = etree.HTML(body[:_HEAD], etree.HTMLParser(no_network=True))
    if root is None:
        return None
    canonical = [
        link.get("href") for link in root.iter("link") if "canonical" in (link.get("rel") or "").lower().split()
    ]
    shared = [meta.get("content") for meta in root.iter("meta") if (meta.get("property") or "").lower() == "og:url"]
    addresses = (address.strip() for address in canonical + shared if address)
    return next((address for address in addresses if address.lower().startswith(("http://", "https://"))), None)


def _read_sidecar(path: Path) -> Iterator[dict[str, str] | BadRecord]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if not {"file", "url"} <= set(rows.fieldnames or ()):
                yield BadRecord(path.name, 1, "the columns `file` and `url` are missing")
                return
            for row in rows:
                if row["file"] and row["url"]:
                    yield {key: value for key, value in row.items() if isinstance(key, str) and isinstance(value, str)}
                else:
                    yield BadRecord(path.name, rows.line_num, "the line lacks a file or a URL")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield BadRecord(path.name, None, f"the list of addresses cannot be read ({error})")


def _moment(value: object) -> datetime | None:
    """ISO 8601; without an offset it is UTC. Raises ValueError."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise _BadItemError("`fetched_at` is not a text")
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise _BadItemError(f"`fetched_at` is no ISO 8601 time: {value[:40]!r}") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _required(item: dict[str, Any], key: str) -> str:
    text = _text(item, key)
    if not text.strip():
        raise _BadItemError(f"`{key}` is missing or empty")
    return text


def _text(item: dict[str, Any], key: str) -> str:
    value = item.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _BadItemError(f"`{key}` is not a text")
    return value


def _opened(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(path, "rb"))
    return path.open("rb")


def _starts_like_warc(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(12)
    return start.startswith((b"WARC/", b"filedesc://"))
