"""Boxes that ask something of the reader: to subscribe, to switch on notifications, to install an app."""

import re
from collections.abc import Iterator, Sequence

from lxml.etree import Element
from lxml.html import HtmlElement

from ingest.extract.measure import HEADINGS, PROSE, Measures, is_attached, text_in
from ingest.extract.page import names_of
from ingest.extract.phrases import ASKING_BUTTON, PAYWALL

_LARGEST = 1000
"""Code points of a box that asks, at most."""
_BEFORE = 120
"""Code points of what stands in such a box before its request: a heading, an eyebrow."""
_REQUEST = 200
"""Code points of a request, at most."""
_SHORTEST = 12
"""Code points of a paywall's request, at least."""
_SCOPES = frozenset(("body", "html", "main", "article", "tbody", "tr", "td"))
_ELSEWHERE = frozenset(("header", "nav", "aside", "footer"))
_BUTTON = re.compile(r"(?<![a-z])(?:button|btn|cta)(?![a-z])")
_PARTS = ("p", "h2", "h3", "h4", "div", "span", "li", "strong")


def cut_asks(tree: HtmlElement, measures: Measures) -> bool:
    """Remove such boxes from `tree`, in place; whether one of them asks to subscribe in order to read on.

    A request is a paragraph that says what a paywall says, a button, or a form to fill in. Its box is all around it
    that begins with it and is no article.
    """
    prompts = False
    for element, paywall in list(_requests(tree, measures)):
        if not is_attached(element, tree) or element in measures.heads:
            continue
        prompts = prompts or (paywall and not any(a.tag in _ELSEWHERE for a in element.iterancestors()))
        box = _box(element, measures)
        if measures.prose[box] and measures.prose[tree] - measures.prose[box] < PROSE:
            box = element
        measures.drop(box)
    return prompts


def _requests(tree: HtmlElement, measures: Measures) -> Iterator[tuple[HtmlElement, bool]]:
    """Requests, each with whether it is a paywall's."""
    for element in tree.iter("form", "button", "a", *_PARTS):
        tag, size = element.tag, measures.size[element]
        if tag == "form":
            if (
                size <= min(_LARGEST, measures.size[tree] / 2)
                and next(element.iter("input", "textarea"), None) is not None
            ):
                yield element, False
        elif not 0 < size <= _REQUEST:
            continue
        elif tag == "button" or (tag == "a" and _BUTTON.search(names_of(element))):
            if ASKING_BUTTON.match(text_in(element)):
                yield element, False
        elif (
            tag in _PARTS
            and size >= _SHORTEST
            and not any(child.tag in _PARTS for child in element)
            and PAYWALL.search(text_in(element))
        ):
            yield element, True


def _box(element: HtmlElement, measures: Measures) -> HtmlElement:
    """The largest box around a request that holds no more than belongs to it."""
    box = element
    while (parent := box.getparent()) is not None and parent.tag not in _SCOPES and parent not in measures.heads:
        if measures.size[parent] > _LARGEST:
            break
        above = list(box.itersiblings(Element, preceding=True))[::-1]
        if not _is_plea(above) and (
            any(measures.prose[e] for e in above) or sum(measures.size[e] for e in above) > _BEFORE
        ):
            break
        if any(e.tag == "p" and measures.prose[e] for e in box.itersiblings(Element)):
            break
        box = parent
    return box


def _is_plea(above: Sequence[HtmlElement]) -> bool:
    """Whether what stands over a request is a heading and one paragraph: `The week in brief`, what it is, `Sign up`."""
    shown = [e for e in above if text_in(e)]
    return len(shown) == 2 and shown[0].tag in HEADINGS and shown[1].tag in ("p", "div")
