"""The newsroom's month as an archive, written by the project's own capture stage: `python -m samples.archive`.

Every article page, captured a quarter of an hour after it was last changed (undated ones: after their feed told of
them), in the order of those times. The file is a function of `samples/site` alone, and a test holds it to that.
"""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from ingest.captures.values import Captured
from ingest.captures.warc import CaptureWriter
from ingest.feeds.parse import parse_feed
from samples.newsroom import HERE, Newsroom
from schemas.urls import clean_url

FOLDER = HERE / "archive"
FILE = "2026-09.warc.gz"
_DELAY = timedelta(minutes=15)


def write(folder: Path = FOLDER) -> Path:
    """Write the archive into `folder`, over one that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE
    file.unlink(missing_ok=True)
    pages = sorted(_pages(Newsroom.load()), key=lambda page: (page[0], page[1]))
    with CaptureWriter(file, now=pages[-1][0]) as writer:
        for at, url, status, headers, body in pages:
            writer.write(Captured(url, url, status, headers, body, at))
    return file


def _pages(newsroom: Newsroom) -> Iterator[tuple[datetime, str, int, tuple[tuple[str, str], ...], bytes]]:
    told = _feed_dates(newsroom)
    for url, answer in newsroom.answers.items():
        changed = answer.headers.get("Last-Modified")
        at = parsedate_to_datetime(changed) if changed else told.get(clean_url(url))
        is_page = answer.status == 200 and answer.headers.get("Content-Type", "").startswith("text/html")
        if is_page and answer.body and at:
            yield at + _DELAY, url, answer.status, tuple(sorted(answer.headers.items())), answer.body


def _feed_dates(newsroom: Newsroom) -> dict[str, datetime]:
    dates: dict[str, datetime] = {}
    for url, answer in newsroom.answers.items():
        if "xml" in answer.headers.get("Content-Type", ""):
            for entry in parse_feed(answer.body, url=url).entries:
                if entry.url and entry.published:
                    dates.setdefault(clean_url(entry.url), datetime.fromisoformat(entry.published))
    return dates


if __name__ == "__main__":
    print(write(), file=sys.stderr)
