"""What a feed says, as values: the same shape for RSS, RDF, Atom, JSON Feed and news sitemaps."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from schemas.digests import digest
from schemas.urls import clean_url


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """The feed itself.

    `url` is the page that the feed names as its home, absolute, or None. `language` is a BCP 47 tag as written.
    `format` is feedparser's name of the format (`rss20`, `rss10`, `atom10` …), `json10`/`json11` for JSON Feed,
    `sitemap` for a news sitemap, `sitemapindex` for a list of those, and None where the bytes are no feed. `interval`
    is how many minutes apart the feed asks to be polled, where it says; `skip_hours` (0 to 23, UTC) and `skip_days`
    (`monday` …) are when it asks not to be.
    """

    title: str | None = None
    url: str | None = None
    language: str | None = None
    format: str | None = None
    interval: int | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    `id` is the publisher's own (guid, Atom id, rdf:about) or None. `url` is the link as published, made absolute,
    with credentials cut; tracking parameters are still in it (`entry_key` and whoever stores it clean it). `title` and
    `summary` are plain text. Dates are ISO 8601 in UTC (`2025-05-20T14:03:00Z`), None where missing or unreadable.
    """

    id: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed as read, and in `problems` what was wrong with it, one sentence each.

    `listed` is all that the feed lists, in its order; `entries` the same with each entry once (`entry_key`).
    """

    feed: FeedInfo
    listed: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        return without_doubles(self.listed)[0]

    def to_json(self) -> dict[str, Any]:
        """The public shape of `courant feed parse`."""
        return {
            "feed": asdict(self.feed),
            "entries": [{**asdict(entry), "authors": list(entry.authors)} for entry in self.listed],
            "problems": list(self.problems),
        }


def entry_key(entry: Entry) -> str:
    """What makes an entry the same entry at the next poll: its cleaned URL, else its own id, else what it says.

    URLs come first because publishers change guids (a new CMS, an edited headline) far more often than addresses.
    """
    if entry.url is not None:
        try:
            return clean_url(entry.url)
        except ValueError:
            pass
    if entry.id:
        return f"guid:{entry.id}"
    return "text:" + digest("\x1f".join([entry.title or "", entry.published or "", entry.summary or ""]))


def without_doubles(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], int]:
    """The first entry under each key, in order, and how many more there were."""
    first: dict[str, Entry] = {}
    doubles = 0
    for entry in entries:
        if first.setdefault(entry_key(entry), entry) is not entry:
            doubles += 1
    return tuple(first.values()), doubles
