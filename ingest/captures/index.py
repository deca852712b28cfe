"""CDXJ indexes of WARC files, as replay tools (pywb, OutbackCDX) look pages up in.

One line a response or revisit: SURT key, 14-digit time, JSON. See https://specs.webrecorder.net/cdxj/0.1.0/.
"""

import heapq
import json
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from schemas.urls import clean_url

_SUFFIX = ".cdxj"
_NO_SEPARATORS = str.maketrans("", "", "-T:")


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A capture as an index names it: `date` as WARC writes it, `digest` of the payload, sizes in bytes."""

    url: str
    date: str
    mime: str
    status: str
    digest: str
    length: int
    offset: int

    def line(self, filename: str) -> str:
        """The entry's line, for a capture in the file of that name."""
        entry = {
            "url": self.url,
            "mime": self.mime,
            "status": self.status,
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": filename,
        }
        when = self.date[:19].translate(_NO_SEPARATORS)
        return f"{surt(self.url)} {when} {json.dumps(entry, ensure_ascii=False)}"


def cdxj_lines(path: Path, *, name: str | None = None) -> list[str]:
    """The index of one WARC file of this project's writer, which is or will be called `name`, sorted.

    Raises OSError where the file cannot be read, and ValueError where it is no WARC.
    """
    return sorted(_lines(path, name or path.name))


def index_file(path: Path) -> Path:
    """Where the index of a WARC file lies."""
    return path.with_name(path.name + _SUFFIX)


def write_index(path: Path, lines: Iterable[str]) -> Path:
    """Write the index of the WARC file `path` beside it, in one move; where it lies."""
    target = index_file(path)
    part = target.with_name(f"{target.name}.part")
    part.write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
    part.replace(target)
    return target


def merged(captures: Path) -> Iterator[str]:
    """The lines of all indexes below a folder, sorted as one; file names as they are seen from that folder.

    A WARC file without an index is read. Raises OSError, and ValueError for a file that is no WARC.
    """
    with ExitStack() as opened:
        parts = []
        for path in sorted(captures.rglob("*.warc.gz")):
            folder = path.parent.relative_to(captures).as_posix()
            place = "" if folder == "." else f"{folder}/"
            if not index_file(path).exists():
                parts.append([_placed(line, place) for line in cdxj_lines(path)])
                continue
            file = opened.enter_context(index_file(path).open(encoding="utf-8"))
            parts.append(_placed(line.rstrip("\n"), place) for line in file)  # type: ignore[arg-type]
        yield from heapq.merge(*parts)


def surt(url: str) -> str:
    """The sort-friendly key of a URL: `com,example)/news?a=b`, host reversed and without `www.`, all in lower case.

    Raises ValueError for what is no http(s) URL.
    """
    parts = urlsplit(clean_url(url))
    host = (parts.hostname or "").removeprefix("www.")
    reversed_host = host if ":" in host or host.replace(".", "").isdigit() else ",".join(reversed(host.split(".")))
    port = f":{parts.port}" if parts.port else ""
    query = f"?{'&'.join(sorted(parts.query.split('&')))}" if parts.query else ""
    return f"{reversed_host}{port}){parts.path}{query}".lower()


def media_type(content_type: str | None) -> str:
    """The media type without its parameters."""
    return (content_type or "").partition(";")[0].strip()


def _placed(line: str, place: str) -> str:
    key, when, said = line.split(" ", 2)
    entry = json.loads(said)
    return f"{key} {when} {json.dumps({**entry, 'filename': place + entry['filename']}, ensure_ascii=False)}"


def _lines(path: Path, name: str) -> Iterator[str]:
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                if record.rec_type not in ("response", "revisit"):
                    continue
                fields, head = record.rec_headers, record.http_headers
                record.content_stream().read()
                entry = IndexEntry(
                    url=fields.get_header("WARC-Target-URI"),
                    date=fields.get_header("WARC-Date"),
                    mime="warc/revisit"
                    if record.rec_type == "revisit"
                    else media_type(head.get_header("Content-Type")),
                    status=head.get_statuscode(),
                    digest=fields.get_header("WARC-Payload-Digest"),
                    length=records.get_record_length(),
                    offset=records.get_record_offset(),
                )
                yield entry.line(name)
        except Exception as error:
            raise ValueError(f"{path.name} is no WARC of this project ({error})") from error
