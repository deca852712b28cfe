"""What is kept and what is read back, as values."""

from dataclasses import dataclass
from datetime import datetime

MAX_BODY = 20_000_000
"""Bytes of a decoded body beyond which an archived page is not read."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A response as it came over the wire, its body decoded.

    `url` was asked for, `final_url` answered. `headers` are those of the wire, in order; so content and transfer
    codings may be named there that the body no longer has. `fetched_at` is aware, and None only for archived pages
    whose archive does not say. `purpose` is `page`, or `feed` for what was asked for as a feed: even where that turned
    out to be a web page, it is no article.
    """

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime | None
    http_version: str = "1.1"
    request_headers: tuple[tuple[str, str], ...] = ()
    purpose: str = "page"

    def header(self, name: str) -> str | None:
        """The first header of that name, in whichever case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, slots=True)
class Original:
    """The capture that a later response repeats: its address, its body's digest, and when it was made, where known."""

    url: str
    digest: str
    date: datetime | None = None


READY_TYPE = "application/vnd.courant.article+json"
"""Content type under which a ready text ({"url", "title", "text", "published"}) is kept as a capture."""


@dataclass(frozen=True, slots=True)
class ReadyText:
    """An article whose text an archive already has: nothing to extract."""

    url: str
    title: str
    text: str
    published: str | None = None


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record of an archive that cannot be read: in which file, where (byte offset, or line from 1), and why."""

    source: str
    position: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class CaptureRef:
    """Where a response lies: WARC file name, offset and length of its record there in bytes, and its body's digest."""

    warc: str
    offset: int
    length: int
    digest: str
