"""A page parsed once: the tree and what its head says, for every question that is asked of it later."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urljoin

from lxml.etree import Element, ElementDefaultClassLookup, ParserError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from ingest.extract.words import key, line, plain

Node = Mapping[str, Any]
"""A JSON-LD object."""

ARTICLE_TYPES = frozenset(
    [
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "backgroundnewsarticle",
        "opinionnewsarticle",
        "reviewnewsarticle",
        "askpublicnewsarticle",
        "satiricalarticle",
        "advertisercontentarticle",
        "blogposting",
        "liveblogposting",
        "socialmediaposting",
        "report",
        "scholarlyarticle",
        "medicalscholarlyarticle",
        "techarticle",
        "claimreview",
    ]
)
_CDATA = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*;?\s*$"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_MAX_DEPTH = 12
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_HYPHENS = re.compile(r"[-_]+")
_LONGEST_NAME = 300
_UNDER = 300
# No tree can hold these; they stand in pages by accident.
_CONTROLS = bytes(c for c in range(32) if c not in b"\t\n\r\f")
_START = 4096
# What libxml2 trips over: a self-closing `<html/>` ends the document, a document type with a slash in it can swallow
# its head.
_CLOSED_HTML = re.compile(rb"<html\b([^>]{0,500}?)/>", re.IGNORECASE)
_DOCTYPE = re.compile(rb"^\s*<\s?!\s?doctype[^>]*>", re.IGNORECASE)
_CONTENT = ("head", "title", "meta", "div", "p", "a", "article", "section", "main", "table", "h1", "h2", "span", "ul")


@dataclass(frozen=True)
class Page:
    """A parsed page. `url` is where it was fetched from."""

    url: str
    tree: HtmlElement

    @cached_property
    def elements(self) -> tuple[HtmlElement, ...]:
        """Every element in document order. Held, because lxml makes its proxies anew for each walk otherwise."""
        return tuple(self.tree.iter(Element))

    @cached_property
    def named(self) -> tuple[tuple[HtmlElement, str], ...]:
        """The elements that have a class or an id, each with `names_of` it."""
        return tuple((e, names) for e in self.elements if (names := names_of(e)))

    @cached_property
    def under_heading(self) -> tuple[HtmlElement, ...]:
        """The elements that follow the first `<h1>` in document order, a few hundred at most; none where there is no
        heading."""
        start = next((i for i, element in enumerate(self.elements) if element.tag == "h1"), None)
        return self.elements[start + 1 : start + 1 + _UNDER] if start is not None else ()

    @cached_property
    def metas(self) -> Mapping[str, tuple[str, ...]]:
        """`<meta>` contents by lower-case name, property or itemprop, in document order, cleaned, never empty."""
        found: dict[str, list[str]] = {}
        for element in self.tree.iter("meta"):
            content = plain(element.get("content") or "")
            if not content:
                continue
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                if key := (element.get(attribute) or "").strip().lower():
                    found.setdefault(key, []).append(content)
        return {key: tuple(values) for key, values in found.items()}

    def meta(self, *names: str) -> str | None:
        """The first content among these names, in the order given."""
        return next((values[0] for name in names if (values := self.metas.get(name))), None)

    @cached_property
    def base(self) -> str:
        """What relative links are resolved against."""
        element = self.tree.find(".//base[@href]")
        return urljoin(self.url, element.get("href").strip()) if element is not None else self.url

    @cached_property
    def _scripts(self) -> tuple[tuple[str, object], ...]:
        """Each JSON-LD script's text and what it holds, None where it cannot be read."""
        texts = (s.text for s in self.tree.iter("script") if s.text and "ld+json" in (s.get("type") or "").lower())
        return tuple((text, _read_json(text)) for text in texts)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every JSON-LD object of the page that has a type, outermost first, unreadable scripts left out."""
        return tuple(node for _, value in self._scripts for node in _typed(value))

    @cached_property
    def unreadable(self) -> tuple[str, ...]:
        """JSON-LD scripts that are no JSON, as text."""
        return tuple(text for text, value in self._scripts if value is None)

    @cached_property
    def article(self) -> Node:
        """The JSON-LD object that describes this page's article, or an empty one.

        Pages list other articles too: the one whose URL or headline is the page's own is taken before the first.
        """
        candidates = [node for node in self.nodes if types(node) & ARTICLE_TYPES]
        if len(candidates) < 2:
            return candidates[0] if candidates else {}
        titles = {key(t) for t in (self.meta("og:title", "twitter:title"), *self.headings) if t}

        def fit(node: Node) -> int:
            own_url = any(_same_page(link, self.url) for link in node_urls(node))
            own_title = key(text_of(node.get("headline")) or text_of(node.get("name")) or "") in titles
            return 4 * own_url + 3 * own_title + bool(node.get("datePublished"))

        return max(candidates, key=fit)

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """Texts of the `<h1>` elements."""
        return tuple(filter(None, (line(" ".join(h.itertext())) for h in self.tree.iter("h1"))))

    @cached_property
    def title_element(self) -> str:
        element = self.tree.find(".//title")
        return line(element.text_content()) if element is not None else ""


def names_of(element: HtmlElement) -> str:
    """Class and id of an element as lower-case words joined by single hyphens or spaces: `postBody_main` ->
    `post-body-main`."""
    return _spelled(element.get("class"), element.get("id"))


@lru_cache(maxsize=16_384)
def _spelled(css_class: str | None, css_id: str | None) -> str:
    if not css_class and not css_id:
        return ""
    names = f"{(css_class or '')[:_LONGEST_NAME]} {(css_id or '')[:_LONGEST_NAME]}"
    return _HYPHENS.sub("-", _CAMEL.sub("-", names)).lower()


def parse(html: str, url: str) -> Page | None:
    """The page, or None where the text holds no element at all."""
    data = html.encode("utf-8", "replace").translate(None, _CONTROLS)
    data = _DOCTYPE.sub(b"", _CLOSED_HTML.sub(rb"<html\1>", data[:_START], count=1), count=1) + data[_START:]
    try:
        tree = document_fromstring(data, parser=_parser())
    except ParserError:
        return None
    is_html = b"<html" in data[:_START].lower() or next(tree.iter(*_CONTENT), None) is not None
    return Page(url, tree) if is_html else None


def _parser() -> HTMLParser:
    """lxml's HTML parser, with one class for all elements: its own choice by tag is a Python call for each of them."""
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(ElementDefaultClassLookup(element=HtmlElement))
    return parser


