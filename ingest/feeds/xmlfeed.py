"""RSS, RDF and Atom by way of feedparser."""

import re
from dataclasses import replace
from typing import Any
from xml.sax import SAXParseException

from feedparser.exceptions import UndeclaredNamespace

from ingest.feeds import dates, reader
from ingest.feeds.encoding import decode
from ingest.feeds.entries import Entry, FeedInfo, ParsedFeed
from ingest.feeds.links import absolute_link
from ingest.feeds.plaintext import looks_like_markup, one_line, plain_text
from ingest.feeds.sitemap import looks_like_sitemap, parse_sitemap

_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_ROOT = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_ROOT_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_MAILTO = re.compile(r"\s*\(?mailto:\)?$")
_HOUR = re.compile(r"<hour>\s*([0-9]{1,2})\s*</hour>")
_DAY = re.compile(r"<day>\s*([A-Za-z]{6,9})\s*</day>")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CHANNEL = 1_000_000
"""Characters of a feed within which a list of hours or days to skip must begin."""
_LONGEST_SKIP = 5_000
_LANGUAGE = re.compile(r"[a-zA-Z]{2,8}(-[a-zA-Z0-9]{1,8})*")


def parse_xml_feed(body: bytes, *, url: str | None = None, content_type: str | None = None) -> ParsedFeed:
    """Read an XML feed. Never raises."""
    document = decode(body, content_type)
    if looks_like_sitemap(document.text):
        sitemap = parse_sitemap(document.text, url=url)
        return replace(sitemap, problems=(*filter(None, [document.problem]), *sitemap.problems))
    found = reader.read(document.text, url=url)
    entries = tuple(_entry(item, url, is_atom=found.version.startswith("atom")) for item in found.entries)
    feed = FeedInfo(
        title=_words(found.feed, "title"),
        url=absolute_link(_string(found.feed, "link"), url),
        language=_language(_string(found.feed, "language")),
        format=found.version or None,
        interval=_interval(found.feed),
        skip_hours=_skip_hours(document.text),
        skip_days=_skip_days(document.text),
    )
    problems = [document.problem] if document.problem else []
    if found.error is not None and not found.cut:
        problems.append(_problem(found.error, document.text, len(entries)))
    if found.cut:
        problems.append(f"The feed is too large to be read to its end; {_read(len(entries))}.")
    return ParsedFeed(feed, entries, tuple(problems))


def _entry(item: Any, base: str | None, *, is_atom: bool) -> Entry:
    updated = _date(item, "updated")
    published = _date(item, "published") or _date(item, "created")
    if published is None and not is_atom:
        # RSS has no date of change: its dc:date, which feedparser reads as `updated`, is that of publication.
        published = updated
    return Entry(
        id=one_line(_string(item, "id")) or None,
        url=_link(item, base),
        title=_words(item, "title"),
        published=published,
        updated=updated,
        authors=_authors(item),
        summary=_summary(item) or _words(item, "itunes_summary") or _words(item, "media_description"),
    )


def _link(item: Any, base: str | None) -> str | None:
    """The alternate link; else another link that leads to the article; else a guid that is an address."""
    candidates: list[object] = [_string(item, "link")]
    links = [link for link in dict.get(item, "links", ()) if isinstance(link, dict)]
    candidates += [dict.get(link, "href") for link in links if dict.get(link, "rel", "alternate") == "alternate"]
    identity = _string(item, "id").strip()
    if identity.startswith(("http://", "https://")):
        candidates.append(identity)
    return next((url for url in (absolute_link(candidate, base) for candidate in candidates) if url), None)


def _authors(item: Any) -> tuple[str, ...]:
    names = []
    for author in dict.get(item, "authors", ()):
        if isinstance(author, dict):
            names.append(plain_text(_string(author, "name")) or one_line(_string(author, "email")))
    if not any(names):
        names = [plain_text(_string(item, "author"))]
    names = [_MAILTO.sub("", name) for name in names]
    return tuple(dict.fromkeys(name for name in names if name))


