"""Who wrote it: JSON-LD, then meta tags, then the byline on the page."""

import re
from collections.abc import Iterator, Mapping

from lxml.etree import XPath

from ingest.extract.page import Page, text_of
from ingest.extract.words import line, plain

MAX_AUTHORS = 20
_META = ("author", "article:author", "og:author", "og:article:author", "byl", "parsely-author", "sailthru.author", "dc.creator",
         "dcterms.creator", "citation_author", "authors", "cxenseparse:author", "article_author", "rbauthors")  # fmt: skip
_BYLINES = (
    XPath(
        """//*[@rel='author' or contains(@itemprop, 'author') or @data-testid='author-name' or
        re:test(@class, '(^|[ _-])(author|byline|reporter|journalist)[_-]{0,2}(name|link)?([ ]|$)', 'i')]""",
        namespaces={"re": "http://exslt.org/regular-expressions"},
    ),
    XPath(
        """//*[re:test(@class, 'byline|author|posted-by|writer', 'i') or re:test(@id, 'byline|author', 'i')]""",
        namespaces={"re": "http://exslt.org/regular-expressions"},
    ),
)
_NOT_IN = XPath(
    """boolean(ancestor-or-self::*[re:test(concat(@class, ' ', @id), 'comment|related|sidebar|recommend|teaser|footer', 'i')
    or self::aside or self::footer or self::nav])""",
    namespaces={"re": "http://exslt.org/regular-expressions"},
)
_PREFIX = re.compile(
    r"^\W*(?:(?:written|reported|words|story|posted|published|edited|text|article|photos?|analysis|opinion)\s+)?"
    r"(?:by|von|par|por|da|di|door|av|af|autor(?:in)?|author|текст|автор)\b\s*:?\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(
    r"\s*(?:;|\||•|·|\n|,(?!\s*(?:Jr|Sr|II|III|MD|M\.D|PhD|Ph\.D)\b)|\s(?:and|und|et|y|en|og|och|e)\s|\s?&\s?|\s/\s)\s*"
)
_CUT = re.compile(
    r"\s*(?:\b(?:Updated|Published|Posted|Last|Read|Contact|Follow|Senior|Staff|Special|For|in|at|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b\.?"
    r"|[(\[@|\u2022\u00b7\u2013\u2014]|\d).*$"
)
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_NOT_A_NAME = re.compile(
    r"https?:|www\.|\.(?:com|org|net|co)\b|\d{2}|[<>{}=_]|^(?:by|admin|administrator|editor|editors|staff|newsroom|redaktion|guest|unknown|author|"
    r"none|null|undefined|n/a|follow|share|view all|read more|redacci[oó]n|la r[eé]daction|associated press reporter|about the author)$",
    re.IGNORECASE,
)


def authors(page: Page, site_keys: frozenset[str]) -> tuple[str, ...]:
    """The names in the order given, without doubles; empty where none is found. A site's own name is no author.

    Organisations that sign (agencies, desks) are kept where the page names them as author.
    """
    for names in (_from_json(page), _from_meta(page), _from_bylines(page)):
        found: dict[str, str] = {}
        for name in names:
            key = "".join(c for c in name.casefold() if c.isalnum())
            if key and key not in site_keys:
                found.setdefault(key, name)
        if found:
            return tuple(found.values())[:MAX_AUTHORS]
    return ()


def names_in(text: str) -> Iterator[str]:
    """The names in a byline: `By Ana Mirel and Jon Tarsk, Staff writers` -> Ana Mirel, Jon Tarsk."""
    text = _PREFIX.sub("", _EMAIL.sub("", plain(text)))
    for part in _SPLIT.split(text):
        name = line(_CUT.sub("", _PREFIX.sub("", part))).strip(" ,.:;-–—|'\"")
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
    for key in _META:
        for value in page.metas.get(key, ()):
            yield from names_in(value)


def _from_bylines(page: Page) -> Iterator[str]:
    for path in _BYLINES:
        names: list[str] = []
        for element in path(page.tree)[:12]:
            if element.tag in ("meta", "script", "link", "body", "html") or _NOT_IN(element):
                continue
            text = line(" ".join(element.itertext()))
            if not 3 < len(text) < 120:
                continue
            found = [n for n in names_in(text) if 1 < len(n.split()) <= 5 and n[0].isupper()]
            names.extend(found)
        if names:
            yield from names
            return
