"""What a page is: an article, a live blog, a paywall's stub, a listing of other pages, or nothing to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ingest.extract.page import ARTICLE_TYPES, Page, types
from ingest.extract.phrases import PAYWALL

Kind = Literal["article", "live", "paywall", "listing", "empty", "not-html"]

STUB = 1500
"""Code points of text from which a page behind a paywall is taken to give its whole article."""
_BOX = 2000
"""Code points at the beginning of a paywall's box in which its request is looked for."""
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "profilepage"})
_LIVE_URL = re.compile(
    r"(?:^|[/_-])(?:live-?blog|liveblog|live-updates?|live-news|liveticker|en-direct|en-vivo|live)(?=[/_.-]|$)",
    re.IGNORECASE,
)
_LIVE_NAME = re.compile(r"live-?(?:blog|ticker|update|feed|entry|post)|liveblog", re.IGNORECASE)
_LIVE_TITLE = re.compile(
    r"\blive\b\s*(?:updates?|blog|coverage|:)|^live\b|liveticker|\ben direct\b|\ben vivo\b|\bas it happened\b",
    re.IGNORECASE,
)
_PAYWALL_NAME = re.compile(
    r"paywall|regwall|pay-wall|piano-(?:offer|inline)|subscri(?:ber|ption)-?(?:wall|only|required|offer|prompt|barrier)|"
    r"premium-(?:overlay|content-lock|barrier|teaser)|meter(?:ed)?-?(?:wall|gate)|content-?gate|article-?gate|locked-content", re.IGNORECASE
)  # fmt: skip
_SECTION_PATH = re.compile(
    r"^(?:/(?:category|categories|tag|tags|topic|topics|section|author|authors|archive|archives|search|page)(?:/[^/]+){0,3})?/?$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Signs:
    """What the markup tells of a page's kind, read before its tree is cut."""

    says_article: bool
    says_listing: bool
    live: bool
    locked: bool
    """The page says in data that it is not free to read."""
    barred: bool
    """A paywall's box stands on the page and asks to subscribe or to sign in."""
    headlines: int
    """Links of headline length (25 code points or more) on the page."""


def signs(page: Page, title: str) -> Signs:
    named = frozenset().union(*map(types, page.nodes)) if page.nodes else frozenset()
    path = urlsplit(page.url).path
    posts = 0
    barred = False
    for element in page.tree.iter("div", "section", "article", "aside", "li", "ol", "ul", "main", "amp-live-list"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if len(names) < 4:
            continue
        posts += bool(_LIVE_NAME.search(names))
        barred = barred or bool(_PAYWALL_NAME.search(names) and PAYWALL.search(element.text_content()[:_BOX]))
    live = "liveblogposting" in types(page.article) or (
        (bool(_LIVE_URL.search(path)) or bool(_LIVE_TITLE.search(title))) and (posts >= 2 or "liveblogposting" in named)
    )
    return Signs(
        says_article=bool(named & ARTICLE_TYPES)
        or (page.meta("og:type") or "").lower() == "article"
        or bool(page.meta("article:published_time")),
        says_listing=bool(named & _LISTING_TYPES) or bool(_SECTION_PATH.match(path)),
        live=live,
        locked=_is_locked(page) or (page.meta("article:content_tier") or "").lower() in ("locked", "premium"),
        barred=barred,
        headlines=sum(1 for a in page.tree.iter("a") if len(a.text_content().strip()) >= 25),
    )


def classify(found: Signs, text: str, prompts: bool) -> tuple[Kind, str | None, str | None]:
    """The kind of a page, why it is skipped or None, and a sentence to note about it or None.

    `text` is its body, `prompts` whether the body stops with the request to subscribe or sign in.
    """
    longest = max(map(len, text.split("\n")))
    listing = f"This page lists others ({found.headlines} headlines); it is not an article."
    if found.says_listing and not found.says_article and found.headlines >= 5:
        return "listing", listing, None
    if not text:
        return "empty", "No article text was found on the page.", None
    if not found.says_article and found.headlines >= 15 and longest < 300 and found.headlines * 25 > len(text) / 2:
        return "listing", listing, None
    if found.live:
        return "live", None, "This is a live blog: its text is a series of posts and changes from fetch to fetch."
    if len(text) < STUB and (found.locked or found.barred or prompts):
        return "paywall", None, "The page stops at a paywall: this is only the beginning of the article."
    return "article", None, None


def _is_locked(page: Page) -> bool:
    free = page.article.get("isAccessibleForFree")
    parts = page.article.get("hasPart")
    parts = parts if isinstance(parts, list) else [parts]
    values = [free, *(part.get("isAccessibleForFree") for part in parts if isinstance(part, Mapping))]
    return any(value is False or str(value).lower().rpartition("/")[2] == "false" for value in values)
