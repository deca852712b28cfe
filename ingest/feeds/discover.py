"""Which feeds a site's page offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from ingest.feeds.links import absolute_link
from ingest.feeds.plaintext import one_line
from schemas.urls import clean_url

_TYPES = frozenset(
    {
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "application/rdf+xml",
        "application/rss",
        "application/atom",
    }
)
_NAMES = frozenset({"rss", "feed", "atom", "rdf", "rss.xml", "feed.xml", "atom.xml", "feed.json"})
_MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page offers. `declared` is whether the page says so itself, rather than its link's looks."""

    url: str
    title: str | None
    declared: bool


def find_feeds(body: bytes, *, url: str) -> list[FoundFeed]:
    """The feeds that an HTML page names in its head (RSS autodiscovery), then links that look like feeds.

    Each cleaned address once, declared ones first. Comment feeds come last among the declared. Never raises.
    """
    root = etree.HTML(body[:_MAX_BYTES], etree.HTMLParser(no_network=True)) if body.strip() else None
    if root is None:
        return []
    bases = (absolute_link(element.get("href"), url) for element in root.iter("base"))
    base = next((place for place in bases if place), url)
    found: dict[str, FoundFeed] = {}
    for feed in (*sorted(_declared(root, base), key=_is_of_comments), *_linked(root, base)):
        found.setdefault(feed.url, feed)
    return list(found.values())


def _declared(root: etree._Element, base: str) -> Iterator[FoundFeed]:
    for link in root.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        if kind in _TYPES and ("alternate" in relations or "feed" in relations):
            yield from _found(link.get("href"), base, link.get("title"), declared=True)


def _linked(root: etree._Element, base: str) -> Iterator[FoundFeed]:
    for anchor in root.iter("a"):
        place = absolute_link(anchor.get("href"), base)
        if place is None:
            continue
        path = urlsplit(place).path.lower().rstrip("/")
        last = path.rpartition("/")[2]
        if (
            last in _NAMES
            or last.rpartition(".")[2] in ("rss", "atom", "rdf")
            or last in ("feed.xml", "rss.xml", "feed.json")
        ):
            yield from _found(place, base, "".join(anchor.itertext()), declared=False)


def _found(link: object, base: str, title: str | None, *, declared: bool) -> Iterator[FoundFeed]:
    place = absolute_link(link, base)
    if place is None:
        return
    try:
        yield FoundFeed(clean_url(place), one_line(title or "")[:200] or None, declared)
    except ValueError:
        return


def _is_of_comments(feed: FoundFeed) -> bool:
    return "comment" in f"{feed.url} {feed.title}".lower()
