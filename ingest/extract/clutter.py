"""What stands around an article, cut from the tree before its body is looked for.

Elements are recognised by structure (forms, hidden parts, landmarks), by the words in their class and id, and by the heading
over them. Nothing is cut that holds the page's main heading or a large share of its prose: class names lie, and a
wrapper called `with-newsletter` is often the whole article.
"""

import re

from lxml.html import HtmlElement

MAX_SHARE = 0.3
"""Share of the page's prose that an element may hold and still be cut by its name."""
PROSE = 80
"""Code points from which a paragraph counts as prose."""

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMED = re.compile(
    r"(?<![a-z])(?:"
    # sharing and following
    r"share|sharing|sharer?|shareb(?:ar|uttons?)|sharedaddy|addtoany|addthis|social(?:[ -](?:media|links|icons|bar|buttons|share|follow|tools))?|follow[ -]us|"
    # comments
    r"comments?(?:[ -](?:area|section|list|form|wrapper|container|count|thread|respond))?|commentform|commentlist|respond|disqus|coral|"
    # newsletters and subscription boxes
    r"newsletters?|news[ -]letter|sign[ -]?up|mailing[ -]list|mailchimp|mc4wp|subscribe|email[ -]capture|"
    # consent
    r"cookies?|consent|gdpr|onetrust|"
    # other articles
    r"related|recommend(?:ed|ations?|er)?|read[ -]?more|more[ -](?:from|on|stories|like|news|in|articles|posts)|also[ -](?:read|like)|see[ -]also|"
    r"you[ -]may|up[ -]next|(?:next|previous|prev)[ -](?:article|story|post|link)|post[ -]nav(?:igation)?|trending|popular|most[ -](?:read|viewed|popular|shared|recent)|"
    r"latest[ -](?:news|stories|posts)|teasers?|outbrain|taboola|top[ -]stories|editors?[ -]picks?|promo(?:s|box|tion)?|recirc(?:ulation)?|onward|"
    r"(?:inline|article|story|text)[ -]links?|linkbox|read[ -]next|further[ -]reading|"
    # advertising
    r"advert(?:s|isement|isements|ising)?|ads?[ -](?:slot|unit|container|wrapper|block|label|placement|zone)|dfp|sponsor(?:ed)?|affiliate|"
    # the rest of a site's furniture
    r"bread[ -]?crumbs?|tag[ -]?(?:list|cloud|links?|s)|topics?[ -](?:list|links)|author[ -](?:bio|box|info|card|description|details)|about[ -]author|"
    r"skip[ -](?:link|to[ -]\w+)|print[ -]only|toolbar|tooltip|poll|quiz|rating|copyright|disclaimer|correction[ -]form|feedback|"
    r"(?:image|photo|picture|media|wp|figure|video|img)[ -](?:caption|credit|credits|source|copyright)|caption|figcaption|credit|"
    r"sr[ -]only|visually[ -]hidden|screen[ -]reader(?:[ -]text)?|a11y[ -]hidden|u[ -]hidden|offscreen"
    r")(?![a-z])",
)
_BOXES = frozenset(
    ["div", "section", "aside", "ul", "ol", "dl", "p", "span", "nav", "form", "header", "footer", "figure", "figcaption", "details", "h2", "h3", "h4", "h5", "h6", "a", "button", "table"]
)
_LANDMARKS = frozenset(
    ["complementary", "navigation", "banner", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar", "toolbar"]
)
_FOOT = re.compile(
    r"^\W*(?:leave a (?:reply|comment)|(?:post|add|write) a comment|comments?|(?:join|start) the (?:conversation|discussion)|share (?:this|post|on)\b.{0,30}|share|"
    r"related(?: (?:articles?|stories|posts?|news|topics?|content|coverage|links?|reading))?|more like this(?: related)?|you (?:may|might) (?:also )?(?:like|be interested in).{0,20}|"
    r"(?:most )?(?:popular|read|viewed|shared)(?: (?:articles?|stories|posts?|now|today))?|trending(?: now| stories)?|recommended(?: (?:for you|stories|articles|reading))?|"
    r"read (?:more|next|also)|see also|also read|more (?:from|on|in|stories|news|about|coverage)\b.{0,40}|latest (?:news|stories|articles|posts|headlines)|top stories|editor'?s'? picks?|"
    r"up next|don't miss|in this (?:story|article)|what to read next|further reading|around the web|from around the web|from our partners|sponsored(?: content| stories)?|"
    r"subscribe.{0,40}|sign up.{0,60}|newsletters?|get (?:our|the) .{0,30}newsletter.{0,20}|follow us.{0,30}|about the author.{0,20}|tags|topics|categories|"
    r"mehr zum thema|lesen sie (?:auch|mehr).{0,20}|das könnte (?:sie|dich) auch interessieren|meistgelesen|auch interessant|weitere (?:artikel|meldungen|themen)|kommentare?|"
    r"à lire (?:aussi|également)|lire aussi|sur le même (?:sujet|thème)|articles? (?:liés|similaires|recommandés)|les plus lus|commentaires?|"
    r"te puede interesar|lee también|noticias relacionadas|artículos relacionados|más (?:noticias|leídas?|información)|comentarios|"
    r"leggi anche|potrebbe interessarti.{0,20}|articoli correlati|leia (?:também|mais)|veja também|notícias relacionadas|"
    r"lees (?:ook|meer)|gerelateerde? .{0,20}|les også|læs også|läs (?:också|mer)|relaterade? .{0,20}|czytaj (?:też|także|więcej)|zobacz (?:też|także)|přečtěte si|související.{0,20}|"
    r"читайте (?:также|ещё|еще)|читайте також|ilgili haberler|benzer haberler)\W*$",
    re.IGNORECASE,
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6", "strong", "b", "p", "div", "span", "legend")


def cut_clutter(tree: HtmlElement) -> None:
    """Remove from `tree`, in place, what is not the article."""
    prose = _prose(tree)
    limit = max(2 * PROSE, MAX_SHARE * prose)
    doomed: list[HtmlElement] = []
    for element in tree.iter(*_BOXES):
        if _is_clutter(element):
            doomed.append(element)
    gone: set[HtmlElement] = set()
    for element in doomed:
        if element.getparent() is None or any(a in gone for a in element.iterancestors()):
            continue
        if _prose(element) <= limit and element.find(".//h1") is None:
            gone.add(element)
            _remove(element)
    for heading in [
        e
        for e in tree.iter("h2", "h3", "h4", "h5", "h6", "legend")
        if is_foot_heading(" ".join(e.text_content().split()))
    ]:
        _cut_under(heading, limit)


def is_foot_heading(text: str) -> bool:
    """Whether a short text is the heading over something that is not the article: `Related stories`, `Leave a reply`."""
    return 0 < len(text) <= 80 and bool(_FOOT.match(text.replace("’", "'")))


def _is_clutter(element: HtmlElement) -> bool:
    tag = element.tag
    if tag in ("nav", "button", "dialog"):
        return True
    if element.get("hidden") is not None or (element.get("role") or "").lower() in _LANDMARKS:
        return True
    style = element.get("style")
    if style and "display:none" in style.replace(" ", "").lower():
        return True
    if tag == "form":
        return next(element.iter("textarea", "select"), None) is not None or element.find(".//input") is not None
    names = f"{element.get('class') or ''} {element.get('id') or ''}"
    if len(names) < 3:
        return False
    return bool(_NAMED.search(_CAMEL.sub("-", names).replace("_", "-").lower().replace("--", "-")))


def _cut_under(heading: HtmlElement, limit: float) -> None:
    """Cut a foot heading with what it heads: its box if that is small, else the lists and links that follow it."""
    box, parent = heading, heading.getparent()
    if parent is None:
        return
    while (
        parent is not None
        and parent.tag not in ("body", "html", "article", "main")
        and _prose(parent) <= limit / 2
        and parent.find(".//h1") is None
    ):
        box, parent = parent, parent.getparent()
    if box is heading:
        following = heading.getnext()
        while (
            following is not None
            and _prose(following) == 0
            and following.tag in ("ul", "ol", "div", "a", "p", "section")
            and following.find(".//a") is not None
        ):
            nxt = following.getnext()
            _remove(following)
            following = nxt
    _remove(box)


def _prose(element: HtmlElement) -> int:
    """Code points of running text under `element`: its paragraphs of some length, links counted out."""
    total = 0
    for paragraph in element.iter("p"):
        length = len(" ".join(paragraph.itertext()).strip())
        if length >= PROSE:
            links = sum(len(a.text_content()) for a in paragraph.iter("a"))
            total += length if links < 0.6 * length else 0
    return total


def _remove(element: HtmlElement) -> None:
    """Take `element` out and leave its tail, the text that follows it."""
    if element.getparent() is not None:
        element.drop_tree()
