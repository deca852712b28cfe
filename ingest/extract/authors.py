"""Who wrote it: JSON-LD, then meta tags, then the byline on the page."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from lxml.html import HtmlElement

from ingest.extract.page import Page, names_of, text_of
from ingest.extract.words import key, line, plain

MAX_AUTHORS = 20
_META = (
    "author", "article:author", "og:author", "og:article:author", "byl", "parsely-author", "sailthru.author",
    "dc.creator", "dcterms.creator", "citation_author", "authors", "cxenseparse:author", "article_author",
    "rbauthors",
)  # fmt: skip
_NAMED = re.compile(r"(?:^|[ -])(?:author|byline|reporter|journalist|contributor)s?(?:-?(?:name|link))?(?: |$)")
_HINTED = re.compile(r"byline|author|posted-by|writer|reporter|journalist")
_ELSEWHERE = re.compile(r"comment|related|sidebar|recommend|teaser|footer|promo|card")
_BY = re.compile(r"^(?:By|BY|Von|Par|Por|Di|Door|Av|Af)\s+[^\W\d_]")
_INVISIBLE = frozenset(("meta", "script", "link", "body", "html", "head", "main", "article"))
_LINES = 60
"""Elements under the main heading among which a line `By …` is looked for."""
_PREFIX = re.compile(
    r"^\W*(?:(?:written|reported|words|story|posted|published|edited|text|article|photos?|analysis|opinion|reviewed|review)\s+)?"
    r"(?:by|von|par|por|da|di|door|av|af|autor(?:in)?|author|текст|автор)\b\s*:?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:;|\||•|·|\n|,(?!\s*(?:Jr|Sr|II|III|MD|M\.D|PhD|Ph\.D)\b)|\s(?:and|und|et|y|en|og|och|e)\s|\s?&\s?|\s/\s)\s*"
)
_CUT = re.compile(
    r"\s*(?:\b(?:Updated|Published|Posted|Last|Read|Contact|Follow|Senior|Staff|Special|For|in|at|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b\.?"
    r"|[(\[@|\u2022\u00b7\u2013\u2014]|\d).*$"
)
_INITIAL = re.compile(r"\b[A-Z]\.$|\b(?:Jr|Sr)\.$")
_ROLE = re.compile(
    r"\s+(?:contributor|reporter|staff writer|staff|correspondent|editor|기자|記者|记者)$", re.IGNORECASE
)
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_NOT_A_NAME = re.compile(
    r"https?:|www\.|\.(?:com|org|net|co)\b|\d{2}|[<>{}=_]|"
    r"^(?:by|admin|administrator|editors?|staff|newsroom|redaktion|redacci[oó]n|la r[eé]daction|guest|unknown|author|"
    r"none|null|undefined|n/a|follow|share|view all|read more|about the author)$",
    re.IGNORECASE,
)


def authors(page: Page, site_keys: frozenset[str]) -> tuple[str, ...]:
    """The names in the order given, without doubles; empty where none is found. A site's own name is no author.

    Organisations that sign (agencies, desks) are kept where the page names them as author.
    """
    for names in (_from_json(page), _from_meta(page), _from_bylines(page)):
        found: dict[str, str] = {}
        for name in names:
            if (same := key(name)) and same not in site_keys:
                found.setdefault(same, name)
        if found:
            return tuple(found.values())[:MAX_AUTHORS]
    return ()


def names_in(text: str) -> Iterator[str]:
    """The names in a byline: `By Ana Mirel and Jon Tarsk, Staff writers` -> Ana Mirel, Jon Tarsk."""
    text = _PREFIX.sub("", _EMAIL.sub("", plain(text)))
    for part in _SPLIT.split(text):
        name = _ROLE.sub("", line(_CUT.sub("", _PREFIX.sub("", part)))).strip(" ,:;-–—|'\"()")
        name = name if _INITIAL.search(name) else name.rstrip(".")
        if 2 < len(name) <= 60 and not _NOT_A_NAME.search(name) and any(c.isupper() or not c.isascii() for c in name):
            yield name


def _from_json(page: Page) -> Iterator[str]:
    value = page.article.get("author") or page.article.get("creator")
    byid = {node.get("@id"): node for node in page.nodes if node.get("@id") and node.get("name")}
    for author in value if isinstance(value, list) else [value]:
        if isinstance(author, Mapping):
            name = author.get("name") or byid.get(author.get("@id"), {}).get("name")
            if not name and author.get("familyName"):
                name = f"{author.get('givenName') or ''} {author['familyName']}"
            for each in name if isinstance(name, list) else [name]:
                yield from names_in(text_of(each) or "")
        elif isinstance(author, str):
            yield from names_in(author)


def _from_meta(page: Page) -> Iterator[str]:
    for tag in _META:
        for value in page.metas.get(tag, ()):
            yield from names_in(value)


def _from_bylines(page: Page) -> Iterator[str]:
    for is_byline in (_is_named, _is_hinted, _begins_with_by):
        places = page.under_heading[:_LINES] if is_byline is _begins_with_by else page.elements
        found = [name for element in _first(filter(is_byline, places)) for name in _full_names(element)]
        if found:
            yield from found
            return


def _first(elements: Iterable[HtmlElement]) -> Iterator[HtmlElement]:
    shown = (e for e in elements if e.tag not in _INVISIBLE and not _is_elsewhere(e))
    return islice(shown, 12)


def _is_named(element: HtmlElement) -> bool:
    return (
        element.get("rel") == "author"
        or "author" in (element.get("itemprop") or "")
        or element.get("data-testid") == "author-name"
        or bool(_NAMED.search(names_of(element)))
    )


def _is_hinted(element: HtmlElement) -> bool:
    return bool(_HINTED.search(names_of(element)))


def _begins_with_by(element: HtmlElement) -> bool:
    return len(element) < 6 and bool(_BY.match(line(element.text_content()[:200])))


def _is_elsewhere(element: HtmlElement) -> bool:
    return any(
        e.tag in ("aside", "footer", "nav") or _ELSEWHERE.search(names_of(e))
        for e in (element, *element.iterancestors())
    )


def _full_names(element: HtmlElement) -> list[str]:
    text = line(" ".join(element.itertext()))
    if not 3 < len(text) < 120:
        return []
    return [n for n in names_in(text) if 1 < len(n.split()) <= 5 and n[0].isupper()]
