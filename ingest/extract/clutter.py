"""What stands around an article, cut from the tree before its body is looked for.

Elements are recognised by structure (forms, hidden parts, landmarks), by the words in their class and id, and by the
heading over them. Nothing is cut that holds the page's main heading or a large share of its prose: class names lie,
and a wrapper called `with-newsletter` is often the whole article.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from lxml.etree import Element, strip_elements
from lxml.html import HtmlElement

from ingest.extract.asks import cut_asks
from ingest.extract.cards import cut_cards, cut_link_runs
from ingest.extract.measure import HEADINGS, PROSE, Measures, is_attached, leads_away, measure, text_in
from ingest.extract.opening import cut_above, cut_dateline
from ingest.extract.page import Page, names_of
from ingest.extract.tail import is_foot_heading
from ingest.extract.words import key

MAX_SHARE = 0.3
"""Share of the page's prose that an element may hold and still be cut by its name."""
_ITEM = 500
"""Code points of an item of a list of other stories, at most."""


def _split(patterns: str) -> list[str]:
    """Patterns apart at white space that is not inside brackets."""
    return re.findall(r"(?:\[[^\]]*\]|\S)+", patterns)


_CLUTTER_NAMES = {
    "sharing and following": r"""share sharing sharer? shareb(?:ar|uttons?) sharedaddy addtoany addthis follow[ -]us
        social(?:[ -](?:media|links|icons|bar|buttons|share|follow|tools))?""",
    "comments": r"""comments?(?:[ -](?:area|section|list|form|wrapper|container|count|thread|respond))? commentform
        commentlist respond disqus coral""",
    "newsletters and subscription": r"""newsletters? news[ -]letter sign[ -]?up mailing[ -]list mailchimp mc4wp
        subscribe email[ -]capture push[ -](?:prompt|notifications?|box) app[ -](?:promo|banner|download)""",
    "other articles": r"""related(?:posts?|articles?|stories|news|content)? rel[ -]?posts? yarpp crp[ -]related
        post[ -]?blocks? jeg[ -]postblock recommend(?:ed|ations?|er)? read[ -]?more also[ -](?:read|like) see[ -]also
        you[ -]may up[ -]next read[ -]next further[ -]reading more[ -](?:from|on|stories|like|news|in|articles|posts)
        (?:next|previous|prev)[ -](?:article|story|post|link) post[ -]nav(?:igation)? trending popular
        most[ -](?:read|viewed|popular|shared|recent) latest[ -](?:news|stories|posts) teasers? outbrain taboola
        top[ -]stories editors?[ -]picks? promo(?:s|box|tion)? recirc(?:ulation)? onward
        (?:inline|article|story|text)[ -]links? linkbox""",
    "advertising": r"""advert(?:s|isement|isements|ising)? dfp sponsor(?:ed)? affiliate
        ads?[ -](?:slot|unit|container|wrapper|block|label|placement|zone)""",
    "a site's furniture": r"""bread[ -]?crumbs? tag[ -]?(?:list|cloud|links?|s) topics?[ -](?:list|links)
        about[ -]author
        author[ -](?:bio|box|info|card|description|details) skip[ -](?:link|to[ -]\w+) print[ -]only toolbar tooltip
        poll quiz rating copyright rights disclaimer correction[ -]form feedback""",
    "captions": r"""(?:image|photo|picture|media|wp|figure|video|img)[ -](?:caption|credit|credits|source|copyright)
        caption figcaption credit""",
    "for screen readers": r"""sr[ -]only visually[ -]hidden screen[ -]reader(?:[ -]text)? a11y[ -]hidden u[ -]hidden
        offscreen""",
}
_NAMED = re.compile(rf"(?<![a-z])(?:{'|'.join('|'.join(_split(p)) for p in _CLUTTER_NAMES.values())})(?![a-z])")
_BOXES = frozenset(
    ("div", "section", "aside", "ul", "ol", "dl", "p", "span", "nav", "form", "header", "footer", "figure",
     "figcaption", "details", "h2", "h3", "h4", "h5", "h6", "a", "button", "table")
)  # fmt: skip
_LANDMARKS = frozenset(
    ("complementary", "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar",
     "toolbar")
)  # fmt: skip
_CONSENT = re.compile(
    r"(?<![a-z])(?:cookies?|consent|gdpr|ccpa|onetrust|didomi|usercentrics|quantcast)(?![a-z])|"
    r"privacy[ -](?:modal|banner|popup|center|notice|overlay)"
)
_FURNITURE = frozenset(
    ("nav", "dialog", "amp-sidebar", "amp-user-notification", "amp-consent", "amp-social-share", "amp-ad")
)
_UNSEEN = ("script", "style", "svg", "noscript", "iframe", "template", "canvas", "object", "select")
_SCOPES = frozenset(("body", "html", "article", "main"))
_LINKING = frozenset(("ul", "ol", "div", "a", "p", "section"))
_FOOT_HEADINGS = (*HEADINGS, "legend")
_LISTS = frozenset(("ul", "ol"))
_PUNCTUATION = " :|>»–—-[("
_SENTENCE = re.compile(r"[.!?。！？؟।][\"”’»')\]]*$")


