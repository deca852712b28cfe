"""Other stories on a page: cards, each a linked headline with perhaps a teaser, and runs of links.

What a teaser tells is a whole sentence, so that it would be read as the article's own. It is known by what it stands
under: a headline of its own that leads to another page.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

from lxml.etree import Element
from lxml.html import HtmlElement

from ingest.extract.measure import HEADINGS, PROSE, Measures, is_attached, leads_away, text_in
from ingest.extract.page import Page
from ingest.extract.tail import is_foot_heading

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
_EMPTIED = frozenset(("div", "section", "aside", "ul", "ol", "dl", "td", "blockquote"))
_TITLING = frozenset((*HEADINGS, "blockquote", "dt"))
_BOLD = frozenset(("b", "strong"))
_SENTENCE_END = re.compile(r"[.!?。！？؟।…][\"”’»')\]]*$")


class _Headline(NamedTuple):
    """A link that is a headline, the block that holds nothing else, and whether that is a heading, or bold."""

    link: HtmlElement
    block: HtmlElement
    titled: bool
    bold: bool


def cut_cards(page: Page, measures: Measures, *, live: bool = False) -> None:
    """Remove the cards of other stories from `page.tree`, in place, and the headings that are left over them.

    What would take the last of the page's own prose stays: on a page of nothing but such cards they are what it has.
    A `live` blog's posts have linked headings too; there only cards without prose go.
    """
    found = list(_headlines(page, measures))
    targets = _targets(found)
    cards = [(headline, _card(headline.block, measures, targets)) for headline in found]
    beside: dict[tuple[HtmlElement | None, str], list[HtmlElement]] = {}
    for _, box in cards:
        beside.setdefault((box.getparent(), box.tag), []).append(box)
    flat = {h.block for h, box in cards if box is h.block and measures.size[box] <= HEADLINE[1]}
    teasers = {e: t for group in beside.values() if flat.issuperset(group) for e, t in _teasers_of(group, measures)}
    several = {box for group in beside.values() if len(group) > 1 for box in group}
    for headline, box in cards:
        if not is_attached(box, page.tree) or box in measures.heads:
            continue
        titled = headline.titled or (headline.bold and box is not headline.block)
        teaser = teasers.get(box)
        prose = measures.prose[box] + (measures.prose[teaser] if teaser is not None else 0)
        if box not in several and (not titled or not _same_site(page, headline.link)):
            continue
        if (titled or prose) and not _same_site(page, headline.link):
            continue  # a linked heading also names a product or a source
        if prose and (live or measures.prose[page.tree] - prose < 2 * PROSE):
            continue
        if teaser is not None and is_attached(teaser, page.tree):
            measures.drop(teaser)
        _drop(box, measures)


def cut_link_runs(tree: HtmlElement, measures: Measures) -> None:
    """Remove blocks that are little else than several links: menus, lists of headlines parted by line breaks."""
    for element in list(tree.iter(*_RUNS)):
        size = measures.size[element]
        if measures.linked[element] < 0.6 * size or size < HEADLINE[0] or measures.prose[element]:
            continue
        if element in measures.heads or not is_attached(element, tree):
            continue
        links = [size for a in element.iter("a") if leads_away(a) and (size := measures.size[a])]
        if len(links) > 2 or (len(links) > 1 and min(links) >= HEADLINE[0]):
            measures.drop(element)


def _headlines(page: Page, measures: Measures) -> Iterator[_Headline]:
    """The links that are a headline by themselves."""
    for link in page.tree.iter("a"):
        size = measures.size[link]
        if not HEADLINE[0] <= size <= HEADLINE[1] + TEASER or link in measures.heads or not leads_away(link):
            continue
        if _same_page(page, link):
            continue
        inner = next(link.iter(*_BLOCKS), None)
        if inner is None and size > HEADLINE[1]:
            continue
        chain = [link]
        while (parent := chain[-1].getparent()) is not None and parent not in measures.heads:
            if measures.size[parent] > size + 2 or parent.tag in _SCOPES:
                break
            chain.append(parent)
        block = chain[-1]
        if block.tag in _BLOCKS or inner is not None or _stands_alone(block):
            tags = {e.tag for e in chain}
            titled = bool(tags & _TITLING) or next(link.iter(*HEADINGS), None) is not None
            yield _Headline(link, block, titled, bool(tags & _BOLD))


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


def _targets(found: list[_Headline]) -> dict[HtmlElement, frozenset[str]]:
    """Under each element the targets of headlines, two at most."""
    targets: dict[HtmlElement, frozenset[str]] = {}
    for headline in found:
        href = frozenset([str(headline.link.get("href")).strip()])
        for element in (headline.link, *headline.link.iterancestors()):
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


def _teasers_of(group: Sequence[HtmlElement], measures: Measures) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """The teasers of headlines that stand beside each other without boxes: one short block under each of them.

    Paragraphs that alternate with links are as often an article with pointers in it; of linked paragraphs only those
    under a foot heading count.
    """
    if len(group) < 2 or not (group[0].tag in (*HEADINGS, "dt") or (group[0].tag == "p" and _under_foot(group[0]))):
        return
    under = [_following(element, group) for element in group]
    if all(len(texts) == 1 for texts in under[:-1]) and under[-1]:
        for element, texts in zip(group, under, strict=True):
            if measures.size[texts[0]] <= TEASER and texts[0].tag in ("p", "div", "dd"):
                yield element, texts[0]


def _following(element: HtmlElement, group: Collection[HtmlElement]) -> list[HtmlElement]:
    """The siblings with text between an element and the next heading or the next of its group."""
    out = []
    for sibling in element.itersiblings(Element):
        if sibling.tag in _ENDS or sibling in group:
            break
        if text_in(sibling):
            out.append(sibling)
    return out


def _under_foot(element: HtmlElement) -> bool:
    before = element.getprevious()
    return before is not None and is_foot_heading(text_in(before))


def _drop(element: HtmlElement, measures: Measures) -> None:
    """Remove an element, the heading of which it was the last, and a box of which no more than a label is left."""
    parent, before, after = element.getparent(), element.getprevious(), element.getnext()
    measures.drop(element)
    headed = before is not None and before.tag in HEADINGS and not (before.tail and before.tail.strip())
    if headed and (after is None or after.tag in _ENDS):
        measures.drop(before)
    if (
        parent is not None
        and parent.tag in _EMPTIED
        and parent not in measures.heads
        and measures.size[parent] <= _LABEL
        and not _SENTENCE_END.search(text_in(parent))
    ):
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