def _words(item: Any, field: str) -> str | None:
    """A title or summary as plain text, whether it was declared as markup, is markup all the same, or is neither."""
    value = _string(item, field)
    detail = dict.get(item, f"{field}_detail")
    declared = dict.get(detail, "type") if isinstance(detail, dict) else None
    if declared in _HTML_TYPES or looks_like_markup(value):
        return plain_text(value) or None
    return one_line(value) or None


def _summary(item: Any) -> str | None:
    """The entry's summary, else its content, which feedparser copies there without saying what type it has."""
    if dict.get(item, "summary_detail") is not None:
        return _words(item, "summary")
    contents = [content for content in dict.get(item, "content", ()) if isinstance(content, dict)]
    for content in contents:
        declared, value = _string(content, "type"), _string(content, "value")
        if declared.startswith(("image/", "audio/", "video/")):
            continue
        markup = declared in _HTML_TYPES or looks_like_markup(value)
        if words := plain_text(value) if markup else one_line(value):
            return words
    return None if contents else _words(item, "summary")


def _date(item: Any, field: str) -> str | None:
    # dict.get, because feedparser's own get falls back from `updated` to `published`, with a warning.
    return dates.from_tuple(dict.get(item, f"{field}_parsed")) or dates.from_text(dict.get(item, field))


def _string(item: Any, field: str) -> str:
    value = dict.get(item, field)
    return value if isinstance(value, str) else ""


def _language(text: str) -> str | None:
    text = text.strip().replace("_", "-")
    return text if _LANGUAGE.fullmatch(text) else None


def _interval(feed: Any) -> int | None:
    """Minutes between polls that the feed asks for: its `ttl`, or its `sy:updatePeriod` and `sy:updateFrequency`."""
    ttl = _string(feed, "ttl").strip()
    if re.fullmatch(r"\d{1,6}", ttl) and int(ttl) > 0:
        return int(ttl)
    period = _PERIODS.get(_string(feed, "sy_updateperiod").strip().lower())
    if period is None:
        return None
    frequency = _string(feed, "sy_updatefrequency").strip()
    return max(1, period // int(frequency)) if re.fullmatch(r"[1-9]\d{0,3}", frequency) else period


def _skipped(text: str, name: str) -> str:
    """What RSS's <skipHours> or <skipDays> holds. feedparser keeps but the last of the values."""
    start = text.find(f"<{name}>", 0, _CHANNEL)
    end = text.find(f"</{name}>", start, start + _LONGEST_SKIP) if start >= 0 else -1
    return text[start:end] if end > 0 else ""


def _skip_hours(text: str) -> tuple[int, ...]:
    """Hours of the day (UTC), 0 to 23. RSS 0.91 counted from 1 to 24."""
    said = {int(hour) for hour in _HOUR.findall(_skipped(text, "skipHours"))}
    return tuple(sorted(hour % 24 for hour in said if hour <= 24))


def _skip_days(text: str) -> tuple[str, ...]:
    said = {day.lower() for day in _DAY.findall(_skipped(text, "skipDays"))}
    return tuple(day for day in _DAYS if day in said)


def _problem(error: Exception, text: str, entries: int) -> str:
    if _ROOT.search(text[:65536]) and not _ROOT_END.search(text[-4096:]):
        return f"The feed ends before its closing tag; {_read(entries)}."
    if isinstance(error, SAXParseException):
        where = f"{one_line(error.getMessage())}, line {error.getLineNumber()}"
    elif isinstance(error, UndeclaredNamespace):
        where = one_line(str(error))
    else:
        where = type(error).__name__
    return f"The feed is not well-formed XML ({where}); {_read(entries)} all the same."


def _read(entries: int) -> str:
    return f"{entries} {'entry was' if entries == 1 else 'entries were'} read"
