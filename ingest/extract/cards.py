"""Other stories on a page: cards, each a linked headline with perhaps a teaser, and runs of links.

What a teaser tells is a whole sentence, so that it would be read as the article's own. It is known by what it stands
under: a headline of its own that leads to another page.
"""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urljoin, urlsplit

from lxml.html import HtmlElement

from ingest.extract.measure import HEADINGS, PROSE, Measures, is_attached, leads_away, text_in
from ingest.extract.page import Page

HEADLINE = (20, 250)
"""Code points that a linked headline has, at least and at most."""
TEASER = 450
"""Code points that a card holds beside its headline, at most."""
_LABEL = 80
"""Code points up to which what is left of a box, or stands over its cards, is their heading."""
_BLOCKS = frozenset(
    ("div", "p", "li", "ul", "ol", "dl", "dt", "dd", "td", "section", "article", "aside", "header", "figure",
     "blockquote", *HEADINGS)
)  # fmt: skip
_RUNS = ("table", "td", "div", "ul", "ol", "section", "font", "center", "p")
_SCOPES = frozenset(("body", "html", "main", "tbody", "table", "tr"))
_ENDS = frozenset(("h1", *HEADINGS))
_LISTS = frozenset(("ul", "ol", "dl", "tr"))
_SENTENCE_END = re.compile(r"[.!?。！？؟।…][\"”’»')\]]*$")


def cut_cards(page: Page, measures: Measures, *, live: bool = False) -> None:
    """Remove the cards of other stories from `page.tree`, in place, and the headings that are left over them.

    What would take the last of the page's own prose stays: on a page of nothing but such cards they are what it has.
    A `live` blog's posts have linked headings too; there only lists of cards without prose go.
    """
    found = list(_headlines(page, measures))
    hrefs = _targets(found)
    boxes: list[tuple[HtmlElement, HtmlElement, bool]] = []
    for _, block, titled in found:
        boxes.append((_card(block, measures, hrefs), block, titled))
    beside: dict[tuple[HtmlElement | None, str], int] = {}
    for box, _, _ in boxes:
        group = (box.getparent(), box.tag)
        beside[group] = beside.get(group, 0) + 1
    for (link, _, _), (box, block, titled) in zip(found, boxes, strict=True):
        if not is_attached(box, page.tree) or box in measures.heads:
            continue
        several = beside[box.getparent(), box.tag] > 1
        if (titled or not several or measures.prose[box]) and not (_same_site(page, link) and (titled or several)):
            continue  # a linked heading alone also names a product or a source
        teasers = _flat_teasers(block) if box is block and several and box.tag in HEADINGS else []
        prose = measures.prose[box] + sum(measures.prose[t] for t in teasers)
        if prose and (live or measures.prose[page.tree] - prose < 2 * PROSE):
            continue
        for element in teasers:
            measures.drop(element)
        _drop(box, measures)


def cut_link_runs(tree: HtmlElement, measures: Measures) -> None:
    """Remove blocks that are little else than several links: menus, lists of headlines parted by line breaks."""
    for element in list(tree.iter(*_RUNS)):
        size = measures.size[element]
        if measures.linked[element] < 0.6 * size or size < HEADLINE[0] or measures.prose[element]:
            continue
        if element in measures.heads or not is_attached(element, tree):
            continue
        if sum(1 for a in element.iter("a") if leads_away(a) and text_in(a)) >= 3:
            measures.drop(element)


def _headlines(page: Page, measures: Measures) -> Iterator[tuple[HtmlElement, HtmlElement, bool]]:
    """Links that are a headline by themselves: each with the block that holds nothing else, and whether it is marked
    as a heading."""
    for link in page.tree.iter("a"):
        size = measures.size.get(link, 0)
        if not HEADLINE[0] <= size <= HEADLINE[1] + TEASER or link in measures.heads or not leads_away(link):
            continue
        if _same_page(page, link):
            continue
        inner = next(link.iter(*_BLOCKS), None)
        if inner is None and size > HEADLINE[1]:
            continue
        block, titled = link, inner is not None and next(link.iter(*HEADINGS), None) is not None
        while (parent := block.getparent()) is not None and parent not in measures.heads:
            if measures.size[parent] > size + 2 or parent.tag in _SCOPES:
                break
            block = parent
            titled = titled or block.tag in HEADINGS
        if (block.tag in _BLOCKS or inner is not None or _stands_alone(block)) and not (
            block.tag == "p" and _SENTENCE_END.search(text_in(block))
        ):
            yield link, block, titled


