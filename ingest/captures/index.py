"""CDXJ indexes of WARC files, as replay tools (pywb, OutbackCDX) look pages up in.

One line a response: SURT key, 14-digit time, JSON. See https://specs.webrecorder.net/cdxj/0.1.0/.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator

from ingest.captures.warc import warc_digest
from schemas.urls import clean_url


def cdxj_lines(path: Path) -> list[str]:
    """The index of one WARC file of this project's writer, sorted as an index must be.

    Raises OSError where the file cannot be read, and ValueError where it is no WARC.
    """
    return sorted(_lines(path))


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


def _lines(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        records = ArchiveIterator(file)
        try:
            for record in records:
                if record.rec_type != "response":
                    continue
                fields, head = record.rec_headers, record.http_headers
                url = fields.get_header("WARC-Target-URI")
                date = fields.get_header("WARC-Date")
                body = record.content_stream().read()
                entry = {
                    "url": url,
                    "mime": (head.get_header("Content-Type") or "").partition(";")[0].strip(),
                    "status": head.get_statuscode(),
                    "digest": warc_digest(body),
                    "length": str(records.get_record_length()),
                    "offset": str(records.get_record_offset()),
                    "filename": path.name,
                }
                yield f"{surt(url)} {date[:19].translate(_NO_SEPARATORS)} {json.dumps(entry, ensure_ascii=False)}"
        except Exception as error:
            raise ValueError(f"{path.name} is no WARC of this project ({error})") from error


_NO_SEPARATORS = str.maketrans("", "", "-T:")
