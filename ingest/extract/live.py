"""A live blog's posts, made one article: extractors take the first post for the whole, and drop the posts' headings."""

from collections.abc import Iterator

from lxml.etree import Element
from lxml.html import HtmlElement

from ingest.extract.measure import HEADINGS

_POSTS = frozenset(("article", "div", "li", "section"))
_FEEDS = frozenset(("div", "section", "main", "ol", "ul", "amp-live-list", "article", "body"))


def join_posts(tree: HtmlElement, title: str) -> None:
    """Rebuild in place: the element that holds the most posts becomes the page's one `<article>`, its posts plain
    blocks with their headings, without the time of each."""
    feeds = [(len(posts), e) for e in tree.iter(*_FEEDS) if len(posts := list(_posts(e))) > 1]
    if not feeds:
        return
    feed = max(feeds, key=lambda pair: pair[0])[1]
    for post in list(_posts(feed)):
        for element in list(post.iter("article", "header", "hgroup", "time", "footer")):
            if element is not post and element.tag in ("time", "footer"):
                element.drop_tree()
            else:
                _plain(element)
        _plain(post)
    for other in list(feed.iterancestors("article")):
        _plain(other)
    if feed.tag != "body":
        _plain(feed)
        feed.tag = "article"


def _plain(element: HtmlElement) -> None:
    element.tag = "div"
    element.attrib.clear()


def _posts(feed: HtmlElement) -> Iterator[HtmlElement]:
    """The children that are told with a time or under a heading, in paragraphs."""
    for child in feed.iterchildren(Element):
        told = child.tag in _POSTS and child.find(".//p") is not None
        if told and next(child.iter("time", *HEADINGS), None) is not None:
            yield child