def _stands_alone(inline: HtmlElement) -> bool:
    """Whether no bare text and no inline element stands on one line with an inline element."""
    parent, before, after = inline.getparent(), inline.getprevious(), inline.getnext()
    if parent is None or parent.tag in ("p", "span", "b", "i", "em", "strong", *HEADINGS):
        return False
    bare = parent.text if before is None else before.tail
    return (
        not (bare and bare.strip())
        and not (inline.tail and inline.tail.strip())
        and all(e is None or e.tag in _BLOCKS or e.tag in ("br", "img", "a", "time", "small") for e in (before, after))
    )


def _targets(found: list[tuple[HtmlElement, HtmlElement, bool]]) -> dict[HtmlElement, frozenset[str]]:
    """Under each element the targets of headlines, two at most."""
    targets: dict[HtmlElement, frozenset[str]] = {}
    for link, _, _ in found:
        href = frozenset([str(link.get("href")).strip()])
        for element in (link, *link.iterancestors()):
            known = targets.get(element, frozenset())
            if len(known) > 1 or href == known:
                break
            targets[element] = known | href
    return targets


def _card(block: HtmlElement, measures: Measures, targets: dict[HtmlElement, frozenset[str]]) -> HtmlElement:
    """The largest box around a headline that holds one story: it, what little stands before, and one teaser."""
    box, held, teaser = block, measures.size[block], False
    while (parent := box.getparent()) is not None and parent.tag not in _SCOPES and parent not in measures.heads:
        added = measures.size[parent] - measures.size[box]
        if measures.size[parent] - held > TEASER or len(targets.get(parent, ())) > 1 or parent.tag in _LISTS:
            break
        if any(measures.prose[e] for e in box.itersiblings(preceding=True)):
            break
        if added > _LABEL:
            if teaser or sum(1 for e in box.itersiblings("p") if measures.prose[e]) > 1:
                break
            teaser = True
        box = parent
    return box


def _flat_teasers(heading: HtmlElement) -> list[HtmlElement]:
    """The one or two short paragraphs between a linked heading and the next heading, or the end of its box."""
    out: list[HtmlElement] = []
    size = 0
    for element in heading.itersiblings():
        if element.tag in _ENDS:
            break
        out.append(element)
        size += len(text_in(element))
        if len(out) > 3 or size > TEASER or element.tag not in ("p", "div", "a", "img", "figure", "br", "span", "time"):
            return []
    return out


def _drop(element: HtmlElement, measures: Measures) -> None:
    """Remove an element, and the boxes around it of which no more than a heading is left."""
    parent, before, after = element.getparent(), element.getprevious(), element.getnext()
    measures.drop(element)
    if before is not None and before.tag in HEADINGS and (after is None or after.tag in _ENDS):
        # Nothing is left of what it headed.
        if not (before.tail and before.tail.strip()):
            measures.drop(before)
    elif parent is not None and parent.tag in ("ul", "ol") and not text_in(parent):
        _drop(parent, measures)


def _target(page: Page, link: HtmlElement) -> SplitResult | None:
    try:
        return urlsplit(urljoin(page.base, str(link.get("href")).strip()))
    except ValueError:  # no URL: a bracket in the host
        return None


def _same_page(page: Page, link: HtmlElement) -> bool:
    target, own = _target(page, link), urlsplit(page.url)
    return target is not None and (target.netloc, target.path.rstrip("/")) == (own.netloc, own.path.rstrip("/"))


def _same_site(page: Page, link: HtmlElement) -> bool:
    """Whether a link stays on the page's site, taken as the last two labels of the host."""
    target, own = _target(page, link), urlsplit(page.url)
    return target is not None and _labels(target.hostname) == _labels(own.hostname)


def _labels(host: str | None) -> list[str]:
    return (host or "").split(".")[-2:]
