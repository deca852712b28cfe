"""What stands over the first paragraph: a site's head and menus above the headline, the line with the date below it."""

import re
from collections.abc import Iterator

from lxml.etree import Element
from lxml.html import HtmlElement

from ingest.extract.measure import Measures, is_attached, text_in

_NEAR = 60
"""Elements after the headline among which the dateline is looked for."""
_DATELINE = 120
"""Code points of a line with byline and date, at most."""
_ABOVE = 300
"""Code points of a block above the headline that is cut without being made of links."""
_MAX_SHARE = 0.2
"""Share of the page's prose above a heading from which it is taken to head something else than the article."""
_SENTENCE_END = re.compile(r"[.!?。！？؟।…][\"”’»')\]]*$")


def cut_above(tree: HtmlElement, measures: Measures) -> None:
    """Remove from `tree`, in place, the blocks without prose that stand before the headline in document order."""
    if measures.heading is None or not is_attached(measures.heading, tree):
        return
    above = list(_preceding(measures.heading, tree))
    if sum(measures.prose[e] for e in above) > _MAX_SHARE * measures.prose[tree]:
        return
    for element in above:
        size = measures.size[element]
        if not measures.prose[element] and (size <= _ABOVE or measures.linked[element] >= 0.5 * size):
            measures.drop(element)


def cut_dateline(tree: HtmlElement, measures: Measures) -> None:
    """Remove the line under the headline that holds the date, as a `<time>` element, and with it who signs.

    Both are read before. A sentence that mentions a time stays.
    """
    heading = measures.heading
    if heading is None or not is_attached(heading, tree):
        return
    for element in _following(heading, tree):
        if element.tag != "time":
            continue
        box = element
        while (parent := box.getparent()) is not None and parent not in measures.heads:
            if measures.size[parent] > _DATELINE or parent.tag in ("body", "main", "article", "tr"):
                break
            box = parent
        if not _SENTENCE_END.search(text_in(box)):
            measures.drop(box)
        return


def _preceding(heading: HtmlElement, tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in (heading, *heading.iterancestors()):
        if element is tree or element.tag == "body":
            return
        yield from element.itersiblings(Element, preceding=True)


def _following(heading: HtmlElement, tree: HtmlElement) -> list[HtmlElement]:
    out: list[HtmlElement] = []
    for element in (heading, *heading.iterancestors()):
        if element is tree or element.tag == "body" or len(out) >= _NEAR:
            break
        for sibling in element.itersiblings(Element):
            out.extend(sibling.iter(Element))
            if len(out) >= _NEAR:
                break
    return out[:_NEAR]
