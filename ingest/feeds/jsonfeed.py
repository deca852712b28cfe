"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any

from ingest.feeds import dates
from ingest.feeds.entries import Entry, FeedInfo, ParsedFeed
from ingest.feeds.links import absolute_link
from ingest.feeds.plaintext import one_line, plain_text


def looks_like_json(body: bytes) -> bool:
    """Whether the bytes start as a JSON object or array does."""
    return body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def parse_json_feed(body: bytes, *, url: str | None = None) -> ParsedFeed:
    """Read a JSON Feed. Never raises; wrong types of fields count as missing."""
    try:
        document: Any = json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return _nothing("This is JSON in another encoding than UTF-8, and cannot be read.")
    except (ValueError, RecursionError) as error:
        return _nothing(f"This is broken JSON ({one_line(str(error))[:120]}).")
    if not isinstance(document, dict) or not _text(document.get("version")).startswith(
        ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/", "https://www.jsonfeed.org/version/")
    ):
        return _nothing("This is JSON, but not a JSON Feed.")
    items = document.get("items")
    people = _authors(document)
    found = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    entries = tuple(_entry(item, url, people) for item in found)
    problems = () if isinstance(items, list) else ("The feed has no list of items.",)
    version = "json11" if _text(document["version"]).rstrip("/").endswith("1.1") else "json10"
    home = absolute_link(document.get("home_page_url"), url)
    feed = FeedInfo(_line(document.get("title")), home, _line(document.get("language")), version)
    return ParsedFeed(feed, entries, problems)


def _entry(item: dict[str, Any], base: str | None, people: tuple[str, ...]) -> Entry:
    summary = _line(item.get("summary")) or _line(item.get("content_text"))
    if summary is None and isinstance(item.get("content_html"), str):
        summary = plain_text(item["content_html"]) or None
    return Entry(
        id=_identity(item.get("id")),
        url=absolute_link(item.get("url"), base) or absolute_link(item.get("external_url"), base),
        title=_line(item.get("title")),
        published=dates.from_text(item.get("date_published")),
        updated=dates.from_text(item.get("date_modified")),
        authors=_authors(item) or people,  # the feed's authors are those of items that name none
        summary=summary,
    )


def _authors(item: dict[str, Any]) -> tuple[str, ...]:
    """Version 1.1 has a list, version 1.0 one author; only names are names."""
    authors = item.get("authors")
    people = authors if isinstance(authors, list) else [item.get("author")]
    names = (_line(person.get("name")) for person in people if isinstance(person, dict))
    return tuple(dict.fromkeys(name for name in names if name))


def _identity(value: object) -> str | None:
    """Ids ought to be strings; the specification tells readers to take numbers as well."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return one_line(str(value)) or None


def _line(value: object) -> str | None:
    return (one_line(value) or None) if isinstance(value, str) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _nothing(problem: str) -> ParsedFeed:
    return ParsedFeed(FeedInfo(), problems=(problem,))
