"""The body of an article: trafilatura's fast run, its full run where that yields little, JSON-LD where the page is a
shell."""

import logging
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from lxml.etree import _Element
from trafilatura import bare_extraction

from ingest.extract.clutter import cut_clutter
from ingest.extract.live import join_posts
from ingest.extract.measure import PROSE, prose_in
from ingest.extract.page import Page
from ingest.extract.phrases import PAYWALL
from ingest.extract.standfirst import standfirst, with_standfirst
from ingest.extract.tail import clean_lines
from ingest.extract.words import line, plain

# A page that cannot be read is told as a result, with its reason; the library's warnings would tell it again.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

LITTLE = 0.4
"""Share of the page's prose below which the fast run is taken to have missed the article."""
ENOUGH = 250
"""Code points below which a text is always tried again."""


_PROMPT = 200
"""Code points up to which a line can be a paywall's request."""
_OFFER = 600
"""Code points of the offers under such a request, at most."""
_BREAK = re.compile(r"</?(?:p|br|div|li|h\d)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class Body:
    """Paragraphs joined by a line feed; which step of the cascade gave them (fast, full, json-ld, none); and whether
    the page stops for those who have not paid."""

    text: str
    method: str
    prompts: bool


def body_of(
    page: Page, title: str, titles: Collection[str] = (), names: Collection[str] = (), *, live: bool = False
) -> Body:
    """The article's body. `page.tree` is cut of clutter in the process: what else is read from it is read before.

    `titles`: every wording of the headline, `names`: the authors; lines that are these are no paragraphs.
    """
    first = standfirst(page)
    if live:
        join_posts(page.tree, title)
    asked = cut_clutter(page, title, live=live)
    lines, method = _lines_of(page, fast=True), "fast"
    size = _size(lines)
    if size < ENOUGH or size < LITTLE * prose_in(page.tree):
        full = _lines_of(page, fast=False)
        if _size(full) > 1.2 * size:
            lines, method = full, "full"
    if _size(lines) < ENOUGH and _size(stated := _stated(page)) > 2 * _size(lines):
        lines, method = stated, "json-ld"
    own = _before_prompt(lines)
    prompts = asked or len(own) < len(lines)
    text = "\n".join(clean_lines(own, (title, *titles), names))
    return Body(with_standfirst(text, first), method if text else "none", prompts)


def _lines_of(page: Page, *, fast: bool) -> list[str]:
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
    body = getattr(document, "body", None)
    return [text for text in map(line, _lines(body)) if text] if body is not None else []


def _before_prompt(lines: Sequence[str]) -> list[str]:
    """The lines without a paywall's requests, nor what follows the last one where that is an offer and no prose."""
    asking = [n for n, text in enumerate(lines) if len(text) <= _PROMPT and PAYWALL.search(text)]
    if not asking:
        return list(lines)
    offer = lines[asking[-1] + 1 :]
    short = all(len(text) <= _PROMPT for text in offer) and _size(offer) <= _OFFER
    kept = range(len(lines) - len(offer)) if short and asking[-1] else range(len(lines))
    return [lines[n] for n in kept if n not in asking]


def _size(lines: Sequence[str]) -> int:
    return sum(map(len, lines))


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


def _stated(page: Page) -> list[str]:
    """The body that the page's JSON-LD gives, which a reader without scripts would not see."""
    value = page.article.get("articleBody")
    if not isinstance(value, str):
        return []
    return [text for text in map(plain, _BREAK.sub("\n", value).splitlines()) if text]
