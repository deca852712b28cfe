"""When an article was published, and where the page says so.

Sources in the order in which they are trusted: JSON-LD, meta tags, time elements, the URL, dates written on the page,
and htmldate's search last. The day a page was fetched is never among them, nor is any clock.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from htmldate import find_date
from lxml.etree import XPath
from lxml.html import HtmlElement

from ingest.extract.page import Page, names_of, text_of, types
from ingest.extract.timestamps import instant, read_timestamp

logging.getLogger("htmldate").setLevel(logging.CRITICAL)

# Earliest and latest that htmldate may find: without them it asks the clock.
_EARLIEST, _LATEST = "1995-01-01", "2099-12-31"
_AROUND = 25
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "article:published",
    "datepublished", "publishdate", "pubdate", "publish-date", "publish_date", "published_time", "published-time",
    "published", "publication_date", "publication-date", "publicationdate", "date.issued", "dc.date.issued",
    "dcterms.issued", "dcterms.created", "dc.date.created", "dc.created", "parsely-pub-date", "sailthru.date",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "cxenseparse:articlepublishdate", "bt:pubdate",
    "article_date_original", "article.published", "article.created", "originalpublicationdate",
    "rnews:datepublished", "citation_publication_date", "citation_date", "article:post_date", "displaydate",
    "display_date", "dateposted", "date_published", "datecreated", "created", "ptime", "pdate", "dc.date",
    "dc:date", "dcterms.date", "dc.date.publication", "shareaholic:article_published_time", "news_published_at",
    "iso-8601-publish-date", "hdl_p", "prism.publicationdate", "date", "timestamp", "article:create", "og:pubdate",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "og:article:modified_time", "datemodified", "lastmod", "last-modified",
    "dcterms.modified", "dc.date.modified", "article.updated", "modified", "last_modified", "revised", "dateupdated",
    "updated_time", "article:modified",
)  # fmt: skip
_URL_DATE = re.compile(
    r"/((?:19|20)\d\d)[/-](0?[1-9]|1[0-2]|[a-z]{3})[/-](0[1-9]|[12]\d|3[01])(?=[/\-_.?]|$)|"
    r"[/\-_]((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?=[/\-_.?]|$)",
    re.IGNORECASE,
)
_BROKEN_JSON = re.compile(r'"datePublished"\s*:\s*"([^"]{8,60})"')
_UPDATE = re.compile(r"modif|updat|revis|geändert|aktualis", re.IGNORECASE)
_NAMES_PUBLICATION = re.compile(
    r"publi|posted|entry-date|created|issued|pubdate|post-date|article-date|story-date", re.IGNORECASE
)
_ELSEWHERE = re.compile(r"comment|related|sidebar|recommend|teaser|trending|popular|latest|ticker|card|most-|breaking")
_STAMPS = (
    "data-time",
    "data-timestamp",
    "data-utime",
    "data-utc-time",
    "data-datetime",
    "data-published",
    "data-pubdate",
)
_STAMPED = XPath(".//*[" + " or ".join(f"@{name}" for name in _STAMPS) + "]")
_MICRODATA = XPath(
    ".//*[@itemprop='datePublished' or @property='datePublished' or @itemprop='dateCreated'][not(self::meta)]"
)
_DATE_TAGS = frozenset("div span p li small b em dd td a h4 h5 h6".split())  # noqa: SIM905
_CODE = frozenset(("script", "style", "noscript", "template"))
_DATE_NAME = re.compile(r"date|publi|posted|created|time|byline|meta|stamp|info|submitted|author|article-head")
_SAYS_PUBLISHED = re.compile(
    r"^(?:first )?(?:published|posted|issued|date|created|veröffentlicht|stand|publié|publicado|pubblicato|"
    r"gepubliceerd|opublikowano)\b",
    re.IGNORECASE,
)
_MONTH_FIRST = frozenset({"en-us", "en_us"})


@dataclass(frozen=True)
class Published:
    """A publication date (`YYYY-MM-DD`, or with time and offset as written), its source, and what contradicts it."""

    on: str | None
    source: str | None
    modified_on: str | None = None
    problems: tuple[str, ...] = ()


def published(page: Page, given: str | None = None) -> Published:
    """The publication date of a page. `given` (what a feed said) is used only where the page has no date at all."""
    month_first = _month_first(page)
    found: list[tuple[str, str]] = []

    def look(source: str, texts: Iterable[str]) -> None:
        if stamp := next((s for text in texts if (s := read_timestamp(text, month_first=month_first))), None):
            found.append((stamp, source))

    look("json-ld", _in_json(page))
    look("meta", _in_meta(page))
    if len(found) < 2:
        look("time", _in_time_elements(page))
    if day := date_in_url(page.url):
        found.append((day, "url"))
    if not found:
        look("text", _written(page))
    if not found and (stamp := _searched(page)):
        found.append((stamp, "htmldate"))
    modified = _modified(page, month_first)
    if modified and (page.meta("generator") or "").startswith("MediaWiki"):
        # A wiki's text is published by its last revision; `datePublished` is the day when the page was begun.
        found.insert(0, (modified, found[0][1] if found else "meta"))
    if found:
        on, source = _local(_outvoted(found))
        return Published(on, source, modified, _disagreements(on, source, found))
    if given and (stamp := read_timestamp(given)):
        return Published(stamp, "given", modified)
    problem = (
        f"The date that was given could not be read: {given[:60]!r}." if given else "The page has no publication date."
    )
    return Published(None, None, modified, (problem,))


def date_in_url(url: str) -> str | None:
    """The day in a URL path such as `/2025/03/14/`, `/2025/mar/14/` or `-20250314.html`."""
    for match in _URL_DATE.finditer(url.partition("?")[0].partition("#")[0]):
        year, month, day = match.groups()[:3] if match[1] else match.groups()[3:]
        if stamp := read_timestamp(f"{day} {month} {year}" if month.isalpha() else f"{year}-{month}-{day}"):
            return stamp
    return None


def _in_json(page: Page) -> Iterator[str]:
    for name in ("datePublished", "dateCreated", "uploadDate"):
        if text := text_of(page.article.get(name)):
            yield text
    for node in page.nodes:
        if types(node) & {"webpage", "videoobject", "itempage"} and (text := text_of(node.get("datePublished"))):
            yield text
    for script in page.unreadable:
        if match := _BROKEN_JSON.search(script):
            yield match[1]


def _in_meta(page: Page) -> Iterator[str]:
    for name in _PUBLISHED:
        yield from page.metas.get(name, ())


def _in_time_elements(page: Page) -> Iterator[str]:
    for element in _MICRODATA(page.tree):
        if not _is_elsewhere(element):
            yield element.get("content") or element.get("datetime") or element.text_content()
    times = [e for e in page.tree.iter("time") if not _UPDATE.search(_names(e)) and not _is_elsewhere(e)]
    published = [t for t in times if t.get("pubdate") is not None or _NAMES_PUBLICATION.search(_names(t))]
    for element in (*published, *times):
        yield element.get("datetime") or ""
        yield element.text_content()
    for element in _STAMPED(page.tree):
        if not _UPDATE.search(_names(element)) and not _is_elsewhere(element):
            yield next(value for name in _STAMPS if (value := element.get(name)) is not None)


def _written(page: Page) -> Iterator[str]:
    """Short texts in places named for dates, those that say `published` first."""
    texts = []
    for element, names in page.named:
        if element.tag not in _DATE_TAGS or len(element) >= 15 or not _DATE_NAME.search(names):
            continue
        text = " ".join(element.text_content().split())
        if 6 <= len(text) <= 160 and any(c.isdigit() for c in text) and not _is_elsewhere(element):
            texts.append(text)
        if len(texts) >= 40:
            break
    yield from (t for t in texts if _SAYS_PUBLISHED.search(t))
    for element in page.elements:
        for piece in (element.text, element.tail):
            text = (piece or "")[:160].strip()
            if _SAYS_PUBLISHED.match(text) and element.tag not in _CODE and not _is_elsewhere(element):
                yield text
    yield from (t for t in texts if not _UPDATE.search(t))


def _is_elsewhere(element: HtmlElement) -> bool:
    """Whether an element belongs to something around the article: comments, teasers, a footer."""
    return any(a.tag in ("aside", "footer", "nav") or _ELSEWHERE.search(names_of(a)) for a in element.iterancestors())


def _searched(page: Page) -> str | None:
    """What htmldate finds, where the page does write that day: it fills the day of `May 2024` from the clock."""
    try:
        day: str | None = find_date(
            page.tree,
            extensive_search=False,
            original_date=True,
            url=page.url,
            min_date=_EARLIEST,
            max_date=_LATEST,
            outputformat="%Y-%m-%d",
        )
    except Exception:  # noqa: BLE001 - a search over arbitrary markup; a page without a date is worth more than no page
        return None
    return day if day and any(day in days for days in _days_written(page, day[:4])) else None


def _days_written(page: Page, year: str) -> Iterator[set[str]]:
    """The days that stand around each place where the page writes `year`."""
    for element in page.elements:
        for text in (element.text, element.tail, *element.values()):
            for found in re.finditer(year, text or ""):
                around = (text or "")[max(0, found.start() - _AROUND) : found.end() + _AROUND]
                readings = (read_timestamp(around, month_first=month_first) for month_first in (False, True))
                yield {stamp[:10] for stamp in readings if stamp}


def _modified(page: Page, month_first: bool) -> str | None:
    texts = [text_of(page.article.get("dateModified")) or "", *(page.meta(name) or "" for name in _MODIFIED)]
    return next((s for text in texts if (s := read_timestamp(text, month_first=month_first))), None)


def _outvoted(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The dates with the first one that two sources agree on in front, where the first source stands alone by a day.

    Content systems write a JSON-LD date in UTC or from the print edition; a meta tag and the URL together are then
    right.
    """
    days = [stamp[:10] for stamp, _ in found]
    if days.count(days[0]) == 1:
        for pair in found[1:]:
            near = abs((date.fromisoformat(pair[0][:10]) - date.fromisoformat(days[0])).days) <= 1
            if near and days.count(pair[0][:10]) > 1:
                return [pair, *found]
    return found


