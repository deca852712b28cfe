"""A page to an article: what `extract` returns, and in which order the parts are asked."""

import re
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, NamedTuple

from ingest.extract.agency import agency
from ingest.extract.authors import authors
from ingest.extract.body import body_of
from ingest.extract.canonical import canonical_url
from ingest.extract.dates import published as publication
from ingest.extract.decode import decode
from ingest.extract.kind import Kind, classify, signs
from ingest.extract.language import language
from ingest.extract.page import Page, parse, text_of
from ingest.extract.title import headline, headlines, site_names
from ingest.extract.words import plain
from schemas.urls import clean_url


class Extractor(NamedTuple):
    """What made an extraction."""

    name: str
    version: str


VERSION = 2
"""Raised with every change that can change a result: it is part of the ids of what is extracted."""
EXTRACTOR = Extractor(
    "courant-extract",
    f"{VERSION}+trafilatura-{version('trafilatura')}+htmldate-{version('htmldate')}+lxml-{version('lxml')}",
)
"""Name and version of this extractor, with those of the libraries that its results depend on."""
MAX_SIZE = 5_000_000
"""Bytes (or code points) of a page that are still parsed; article pages stay under a tenth of it."""
MAX_ELEMENTS = 100_000
"""Elements of a page that is still read; article pages have some thousands. Past it a page costs gigabytes."""


@dataclass(frozen=True)
class Extraction:
    """What a page says.

    `text`: paragraphs joined by a line feed; `title` and `text` are NFC. `published_on`, `modified_on`: `YYYY-MM-DD`,
    with time and UTC offset where the page gives them; `published_from`: json-ld, meta, time, url, text, htmldate,
    given, or None. `language`: ISO 639, `language_confidence` (0 to 1) the detector's in it. `agency`: the news agency
    that is credited with the text. `problems`: sentences for a person. `skip_reason`: why there is no article here, or
    None; `text` is then empty. A paywall's stub keeps its text and is marked by its `kind`.
    """

    url: str
    canonical_url: str
    title: str
    text: str
    authors: tuple[str, ...]
    language: str | None
    published_on: str | None
    published_from: str | None
    site_name: str | None
    problems: tuple[str, ...]
    modified_on: str | None = None
    skip_reason: str | None = None
    kind: Kind = "article"
    language_confidence: float | None = None
    agency: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The public shape, as `courant extract` prints it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


def extract(
    html: bytes | str, *, url: str, content_type: str | None = None, published: str | None = None
) -> Extraction:
    """Read an article from a page.

    Depends on the page and `url` alone; `published` (ISO 8601, what a feed said) is used only where the page has no
    date. `content_type` is the HTTP header of that name. Never raises for what is in a page; raises ValueError where
    `url` is no http(s) URL.
    """
    own = clean_url(url)
    if reason := _unreadable(html, content_type):
        return _nothing(own, reason, "not-html")
    text, wrong_encoding = (html, None) if isinstance(html, str) else decode(html, content_type)
    try:
        page = parse(text, own)
        if page is None:
            return _nothing(
                own, "The response is not an HTML page." if text.strip() else "The page is empty.", "not-html"
            )
        if (count := int(page.tree.xpath("count(//*)"))) > MAX_ELEMENTS:
            return _nothing(own, f"The page has {count:,} elements; more than {MAX_ELEMENTS:,} are not read.", "empty")
        return _read(page, published, wrong_encoding)
    except Exception as error:  # noqa: BLE001 - markup can be broken in any way; one page must not stop the others
        return _nothing(own, f"The page could not be read ({type(error).__name__}).", "empty")


def _read(page: Page, given: str | None, wrong_encoding: str | None) -> Extraction:
    canonical, url_problems = canonical_url(page)
    name = site_name(page)
    names = site_names(page, name)
    title = headline(page, names)
    date = publication(page, given)
    writers = authors(page, names)
    found = signs(page, title)
    body = body_of(page, title, headlines(page), writers, live=found.live)
    kind, skip, note = classify(found, body.text, body.prompts)
    tongue = language(page, body.text)
    problems = (
        wrong_encoding,
        *url_problems,
        *date.problems,
        tongue.problem,
        note,
        None if title else "The page has no title.",
    )
    return Extraction(
        url=page.url,
        canonical_url=canonical,
        title=title,
        text=body.text if skip is None else "",
        authors=writers,
        language=tongue.code,
        published_on=date.on,
        published_from=date.source,
        site_name=name,
        problems=tuple(filter(None, problems)),
        modified_on=date.modified_on,
        skip_reason=skip,
        kind=kind,
        language_confidence=tongue.confidence,
        agency=agency(page, writers, body.text, name) if skip is None else None,
    )


def site_name(page: Page) -> str | None:
    """The publication's name as the page gives it, or None."""
    publisher = page.article.get("publisher")
    for value in (
        page.meta("og:site_name"),
        text_of(publisher),
        page.meta("application-name", "publisher", "dc.publisher", "twitter:site"),
    ):
        if value and not value.startswith("http"):
            name = re.split(r"\s[-–—|]\s", plain(value))[0].strip()  # a motto or a company may follow
            return name.lstrip("@") or None
    return None


def _unreadable(html: bytes | str, content_type: str | None) -> str | None:
    media = (content_type or "").partition(";")[0].strip().lower()
    if media and not ("html" in media or "xml" in media or media in ("text/plain", "application/octet-stream")):
        return f"The response is {media}, not an HTML page."
    start = html[:1024].lstrip() if isinstance(html, bytes) else html[:1024].encode("utf-8", "replace").lstrip()
    if not start:
        return "The page is empty."
    if start.startswith((b"%PDF-", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b")):
        return "The response is a file of another type, not an HTML page."
    lower = start.lower()
    if (
        any(mark in lower for mark in (b"<rss", b"<feed", b"<rdf:rdf", b"<urlset", b"<sitemapindex"))
        and b"<html" not in lower
    ):
        return "The response is a feed or a sitemap, not an HTML page."
    if start[:1] in (b"{", b"[") and b"<" not in start:
        return "The response is JSON, not an HTML page."
    if len(html) > MAX_SIZE:
        return f"The page is larger than {MAX_SIZE:,} bytes."
    return None


def _nothing(url: str, reason: str, kind: Kind) -> Extraction:
    return Extraction(url, url, "", "", (), None, None, None, None, (reason,), None, reason, kind)
