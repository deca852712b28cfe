"""What a page is: an article, a live blog, a paywall's stub, a listing of other pages, or nothing to read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from ingest.extract.page import ARTICLE_TYPES, Page, types

Kind = Literal["article", "live", "paywall", "listing", "empty", "not-html"]

STUB = 1500
"""Code points of text from which a page behind a paywall is taken to give its whole article."""
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
_PROMPT = re.compile(
    r"(?:subscribe|sign in|log in|register|become a (?:member|subscriber)|create (?:an|a free) account).{0,40}\bto (?:continue|keep|read|finish|unlock|access|view)\b|"
    r"(?:continue|keep) reading (?:with|by|for|this article)\b|this (?:article|story|content) is (?:for|only (?:available )?(?:to|for)|available (?:only )?to|exclusive(?:ly)? (?:to|for)|reserved for).{0,30}(?:subscribers?|members?)|"
    r"(?:already|not) a (?:subscriber|member)\?|to (?:read|continue reading) (?:the full|this) (?:article|story)|you(?:'|’)ve (?:reached|read) your .{0,40}(?:limit|articles)|"
    r"weiterlesen mit|jetzt (?:abonnieren|weiterlesen)|nur für abonnent|(?:cet article|la suite) est réservée? aux abonnés|il vous reste .{0,20} à lire|"
    r"contenido exclusivo para suscriptores|suscríbete para (?:seguir|leer)|articolo riservato agli abbonati|verder lezen\?|for abonnenter",
    re.IGNORECASE,
)
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
    prompts: bool
    headlines: int
    """Links of headline length (25 code points or more) on the page."""


def signs(page: Page, title: str) -> Signs:
    named = frozenset().union(*map(types, page.nodes)) if page.nodes else frozenset()
    og_type = (page.meta("og:type") or "").lower()
    path = urlsplit(page.url).path
    posts = 0
    locked_box = False
    for element in page.tree.iter("div", "section", "article", "li", "ol", "ul", "main", "amp-live-list"):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        posts += bool(_LIVE_NAME.search(names)) or "LiveBlog" in (element.get("itemtype") or "")
        locked_box = locked_box or bool(_PAYWALL_NAME.search(names))
    live = "liveblogposting" in types(page.article) or (
        (bool(_LIVE_URL.search(path)) or bool(_LIVE_TITLE.search(title))) and (posts >= 2 or "liveblogposting" in named)
    )
    tier = (page.meta("article:content_tier") or "").lower()
    return Signs(
        says_article=bool(named & ARTICLE_TYPES) or og_type == "article" or bool(page.meta("article:published_time")),
        says_listing=bool(named & _LISTING_TYPES) or bool(_SECTION_PATH.match(path)),
        live=live,
        locked=_is_locked(page) or tier in ("locked", "metered", "premium") or locked_box,
        prompts=bool(_PROMPT.search(" ".join(page.tree.text_content().split())))
        if locked_box or _is_locked(page) or tier
        else False,
        headlines=sum(1 for a in page.tree.iter("a") if len((a.text_content() or "").strip()) >= 25),
    )


def classify(found: Signs, text: str, longest: int) -> tuple[Kind, str | None, str | None]:
    """The kind of a page, why it is skipped or None, and a sentence to note about it or None.

    `longest` is the length of the longest paragraph of `text`.
    """
    if found.says_listing and not found.says_article and found.headlines >= 5:
        return "listing", f"This is a page that lists others ({found.headlines} headlines), not an article.", None
    if not text:
        return "empty", "No article text was found on the page.", None
    if not found.says_article and found.headlines >= 15 and longest < 300 and found.headlines * 25 > len(text) / 2:
        return "listing", f"This is a page that lists others ({found.headlines} headlines), not an article.", None
    if found.live:
        return "live", None, "This is a live blog: its text is a series of posts and changes from fetch to fetch."
    if (found.locked or _PROMPT.search(text[-600:])) and len(text) < STUB and (found.prompts or found.locked):
        return "paywall", None, "The page stops at a paywall: this is only the beginning of the article."
    return "article", None, None


def _is_locked(page: Page) -> bool:
    free = page.article.get("isAccessibleForFree")
    parts = page.article.get("hasPart")
    parts = parts if isinstance(parts, list) else [parts]
    values = [free, *(part.get("isAccessibleForFree") for part in parts if isinstance(part, Mapping))]
    return any(value is False or str(value).lower().rpartition("/")[2] == "false" for value in values)