def _local(found: list[tuple[str, str]]) -> tuple[str, str]:
    """The first date, or the same moment in the publisher's own offset: that one tells the day the publisher means."""
    first, source = found[0]
    moment = instant(first)
    if moment and not moment.utcoffset():
        for stamp, other in found[1:]:
            same = instant(stamp)
            if same and same.utcoffset() and abs((same - moment).total_seconds()) < 60:
                return stamp, other
    return first, source


def _disagreements(on: str, source: str, found: list[tuple[str, str]]) -> tuple[str, ...]:
    day = date.fromisoformat(on[:10])
    return tuple(
        f"The page gives two publication dates: {on} ({source}) and {stamp} ({other})."
        for stamp, other in found
        if other != source and abs((date.fromisoformat(stamp[:10]) - day).days) > 1
    )


def _month_first(page: Page) -> bool:
    tag = (page.tree.get("lang") or page.meta("og:locale") or "").lower()
    return tag in _MONTH_FIRST or (
        tag in ("", "en")
        and page.url.split("/")[2:3] != []
        and page.url.split("/")[2].endswith((".com", ".us", ".gov"))
    )


def _names(element: HtmlElement) -> str:
    parent = element.getparent()
    own = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
    return own if parent is None else f"{own} {parent.get('class') or ''} {parent.get('itemprop') or ''}"
