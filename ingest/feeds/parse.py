"""Bytes in, a feed out, whatever the bytes are: RSS 0.9x to 2.0, RDF, Atom, JSON Feed, news sitemaps.

feedparser is the reader of record for XML. Its sanitizer and its link resolving inside markup are off, because titles
and summaries leave here as plain text anyway and the two are most of its cost.
"""

import re
import zlib
from dataclasses import replace

from ingest.feeds.entries import Entry, FeedInfo, ParsedFeed, without_doubles
from ingest.feeds.jsonfeed import looks_like_json, parse_json_feed
from ingest.feeds.xmlfeed import parse_xml_feed

MAX_UNZIPPED = 20_000_000
"""Bytes of a gzipped feed that are read."""

_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)


def parse_feed(body: bytes, *, url: str | None = None, content_type: str | None = None) -> ParsedFeed:
    """Read a feed. Never raises for bad bytes: what could not be read is a sentence in `problems`.

    `url` is where the feed came from, against which relative links are resolved where the feed gives no xml:base.
    `content_type` is the HTTP header's value; its charset counts as RFC 7303 says. No external entity is opened, and
    no network or file is touched.
    """
    if body.startswith(b"\x1f\x8b"):
        body = _unzipped(body)
    if not body.strip(b"\0 \t\r\n\xef\xbb\xbf\xfe\xff"):
        return ParsedFeed(FeedInfo(), problems=("The feed is empty.",))
    if looks_like_json(body):
        parsed = parse_json_feed(body, url=url)
    else:
        parsed = parse_xml_feed(body, url=url, content_type=content_type)
    if parsed.feed.format is None and not parsed.listed:
        # A broken document may well hold no feed at all; then what broke is of no interest.
        if parsed.problems and looks_like_json(body):
            return parsed
        what = "a web page (HTML), not a feed" if _HTML.search(body[:4096]) else "not a feed"
        return ParsedFeed(FeedInfo(), problems=(f"This is {what}.",))
    if parsed.feed.format == "sitemapindex":
        return parsed
    entries, doubles = without_doubles(parsed.listed)
    return replace(parsed, problems=parsed.problems + _problems_with(entries, doubles))


def _unzipped(body: bytes) -> bytes:
    """A feed that was put on the server as a .gz file, as sitemaps are; what cannot be unpacked stays as it is."""
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        return inflate.decompress(body, MAX_UNZIPPED)
    except zlib.error:
        return body


def _problems_with(entries: tuple[Entry, ...], doubles: int) -> tuple[str, ...]:
    problems = []
    if not entries:
        problems.append("The feed holds no entries.")
    if doubles:
        problems.append(f"{count(doubles, 'entry repeats', 'entries repeat')} an earlier entry's address or id.")
    if linkless := sum(1 for entry in entries if entry.url is None):
        problems.append(f"{count(linkless, 'entry has', 'entries have')} no usable link.")
    return tuple(problems)


def count(number: int, one: str, more: str) -> str:
    """`1 entry`, `7 entries`."""
    return f"{number} {one if number == 1 else more}"
