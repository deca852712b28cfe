"""Lists of feeds as OPML 2.0 (http://opml.org/spec2.opml), the format every feed reader imports and exports."""

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from lxml import etree

from ingest.errors import CourantError
from ingest.feeds.options import HEADER, FeedOptions, options_of
from ingest.feeds.plaintext import one_line
from schemas.urls import clean_url, shown

_MAX_BYTES = 20_000_000
_STANDARD = frozenset({"type", "text", "title", "xmlurl", "htmlurl", "description", "version"})


class FeedsFileError(CourantError):
    """A feeds file that cannot be used: one line with the cause and the way out."""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed to poll.

    `url` is cleaned, unless it is no URL at all: then it stands as written and `problem` says what is wrong with it.
    `groups` are the titles of the outlines around it, outermost first. `settings` are the outline's further
    attributes (`language`, `region`, `country` …), as written; `options` what those among them that are ours mean.
    """

    url: str
    title: str | None = None
    settings: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    groups: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def options(self) -> FeedOptions:
        """Its own settings: of a feed with a problem, none."""
        return FeedOptions() if self.problem else options_of(self.settings)


def read_feeds(path: Path) -> list[FeedSource]:
    """The feeds of an OPML file, in its order, each address once. Raises FeedsFileError for a file that is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise FeedsFileError(f"Feeds file {path} does not exist: give another path, or run `courant init`.") from None
    except OSError as error:
        raise FeedsFileError(f"Feeds file {path} cannot be read ({error.strerror}): check the path.") from None
    if len(content) > _MAX_BYTES:
        raise FeedsFileError(f"Feeds file {path} is larger than {_MAX_BYTES // 10**6} MB: is it an OPML file?")
    try:
        return parse_opml(content)
    except ValueError as error:
        way_out = "export it again, or start from feeds/world.opml"
        raise FeedsFileError(f"Feeds file {path} is no OPML ({error}): {way_out}.") from None


def parse_opml(content: bytes) -> list[FeedSource]:
    """The feeds of an OPML document. Raises ValueError, with the cause, where there is no such document."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(one_line(str(error.msg or "not XML"))) from None
    if not isinstance(root.tag, str) or etree.QName(root).localname.lower() != "opml":
        raise ValueError("its root element is not <opml>")
    feeds: dict[str, FeedSource] = {}
    for outline in root.iter("{*}outline"):
        address = _attribute(outline, "xmlurl")
        if address is None and not _should_have_one(outline):
            continue
        source = _source(outline, address or "")
        # Of those without an address none is a double of another.
        feeds.setdefault(source.url or f" {len(feeds)}", source)
    return list(feeds.values())


def _should_have_one(outline: etree._Element) -> bool:
    """Whether an outline without an address is a feed all the same, that has lost it, and no group."""
    named = any(str(key).lower() == "xmlurl" for key in outline.attrib)
    kind = (_attribute(outline, "type") or "").lower()
    return named or (kind in ("rss", "atom", "feed") and outline.find("{*}outline") is None)


def write_opml(feeds: Iterable[FeedSource], *, title: str = "Feeds") -> bytes:
    """The feeds as OPML 2.0, under one outline for each of their outermost groups; readable by `parse_opml`."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    parents: dict[tuple[str, ...], ET.Element] = {(): body}
    for feed in feeds:
        for depth in range(1, len(feed.groups) + 1):
            group = feed.groups[:depth]
            if group not in parents:
                parents[group] = ET.SubElement(parents[group[:-1]], "outline", text=one_line(group[-1]))
        name = one_line(feed.title or feed.url)
        extra = {key: value for key, value in feed.settings.items() if key.lower() not in _STANDARD}
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": feed.url, **extra}
        ET.SubElement(parents[feed.groups], "outline", attributes)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _source(outline: etree._Element, address: str) -> FeedSource:
    title = _attribute(outline, "title") or _attribute(outline, "text")
    groups = tuple(
        name
        for parent in reversed(list(outline.iterancestors("{*}outline")))
        if (name := _attribute(parent, "text") or _attribute(parent, "title"))
    )
    # A header's value is taken as it stands: what is wrong with it must be seen, not mended.
    settings = {
        str(key): str(value) if str(key).lower().startswith(HEADER) else one_line(str(value))
        for key, value in outline.attrib.items()
        if str(key).lower() not in _STANDARD
    }
    # `feed:` is how browsers once handed feeds to readers, and still in many lists: feed://host/…, feed:https://….
    if address.lower().startswith("feed:"):
        address = address[5:]
        address = f"http:{address}" if address.startswith("//") else address
    try:
        url, problem = clean_url(address), None
    except ValueError as error:
        url = shown(address)
        problem = str(error) if address else f"the outline {title or 'without a title'!r} has no address (xmlUrl)"
    if problem is None:
        try:
            options_of(settings)
        except ValueError as error:
            problem = str(error)
    return FeedSource(url, title, MappingProxyType(settings), groups, problem)


def _attribute(outline: etree._Element, name: str) -> str | None:
    """An attribute in whichever case it is written: `xmlUrl`, `xmlurl` and `XMLURL` are all about."""
    value = next((value for key, value in outline.attrib.items() if str(key).lower() == name), None)
    return (one_line(str(value)) or None) if value is not None else None