def cut_clutter(page: Page, title: str = "", *, live: bool = False) -> bool:
    """Remove from `page.tree`, in place, what is not the article that `title` heads.

    In a `live` blog several articles are one. Returns whether a box went that asks to subscribe in order to read on.
    """
    tree = page.tree
    strip_elements(tree, *_UNSEEN, with_tail=False)
    if not live:
        _cut_other_articles(tree, title)
    measures = measure(tree, page.elements, title)
    _cut_named(page, measures)
    prompts = cut_asks(tree, measures)
    _cut_forms(tree, measures)
    cut_above(tree, measures)
    cut_dateline(tree, measures)
    cut_cards(page, measures, live=live)
    cut_link_runs(tree, measures)
    limit = max(2 * PROSE, MAX_SHARE * measures.prose[tree])
    for heading in [e for e in tree.iter(*_FOOT_HEADINGS) if is_foot_heading(text_in(e))]:
        if is_attached(heading, tree):
            _cut_under(heading, limit, measures)
    for element in [e for e in tree.iter("p", "ul", "ol") if _is_teaser(e)]:
        if is_attached(element, tree):
            measures.drop(element)
    return prompts


def _cut_forms(tree: HtmlElement, measures: Measures) -> None:
    """Cut buttons and forms; a form around the whole page, as some servers write it, becomes a plain block."""
    for element in list(tree.iter("button", "form")):
        if not is_attached(element, tree):
            continue
        if element in measures.heads or measures.size[element] > measures.size[tree] / 2:
            element.tag = "div"
        elif not measures.prose[element]:
            measures.drop(element)


def _cut_named(page: Page, measures: Measures) -> None:
    """Cut what is clutter by its name or by what it is."""
    tree, prose = page.tree, measures.prose
    total = prose[tree]
    limit = max(2 * PROSE, MAX_SHARE * total)
    named = [e for e, names in page.named if e.tag in _BOXES and _is_named(names)]
    for element in (*named, *(e for e in tree.iter(Element) if _is_marked(e))):
        if not is_attached(element, tree):
            continue
        if element in measures.heads:
            # It holds the article, whatever it is called; trafilatura would believe the name.
            element.attrib.pop("class", None)
            element.attrib.pop("id", None)
        elif prose[element] <= limit or _is_consent_box(element, prose, total):
            measures.drop(element)


def _cut_other_articles(tree: HtmlElement, title: str) -> None:
    """Keep one of several `<article>` elements that each have a main heading: sites append the next stories to a
    page."""
    articles = [a for a in tree.iter("article") if a.find(".//h1") is not None and a.find(".//article//h1") is None]
    if len(articles) < 2:
        return
    wanted = key(title)
    own = next((a for a in articles if wanted and key(text_in(a.find(".//h1"))) == wanted), articles[0])
    for article in articles:
        if article is not own:
            article.drop_tree()


