"""News sitemaps (sitemaps.org protocol 0.9, with Google's news extension): lists of a site's latest articles."""

import re

from lxml import etree

from ingest.feeds import dates
from ingest.feeds.entries import Entry, FeedInfo, ParsedFeed
from ingest.feeds.links import absolute_link
from ingest.feeds.plaintext import one_line, plain_text

MAX_URLS = 50_000
"""What the protocol allows in one file."""

_ROOT = re.compile(r"<(?:[\w.-]+:)?(urlset|sitemapindex)[\s>]")


def looks_like_sitemap(text: str) -> bool:
    """Whether an XML document's first element is that of a sitemap or of an index of sitemaps."""
    first = re.search(r"<[A-Za-z_]", text[:65_536])
    return first is not None and _ROOT.match(text, first.start()) is not None


def parse_sitemap(text: str, *, url: str | None = None) -> ParsedFeed:
    """Read a sitemap. Never raises. An index has no entries; a problem names the sitemaps to add instead."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        return ParsedFeed(FeedInfo(), problems=(f"This is a broken sitemap ({one_line(str(error.msg))[:120]}).",))
    if root is None:
        return ParsedFeed(FeedInfo(), problems=("This is a broken sitemap.",))
    if etree.QName(root).localname == "sitemapindex":
        found = [place for item in root.iter("{*}sitemap") if (place := absolute_link(_text(item, "loc"), url))]
        told = (
            f"This is an index of {len(found)} {'sitemap' if len(found) == 1 else 'sitemaps'}, not a list of articles"
        )
        return ParsedFeed(FeedInfo(format="sitemapindex"), problems=(f"{told}; add {_some(found)}.",))
    listed, language, name = [], None, None
    for number, item in enumerate(root.iterchildren("{*}url")):
        if number == MAX_URLS:
            break
        news = item.find("{*}news")
        listed.append(_entry(item, news, url))
        if news is not None:
            language = language or one_line(_text(news, "publication/{*}language")) or None
            name = name or plain_text(_text(news, "publication/{*}name")) or None
    cut = () if text.rstrip().endswith(">") and not parser.error_log else (_broken(len(listed)),)
    return ParsedFeed(FeedInfo(name, None, language, "sitemap"), tuple(listed), cut)


def _entry(item: etree._Element, news: etree._Element | None, base: str | None) -> Entry:
    return Entry(
        url=absolute_link(_text(item, "loc"), base),
        title=plain_text(_text(news, "title")) or None if news is not None else None,
        published=dates.from_text(_text(news, "publication_date")) if news is not None else None,
        updated=dates.from_text(_text(item, "lastmod")),
    )


def _text(element: etree._Element, path: str) -> str:
    found = element.findtext("{*}" + path)
    return found if isinstance(found, str) else ""


def _some(places: list[str]) -> str:
    return " or ".join(places[:3]) + (" …" if len(places) > 3 else "") if places else "a feed instead"


def _broken(entries: int) -> str:
    return f"The sitemap is not well-formed XML; {entries} {'entry was' if entries == 1 else 'entries were'} read."
