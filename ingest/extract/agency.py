"""Whose text it is where a news agency is credited: in the byline, the dateline, the last line, or as the site.

Only a credit counts, not a mention: `KYIV, Sept 14 (Reuters) - …` is the agency's text, `…, officials told Reuters` is
not. Where two agencies are credited in one place, the text was put together from both, and is nobody's copy.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from ingest.extract.page import Page, text_of

_OPENING = 160
"""Code points at the start of a text within which a dateline ends."""
_BRACKETED = re.compile(r"(?:[(\[]([^()\[\]\n]{2,40})[)\]]|(?<!\S)/([^/\n]{2,20})/)\s*(?:[-–—:.]|$)")
_LEADING = re.compile(r"^\W*(?:By\s+)?([^()\n]{2,40}?)\s+(?:--|[-–—])\s")
_SIGNED = re.compile(
    r"^\W*(?:source|credit|copyright|with thanks to|©|\(c\))?\s*:?\s*(?:\d{4}\s+)?([^()\n]{2,40}?)\W*$", re.IGNORECASE
)
_LAST_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]\n]{2,40}?)\s*[)\]]\W*$")
_SEVERAL = re.compile(r"\s*(?:[,;/|&+•·]|\s(?:and|with|via|for|und|et|y)\s)\s*", re.IGNORECASE)
_AROUND = re.compile(
    r"^(?:by|from|source:?)\s+|\s+(?:staff|staff writers?|reporters?|writers?|news|wire|correspondents?|newsroom)$",
    re.IGNORECASE,
)
_META = ("author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator", "source", "dc.source")


def agency(page: Page, writers: Iterable[str], text: str, site: str | None) -> str | None:
    """The agency that the page credits with its text, by its name in `agencies.csv`, or None."""
    return credited((*_bylines(page), *writers), text) or (_named(site) if site else None)


def credited(bylines: Iterable[str], text: str) -> str | None:
    """The agency credited in a byline, else in the dateline, else at the text's end; None where none or several are."""
    for place in (_in_bylines(bylines), _in_dateline(text), _in_last_line(text)):
        found = {name for name in place if name}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _in_bylines(bylines: Iterable[str]) -> Iterator[str | None]:
    for byline in bylines:
        yield _named(byline)
        for part in re.split(r"[()\[\]]", byline):
            for one in _SEVERAL.split(part):
                yield _named(one)


def _in_dateline(text: str) -> Iterator[str | None]:
    opening = text.partition("\n")[0][:_OPENING]
    for match in _BRACKETED.finditer(opening):
        for one in _SEVERAL.split(match[1] or match[2]):
            yield _named(one)
    if leading := _LEADING.match(opening):
        yield _named(leading[1])


def _in_last_line(text: str) -> Iterator[str | None]:
    last = text.rstrip().rpartition("\n")[2][-_OPENING:]
    for pattern in (_LAST_BRACKETS, _SIGNED):
        if match := pattern.search(last):
            for one in _SEVERAL.split(match[1]):
                yield _named(one)


def _bylines(page: Page) -> Iterator[str]:
    """What the page's head names as author or source, as written: an agency's short name is no person's."""
    value = page.article.get("author") or page.article.get("creator")
    for one in value if isinstance(value, list) else [value]:
        if name := text_of(one):
            yield name
    for key in _META:
        yield from page.metas.get(key, ())


def _named(credit: str) -> str | None:
    """The agency that these words name and nothing else. Short names are told by their capitals."""
    words = _AROUND.sub("", _AROUND.sub("", credit.strip(" .,:-–—")))
    short, long = _credits()
    return short.get(words) or long.get(words.casefold())


@lru_cache(maxsize=1)
def _credits() -> tuple[dict[str, str], dict[str, str]]:
    """Agencies by short credit, as written, and by long ones, without case."""
    lines = (files("ingest.extract") / "agencies.csv").read_text(encoding="utf-8").splitlines()
    short: dict[str, str] = {}
    long: dict[str, str] = {}
    for row in csv.DictReader(lines):
        for credit in row["credits"].split("|"):
            if len(credit) <= 5:
                short |= {credit: row["name"], credit.upper(): row["name"]}
            else:
                long[credit.casefold()] = row["name"]
    return short, long