def _is_marked(element: HtmlElement) -> bool:
    """Whether an element is clutter by what it is, whatever it is called."""
    tag = element.tag
    if tag in _FURNITURE or element.get("hidden") is not None:
        return True
    if (role := element.get("role")) and role.lower() in _LANDMARKS:
        return True
    style = element.get("style")
    return style is not None and "display:none" in style.replace(" ", "").lower()


@lru_cache(maxsize=16_384)
def _is_named(names: str) -> bool:
    return len(names) > 2 and bool(_NAMED.search(names) or _CONSENT.search(names))


def _is_consent_box(element: HtmlElement, prose: Mapping[HtmlElement, int], total: int) -> bool:
    """Whether an element asks for consent and is not the article: such boxes are often longer than the article."""
    if not _CONSENT.search(names_of(element)) or element.find(".//article") is not None:
        return False
    return total - prose[element] >= 2 * PROSE


def _is_teaser(element: HtmlElement) -> bool:
    """Whether a paragraph or a list is nothing but links of headline length: what it names stands on other pages."""
    if element.tag in _LISTS:
        items = element.findall("li")
        return len(items) > 1 and (
            all(_is_headline(item, kicker=True) for item in items) or all(map(_begins_with_headline, items))
        )
    return _is_headline(element, kicker=False)


def _is_headline(element: HtmlElement, *, kicker: bool) -> bool:
    """Whether an element is one link that is no sentence, with nothing but a `Kicker:` before it where that is
    allowed; with `Read also` before it, it may be a sentence."""
    links = list(element.iter("a"))
    if len(links) != 1:
        return False
    text, linked = text_in(element), text_in(links[0])
    if len(text) < 20 or not linked:
        return False
    before = text[: -len(linked)].strip() if text.endswith(linked) else ""
    if before and is_foot_heading(before.rstrip(_PUNCTUATION)):
        return True
    if _SENTENCE.search(text):
        return False
    return len(linked) >= 0.9 * len(text) or (kicker and len(linked) >= 15 and before.endswith((":", "|")))


def _begins_with_headline(item: HtmlElement) -> bool:
    """Whether a list's item is a link of headline length with a sentence of its own behind it."""
    links, text = list(item.iter("a")), text_in(item)
    if len(links) != 1 or len(linked := text_in(links[0])) < 20 or not text.startswith(linked):
        return False
    behind = text[len(linked) :].strip(_PUNCTUATION)
    return len(text) <= _ITEM and (not behind or behind[0].isupper()) and not _SENTENCE.search(linked)


def _cut_under(heading: HtmlElement, limit: float, measures: Measures) -> None:
    """Cut a foot heading with what it heads: its box if that is small or holds nothing but items that lead to other
    pages, else the lists and links that follow it."""
    box, parent = heading, heading.getparent()
    while parent is not None and parent.tag not in _SCOPES and parent not in measures.heads:
        if measures.prose[parent] > limit / 2 and not _heads_items(box, measures):
            break
        box, parent = parent, parent.getparent()
    if box is heading:
        following = heading.getnext()
        while following is not None and following.tag in _LINKING and _is_linked(following, measures):
            after = following.getnext()
            measures.drop(following)
            following = after
    if box.getparent() is not None:
        measures.drop(box)


def _heads_items(box: HtmlElement, measures: Measures) -> bool:
    """Whether `box` begins what it stands in, and every paragraph after it is part of an item that links to another
    page."""
    if any(measures.prose[e] for e in box.itersiblings(Element, preceding=True)):
        return False
    return all(_is_item(e, measures) for e in box.itersiblings(Element) if measures.prose[e])


def _is_item(element: HtmlElement, measures: Measures) -> bool:
    """Whether an element is one story told in a card, or several such."""
    if element.tag == "p":
        return False
    if measures.size[element] <= _ITEM:
        return any(map(leads_away, element.iter("a")))
    return len(element) > 1 and all(_is_item(child, measures) for child in element if measures.prose[child])


def _is_linked(element: HtmlElement, measures: Measures) -> bool:
    """Whether what follows a foot heading belongs to it: links without prose, or cards."""
    return (_has_link(element) and not measures.prose[element]) or _is_item(element, measures)


def _has_link(element: HtmlElement) -> bool:
    return element.tag == "a" or element.find(".//a") is not None
