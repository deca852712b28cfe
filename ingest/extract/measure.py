"""What a tree holds where: sizes of text, of links, of prose, and where the main heading stands."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from ingest.extract.words import key

PROSE = 80
"""Code points from which a paragraph counts as prose."""
HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_BOLD = ("b", "strong", "font", "big", "span", "div", "td", "p")
_OTHER_SCHEME = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SHORTEST = 12
"""Letters of a title that can be looked for in the text of elements that are no headings."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Code points under each element, taken at one time: what is cut later is still counted.

    `size`: all text; `linked`: text inside links; `prose`: `own_prose` of its paragraphs. `heading`: the element that
    holds the page's headline, or None; `heads`: it, every `<h1>`, and all that these stand in.
    """

    size: Mapping[HtmlElement, int]
    linked: Mapping[HtmlElement, int]
    prose: Mapping[HtmlElement, int]
    heading: HtmlElement | None
    heads: frozenset[HtmlElement]


def measure(tree: HtmlElement, elements: Iterable[HtmlElement], title: str) -> Measures:
    """Measure every one of `elements`, given in document order, that is still in `tree`, whose headline is `title`."""
    held = tuple(elements)
    size = dict.fromkeys(held, 0)
    linked = dict.fromkeys(held, 0)
    prose = dict.fromkeys(held, 0)
    for element in reversed(held):
        tag = element.tag
        if element.text:
            size[element] += len(element.text.strip())
        if tag == "p":
            prose[element] += own_prose(element) if size[element] >= PROSE else 0
        elif tag == "a":
            linked[element] = size[element]
        parent = element.getparent()
        if parent is not None and parent in size:
            size[parent] += size[element] + (len(element.tail.strip()) if element.tail else 0)
            linked[parent] += linked[element]
            prose[parent] += prose[element]
    heading = _main_heading(tree, title)
    heads = {a for h in tree.iter("h1") for a in (h, *h.iterancestors())}
    if heading is not None:
        heads.update((heading, *heading.iterancestors()))
    return Measures(size, linked, prose, heading, frozenset(heads))


def _main_heading(tree: HtmlElement, title: str) -> HtmlElement | None:
    """The `<h1>` that is the title, or else the first `<h1>`; where there is none, whatever element is the title."""
    wanted = key(title)
    firsts = list(tree.iter("h1"))
    if firsts:
        return next((h for h in firsts if key(text_in(h)) == wanted), firsts[0])
    if len(wanted) < _SHORTEST:
        return None
    for tags in (HEADINGS, _BOLD):
        found = next((e for e in tree.iter(*tags) if len(e) < 3 and key(text_in(e)) == wanted), None)
        if found is not None:
            return found
    return None


def text_in(element: HtmlElement) -> str:
    """The text under an element on one line."""
    return " ".join("".join(element.itertext()).split())


def own_prose(paragraph: HtmlElement) -> int:
    """Code points of a paragraph, or 0 where it is short or mostly links."""
    length = len(text_in(paragraph))
    if length < PROSE or sum(len(a.text_content()) for a in paragraph.iter("a")) >= 0.6 * length:
        return 0
    return length


def prose_in(element: HtmlElement) -> int:
    """Code points of running text under `element`: its paragraphs of some length that are not mostly links."""
    return sum(map(own_prose, element.iter("p")))


def leads_away(link: HtmlElement) -> bool:
    """Whether a link has a page for its target, not a place on this one, a mail address or a script."""
    href = (link.get("href") or "").strip()
    return bool(href) and not href.startswith("#") and not _OTHER_SCHEME.match(href)


def is_attached(element: HtmlElement, tree: HtmlElement) -> bool:
    """Whether an element is still part of the tree: it may have gone with one around it."""
    top = element
    while (parent := top.getparent()) is not None:
        top = parent
    return top is tree or top is tree.getroottree().getroot()