def types(node: Node) -> frozenset[str]:
    """The lower-case types of a JSON-LD object, without the schema.org prefix."""
    named = node.get("@type")
    values = named if isinstance(named, list) else [named]
    return frozenset(str(v).rpartition("/")[2].lower() for v in values if v)


def text_of(value: object) -> str | None:
    """The text of a JSON-LD property: a string, `@value`, or the first of a list; None where there is none."""
    if isinstance(value, list):
        return next((text for item in value if (text := text_of(item))), None)
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    return plain(value) or None if isinstance(value, str) else None


def node_urls(node: Node) -> Iterator[str]:
    """The URLs by which a JSON-LD object names itself."""
    main = node.get("mainEntityOfPage")
    for value in (node.get("url"), main.get("@id") if isinstance(main, Mapping) else main, node.get("@id")):
        if isinstance(value, str) and value:
            yield value


def _read_json(text: str) -> object:
    text = _CDATA.sub("", _CDATA.sub("", text.strip())).strip().rstrip(";")
    for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _typed(value: object, depth: int = 0) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _typed(item, depth + 1)
    elif isinstance(value, Mapping):
        if value.get("@type"):
            yield value
        for key, item in value.items():
            # An author's or publisher's own object describes no article.
            if isinstance(item, (list, Mapping)) and key not in ("author", "creator", "publisher", "image", "comment"):
                yield from _typed(item, depth + 1)


def _same_page(link: str, url: str) -> bool:
    def shape(u: str) -> str:
        return re.sub(
            r"^https?://(www\.|m\.|amp\.)?", "", u.partition("#")[0].partition("?")[0].strip().lower()
        ).rstrip("/")

    return shape(link) == shape(url)
