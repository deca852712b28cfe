"""What stands around an article, cut from the tree before its body is looked for.

Elements are recognised by structure (forms, hidden parts, landmarks), by the words in their class and id, and by the
heading over them. Nothing is cut that holds the page's main heading or a large share of its prose: class names lie,
and a wrapper called `with-newsletter` is often the whole article.
"""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from lxml.etree import Element, strip_elements
from lxml.html import HtmlElement

from ingest.extract.page import Page, names_of
from ingest.extract.tail import is_foot_heading
from ingest.extract.words import key

MAX_SHARE = 0.3
"""Share of the page's prose that an element may hold and still be cut by its name."""
PROSE = 80
"""Code points from which a paragraph counts as prose."""


def _split(patterns: str) -> list[str]:
    """Patterns apart at white space that is not inside brackets."""
    return re.findall(r"(?:\[[^\]]*\]|\S)+", patterns)


_CLUTTER_NAMES = {
    "sharing and following": r"""share sharing sharer? shareb(?:ar|uttons?) sharedaddy addtoany addthis follow[ -]us
        social(?:[ -](?:media|links|icons|bar|buttons|share|follow|tools))?""",
    "comments": r"""comments?(?:[ -](?:area|section|list|form|wrapper|container|count|thread|respond))? commentform
        commentlist respond disqus coral""",
    "newsletters and subscription": r"""newsletters? news[ -]letter sign[ -]?up mailing[ -]list mailchimp mc4wp
        subscribe email[ -]capture""",
    "other articles": r"""related recommend(?:ed|ations?|er)? read[ -]?more also[ -](?:read|like) see[ -]also
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
        poll quiz rating copyright disclaimer correction[ -]form feedback""",
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
_FURNITURE = frozenset(("nav", "button", "dialog"))
_UNSEEN = ("script", "style", "svg", "noscript", "iframe", "template", "canvas", "object", "select")
_SCOPES = frozenset(("body", "html", "article", "main"))
_LINKING = frozenset(("ul", "ol", "div", "a", "p", "section"))
_HEADINGS = ("h2", "h3", "h4", "h5", "h6", "legend")
_LISTS = frozenset(("ul", "ol"))
_SENTENCE = re.compile(r"[.!?。！？؟।][\"”’»')\]]*$")


def cut_clutter(page: Page, title: str = "", *, live: bool = False) -> None:
    """Remove from `page.tree`, in place, what is not the article that `title` heads.

    In a `live` blog several articles are one.
    """
    tree = page.tree
    strip_elements(tree, *_UNSEEN, with_tail=False)
    if not live:
        _cut_other_articles(tree, title)
    prose, heads = _measure(page)
    limit = max(2 * PROSE, MAX_SHARE * prose[tree])
    named = [e for e, names in page.named if e.tag in _BOXES and _is_named(names)]
    for element in (*named, *(e for e in tree.iter(Element) if _is_marked(e))):
        if not _is_attached(element, tree):
            continue
        if element in heads:
            # It holds the article, whatever it is called; trafilatura would believe the name.
            element.attrib.pop("class", None)
            element.attrib.pop("id", None)
        elif prose[element] <= limit or _is_consent_box(element, prose, prose[tree]):
            element.drop_tree()
    for heading in [e for e in tree.iter(*_HEADINGS) if is_foot_heading(_text(e))]:
        if _is_attached(heading, tree):
            _cut_under(heading, limit, prose, heads)
    for element in [e for e in tree.iter("p", "ul", "ol") if _is_teaser(e)]:
        if _is_attached(element, tree):
            element.drop_tree()


def _measure(page: Page) -> tuple[dict[HtmlElement, int], frozenset[HtmlElement]]:
    """The prose under each element, and the elements that hold a main heading."""
    prose = dict.fromkeys(page.elements, 0)
    for element in reversed(page.elements):
        if element.tag == "p":
            prose[element] += _own_prose(element)
        if (parent := element.getparent()) is not None:
            prose[parent] += prose[element]
    return prose, frozenset(a for h in page.tree.iter("h1") for a in (h, *h.iterancestors()))


def _cut_other_articles(tree: HtmlElement, title: str) -> None:
    """Keep one of several `<article>` elements that each have a main heading: sites append the next stories to a
    page."""
    articles = [a for a in tree.iter("article") if a.find(".//h1") is not None and a.find(".//article//h1") is None]
    if len(articles) < 2:
        return
    wanted = key(title)
    own = next((a for a in articles if wanted and key(_text(a.find(".//h1"))) == wanted), articles[0])
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
    if (style := element.get("style")) and "display:none" in style.replace(" ", "").lower():
        return True
    return tag == "form" and next(element.iter("input", "textarea"), None) is not None


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
        return len(items) > 1 and all(_is_headline(item, kicker=True) for item in items)
    return _is_headline(element, kicker=False)


def _is_headline(element: HtmlElement, *, kicker: bool) -> bool:
    """Whether an element is one link that is no sentence, with nothing but a `Kicker:` before it where that is
    allowed."""
    links = list(element.iter("a"))
    text = _text(element)
    if len(links) != 1 or len(text) < 20 or _SENTENCE.search(text):
        return False
    linked = _text(links[0])
    before = text[: -len(linked)].strip() if linked and text.endswith(linked) else ""
    return len(linked) >= 0.9 * len(text) or (kicker and len(linked) >= 15 and before.endswith((":", "|")))


def _cut_under(
    heading: HtmlElement, limit: float, prose: Mapping[HtmlElement, int], heads: Collection[HtmlElement]
) -> None:
    """Cut a foot heading with what it heads: its box if that is small, else the lists and links that follow it."""
    box, parent = heading, heading.getparent()
    while parent is not None and parent.tag not in _SCOPES and prose[parent] <= limit / 2 and parent not in heads:
        box, parent = parent, parent.getparent()
    if box is heading:
        following = heading.getnext()
        while following is not None and following.tag in _LINKING and not prose.get(following) and _has_link(following):
            after = following.getnext()
            following.drop_tree()
            following = after
    if box.getparent() is not None:
        box.drop_tree()


def _has_link(element: HtmlElement) -> bool:
    return element.tag == "a" or element.find(".//a") is not None


def prose_in(element: HtmlElement) -> int:
    """Code points of running text under `element`: its paragraphs of some length that are not mostly links."""
    return sum(map(_own_prose, element.iter("p")))


def _own_prose(paragraph: HtmlElement) -> int:
    length = len(_text(paragraph))
    if length < PROSE or sum(len(a.text_content()) for a in paragraph.iter("a")) >= 0.6 * length:
        return 0
    return length


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _is_attached(element: HtmlElement, tree: HtmlElement) -> bool:
    """Whether an element is still part of the tree: it may have gone with one around it."""
    top = element
    while (parent := top.getparent()) is not None:
        top = parent
    return top is tree or top is tree.getroottree().getroot()
