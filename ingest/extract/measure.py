"""What a tree holds where: sizes of text, of links, of prose, and where the main heading stands."""

import re
from collections.abc import Sequence
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
    """Code points under each element of a tree, kept true by `drop`.

    `size`: all text; `linked`: text inside links; `prose`: `own_prose` of its paragraphs. `heading`: the element that
    holds the page's headline, or None; `heads`: it, every `<h1>`, and all that these stand in.
    """

    size: dict[HtmlElement, int]
    linked: dict[HtmlElement, int]
    prose: dict[HtmlElement, int]
    heading: HtmlElement | None
    heads: frozenset[HtmlElement]

    def drop(self, element: HtmlElement) -> None:
        """Remove an element from its tree; the text behind it stays."""
        size, linked, prose = self.size[element], self.linked[element], self.prose[element]
        if size:
            for around in element.iterancestors():
                self.size[around] -= size
                self.linked[around] -= linked
                self.prose[around] -= prose
        element.drop_tree()


def measure(tree: HtmlElement, elements: Sequence[HtmlElement], title: str) -> Measures:
    """Measure `elements`, given in document order, of `tree`, whose headline is `title`."""
    size = dict.fromkeys(elements, 0)
    linked = size.copy()
    prose = size.copy()
    for element in reversed(elements):
        own = size[element]
        if (text := element.text) and not text.isspace():
            own += len(text.strip())
            size[element] = own
        parent = element.getparent()
        if parent is None:
            continue
        if (tail := element.tail) and not tail.isspace():
            size[parent] += len(tail.strip())
        if not own:
            continue
        size[parent] += own
        tag = element.tag
        if tag == "a":
            linked[parent] += own
            linked[element] = own
        elif links := linked[element]:
            linked[parent] += links
        if tag == "p" and own >= PROSE:
            prose[element] += own_prose(element)
        if running := prose[element]:
            prose[parent] += running
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
