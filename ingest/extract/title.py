"""The article's headline: what its heading, its sharing tags and its JSON-LD agree on, without the site's name."""

import re
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from ingest.extract.page import Page, text_of
from ingest.extract.words import key, line, plain

_SEPARATOR = re.compile(r"\s+[|–—\-·•:»«⋆~]+\s+|\s*\|\s*")
_MAX = 400
_OTHER_HEADINGS = ("h2", "h3", "h4", "b", "strong", "font")
_FEW = 3
"""Children of an element that can be a headline by itself, fewer than."""
_SHORTEST = 12
"""Letters of a headline that agrees with a longer one which begins with it."""


def headline(page: Page, names: Collection[str]) -> str:
    """The headline, or an empty string where the page has none.

    Two sources that agree outweigh a third: JSON-LD and `og:title` are often written for search engines, and a page
    may hold the site's name in its first `<h1>`. `names`: what `site_names` gives.
    """
    cut = {*names} | set(map(key, _beside_headline(page)))
    candidates = [c for c in (without_site(text, cut) for text in headlines(page)) if key(c) not in names]
    if not candidates:
        return ""
    votes = {c: sum(_agree(c, other) for other in candidates) for c in candidates}
    best = max(votes.values())
    return next(c for c in candidates if votes[c] == best)[:_MAX]


def headlines(page: Page) -> tuple[str, ...]:
    """Every wording of the headline on the page: headings, JSON-LD, sharing tags, the title element."""
    texts = (
        *(page.headings[:3] or _named_in_title(page)),
        text_of(page.article.get("headline")) or text_of(page.article.get("name")),
        page.meta("og:title"),
        page.meta("twitter:title", "headline", "dc.title", "title"),
        page.title_element,
    )
    return tuple(plain(text) for text in texts if text)


def _named_in_title(page: Page) -> tuple[str, ...]:
    """Where a page has no `<h1>`, the longest part of its title element that stands on it as a heading."""
    parts = {key(part) for part in _SEPARATOR.split(page.title_element[:_MAX])}
    texts = (line("".join(e.itertext())) for e in page.tree.iter(*_OTHER_HEADINGS) if len(e) < _FEW)
    found = [text for text in texts if len(key(text)) >= _SHORTEST and key(text) in parts]
    return (max(found, key=len),) if found else ()


def site_names(page: Page, site_name: str | None) -> frozenset[str]:
    """Keys of every name the site goes by: its own, its host, the first label of its host."""
    host = re.sub(r"^https?://(www\.|m\.|amp\.)?", "", page.url).partition("/")[0].partition(":")[0]
    names = {
        *_home_links(page),
        site_name or "",
        host,
        host.split(".")[0],
        page.meta("og:site_name", "application-name") or "",
        page.meta("twitter:site") or "",
    }
    return frozenset(filter(None, map(key, names)))


def _home_links(page: Page) -> Iterator[str]:
    """The texts of links to the site's own home page, and of the images in them: mostly its name."""
    host = urlsplit(page.url).netloc
    home = {"/", *(f"{start}{host}{end}" for start in ("//", "http://", "https://") for end in ("", "/"))}
    for link in page.tree.iter("a"):
        if link.get("href") in home:
            yield line(link.text_content())
            yield from (image.get("alt") or "" for image in link.iter("img"))


def _beside_headline(page: Page) -> Iterator[str]:
    """What the title element holds before or after the headline that the page's heading gives."""
    title = page.title_element[:_MAX]
    own = {key(h) for h in page.headings[:3]}
    for separator in _SEPARATOR.finditer(title):
        before, after = title[: separator.start()], title[separator.end() :]
        for headline, rest in ((before, after), (after, before)):
            if len(headline) >= _SHORTEST and key(headline) in own:
                yield rest


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
