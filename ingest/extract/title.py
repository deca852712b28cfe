"""The article's headline: what its heading, its sharing tags and its JSON-LD agree on, without the site's name."""

import re
from collections.abc import Collection

from ingest.extract.page import Page, text_of
from ingest.extract.words import key, plain

_SEPARATOR = re.compile(r"\s+[|–—\-·•:»«⋆~]+\s+|\s*\|\s*")
_MAX = 400
_SHORTEST = 12
"""Letters of a headline that agrees with a longer one which begins with it."""


def headline(page: Page, site_name: str | None) -> str:
    """The headline, or an empty string where the page has none.

    Two sources that agree outweigh a third: JSON-LD and `og:title` are often written for search engines, and a page
    may hold the site's name in its first `<h1>`.
    """
    names = site_names(page, site_name)
    candidates = [c for c in (without_site(text, names) for text in headlines(page)) if key(c) not in names]
    if not candidates:
        return ""
    votes = {c: sum(_agree(c, other) for other in candidates) for c in candidates}
    best = max(votes.values())
    return next(c for c in candidates if votes[c] == best)[:_MAX]


def headlines(page: Page) -> tuple[str, ...]:
    """Every wording of the headline on the page: headings, JSON-LD, sharing tags, the title element."""
    texts = (
        *page.headings[:3],
        text_of(page.article.get("headline")) or text_of(page.article.get("name")),
        page.meta("og:title"),
        page.meta("twitter:title", "headline", "dc.title", "title"),
        page.title_element,
    )
    return tuple(plain(text) for text in texts if text)


def site_names(page: Page, site_name: str | None) -> frozenset[str]:
    """Keys of every name the site goes by: its own, its host, the first label of its host."""
    host = re.sub(r"^https?://(www\.|m\.|amp\.)?", "", page.url).partition("/")[0].partition(":")[0]
    names = {
        site_name or "",
        host,
        host.split(".")[0],
        page.meta("og:site_name", "application-name") or "",
        page.meta("twitter:site") or "",
    }
    return frozenset(filter(None, map(key, names)))


def without_site(title: str, names: Collection[str]) -> str:
    """`title` without the site's name before or after a separator: `Talks open in Aram | The Daily` -> `Talks open in
    Aram`."""
    while separators := list(_SEPARATOR.finditer(title)):
        first, last = separators[0], separators[-1]
        if key(title[last.end() :]) in names and last.start():
            title = title[: last.start()].strip()
        elif key(title[: first.start()]) in names and first.end() < len(title):
            title = title[first.end() :].strip()
        else:
            break
    return title


def _agree(a: str, b: str) -> bool:
    x, y = key(a), key(b)
    return x == y or (min(len(x), len(y)) >= _SHORTEST and (x.startswith(y) or y.startswith(x)))
