"""The body of an article: trafilatura's fast run, its full run where that yields little, JSON-LD where the page is a shell."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from ingest.extract.clutter import PROSE, cut_clutter
from ingest.extract.page import Page
from ingest.extract.tail import without_foot
from ingest.extract.words import line, plain

# A page that cannot be read is told as a result, with its reason; the library's warnings would tell it again.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

LITTLE = 0.6
"""Share of the page's prose below which the fast run is taken to have missed the article."""
ENOUGH = 250
"""Code points below which a text is always tried again."""


@dataclass(frozen=True)
class Body:
    """Paragraphs joined by a line feed, and which step of the cascade gave them: fast, full, json-ld, none."""

    text: str
    method: str


def body_of(page: Page, title: str) -> Body:
    """The article's body. `page.tree` is cut of clutter in the process: whatever else is read from it is read before."""
    cut_clutter(page.tree)
    prose = _page_prose(page.tree)
    text, method = _text(page, title, fast=True), "fast"
    if len(text) < ENOUGH or len(text) < LITTLE * prose:
        full = _text(page, title, fast=False)
        if len(full) > 1.2 * len(text):
            text, method = full, "full"
    if len(text) < ENOUGH and len(stated := _stated(page)) > 2 * len(text):
        text, method = stated, "json-ld"
    return Body(text, method if text else "none")


def _text(page: Page, title: str, *, fast: bool) -> str:
    document = bare_extraction(
        page.tree,
        url=page.url,
        fast=fast,
        favor_recall=fast,
        include_comments=False,
        include_tables=True,
        deduplicate=False,
        with_metadata=False,
    )
    if document is None or document.body is None:
        return ""
    lines = [text for text in map(line, _lines(document.body)) if text]
    if lines and title and lines[0].casefold() == title.casefold():
        lines = lines[1:]
    return "\n".join(without_foot(lines))


def _lines(body: _Element) -> Iterator[str]:
    """The text of each block: paragraphs, headings, list items, quotations, and table cells that hold sentences."""
    if body.text:
        yield body.text
    for block in body:
        yield from _block(block)
        if block.tail:
            yield block.tail


def _block(block: _Element) -> Iterator[str]:
    if block.tag == "list":
        for item in block.iter("item"):
            yield from _inline(item)
    elif block.tag == "table":
        for cell in block.iter("cell"):
            if len(line("".join(cell.itertext()))) >= PROSE:
                yield from _inline(cell)
    else:
        yield from _inline(block)


def _inline(element: _Element) -> Iterator[str]:
    """Text of one block, broken at line breaks and at blocks inside it."""
    parts: list[str] = [element.text or ""]
    for child in element:
        if child.tag in ("lb", "p", "head", "item", "list", "quote", "row", "cell"):
            yield "".join(parts)
            parts = []
            if child.tag not in ("item", "list") or element.tag != "item":
                yield from _inline(child)
            parts.append(child.tail or "")
        else:
            parts.append("".join(child.itertext()))
            parts.append(child.tail or "")
    yield "".join(parts)


def _page_prose(tree: HtmlElement) -> int:
    total = 0
    for paragraph in tree.iter("p"):
        length = len(" ".join("".join(paragraph.itertext()).split()))
        if length >= PROSE:
            total += length
    return total


def _stated(page: Page) -> str:
    """The body that the page's JSON-LD gives, which a reader without scripts would not see."""
    value = page.article.get("articleBody")
    if not isinstance(value, str):
        return ""
    return "\n".join(
        without_foot(
            [text for text in map(plain, value.replace("<p>", "\n").replace("<br", "\n<br").splitlines()) if text]
        )
    )
