"""What a page is: an article, a live blog, a paywall's stub, a listing of other pages, or nothing to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from ingest.extract.page import ARTICLE_TYPES, Page, types
from ingest.extract.phrases import PAYWALL

Kind = Literal["article", "live", "paywall", "listing", "empty", "not-html"]

STUB = 2500
"""Code points from which a text is taken to be a whole article although the page asks for a subscription."""
LOCKED_STUB = 800
"""The same where the page only says in data that it is not free: publishers say so of whole articles too."""
_HEADLINE = 25
"""Code points from which the text of a link is a headline's."""
_BOX = 2000
"""Code points at the beginning of a paywall's box in which its request is looked for."""
_PART = 400
"""Code points that the part behind a paywall holds where it was delivered."""
_LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "profilepage"})
_LIVE_URL = re.compile(
    r"(?:^|[/_-])(?:live-?blog|liveblog|live-updates?|live-news|liveticker|en-direct|en-vivo|live)(?=[/_.-]|$)",
    re.IGNORECASE,
)
_LIVE_NAME = re.compile(r"live-?(?:blog|ticker|update|feed|entry|post)")
_LIVE_TITLE = re.compile(
    r"\blive\b\s*(?:updates?|blog|coverage|:)|^live\b|liveticker|\ben direct\b|\ben vivo\b|\bas it happened\b",
    re.IGNORECASE,
)
_PAYWALL_NAME = re.compile(
    r"paywall|regwall|pay-wall|piano-(?:offer|inline)|subscri(?:ber|ption)-?(?:wall|only|required|offer|prompt|barrier)|"
    r"premium-(?:overlay|content-lock|barrier|teaser)|meter(?:ed)?-?(?:wall|gate)|content-?gate|article-?gate|locked-content"
)
_BOXES = frozenset(["div", "section", "article", "aside", "li", "ol", "ul", "main", "amp-live-list"])
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
    """Links of headline length on a page that does not say it is an article."""


def signs(page: Page, title: str) -> Signs:
    named = frozenset().union(*map(types, page.nodes)) if page.nodes else frozenset()
    path = urlsplit(page.url).path
    posts = 0
    barred = False
    for element, names in page.named:
        if element.tag in _BOXES:
            of_live, of_paywall = _sorts(names)
            posts += of_live
            barred = barred or (of_paywall and _asks(element))
    live = "liveblogposting" in types(page.article) or (
        (bool(_LIVE_URL.search(path)) or bool(_LIVE_TITLE.search(title))) and (posts >= 2 or "liveblogposting" in named)
    )
    says_article = (
        bool(named & ARTICLE_TYPES)
        or (page.meta("og:type") or "").lower() == "article"
        or bool(page.meta("article:published_time"))
    )
    return Signs(
        says_article=says_article,
        says_listing=bool(named & _LISTING_TYPES) or bool(_SECTION_PATH.match(path)),
        live=live,
        locked=_is_locked(page),
        barred=barred,
        headlines=0 if says_article else _headlines(page),
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
        if found.headlines >= 15:
            return "listing", listing, None
        return "empty", "No article text was found on the page.", None
    if (
        not found.says_article
        and found.headlines >= 15
        and longest < 300
        and found.headlines * _HEADLINE > len(text) / 2
    ):
        return "listing", listing, None
    if found.live:
        return "live", None, "This is a live blog: its text is a series of posts and changes from fetch to fetch."
    if (len(text) < STUB and (found.barred or prompts)) or (len(text) < LOCKED_STUB and found.locked):
        return "paywall", None, "The page stops at a paywall: this is only the beginning of the article."
    return "article", None, None


def _headlines(page: Page) -> int:
    return sum(1 for e in page.elements if e.tag == "a" and len(e.text_content().strip()) >= _HEADLINE)


@lru_cache(maxsize=16_384)
def _sorts(names: str) -> tuple[bool, bool]:
    """Whether an element is named as part of a live blog, and as part of a paywall."""
    return bool(_LIVE_NAME.search(names)), bool(_PAYWALL_NAME.search(names))


def _asks(box: HtmlElement) -> bool:
    """Whether a paywall's box that is shown asks to subscribe or sign in."""
    if box.get("hidden") is not None or "display:none" in (box.get("style") or "").replace(" ", ""):
        return False
    return bool(PAYWALL.search(" ".join(box.text_content().split())[:_BOX]))


def _is_locked(page: Page) -> bool:
    """Whether the page says that it is not free to read and the part that it locks is not on it.

    Google's markup for paywalled content (`isAccessibleForFree`, `hasPart.cssSelector`) names that part by its class.
    """
    parts = page.article.get("hasPart")
    stated = [page.article, *(p for p in (parts if isinstance(parts, list) else [parts]) if isinstance(p, Mapping))]
    locked = [node for node in stated if _is_false(node.get("isAccessibleForFree"))]
    if not locked:
        return (page.meta("article:content_tier") or "").lower() in ("locked", "premium")
    classes = {str(node.get("cssSelector")).strip().lstrip(".#") for node in locked if node.get("cssSelector")}
    return not any(_holds(element, classes) for element in page.elements)


def _is_false(value: object) -> bool:
    return value is False or (isinstance(value, str) and value.lower().rpartition("/")[2] == "false")


def _holds(element: HtmlElement, classes: set[str]) -> bool:
    own = {*(element.get("class") or "").split(), element.get("id") or ""}
    return bool(own & classes) and len(element.text_content().strip()) >= _PART
