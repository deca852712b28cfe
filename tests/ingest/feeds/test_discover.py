"""Finding the feeds of a site from one of its pages."""

import pytest

from ingest.feeds.discover import FoundFeed, find_feeds

PAGE = b"""<html><head><base href="https://www.paper.example/start/">
<link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">
<link rel="alternate" type="application/rss+xml; charset=utf-8" title="World &amp; more" href="world.rss?utm_source=x">
<link rel="ALTERNATE home" type="Application/Atom+XML" href="https://feeds.paper.example/all">
<link rel="alternate" type="application/json" href="/wp-json/x"><link rel="alternate" hreflang="fr" href="/fr/">
<link rel="alternate" type="application/rss+xml" href="javascript:alert(1)"></head>
<body><a href="/rss">RSS</a> <a href="/sport/index.rdf">Sport</a> <a href="/about">About</a>
<a href="world.rss">again</a><a href="mailto:a@b.example">x</a></body></html>"""


def test_declared_feeds_come_before_links_that_look_like_feeds() -> None:
    assert find_feeds(PAGE, url="https://paper.example/") == [
        FoundFeed("https://www.paper.example/start/world.rss", "World & more", True),
        FoundFeed("https://feeds.paper.example/all", None, True),
        FoundFeed("https://www.paper.example/comments/feed/", "Comments", True),
        FoundFeed("https://www.paper.example/rss", "RSS", False),
        FoundFeed("https://www.paper.example/sport/index.rdf", "Sport", False),
    ]


@pytest.mark.parametrize(
    "body", [b"", b"  ", b"\x00\xff", b"<rss/>", b"<a href='http://[bad'>feed</a>", b"<base href='http://[bad'>"]
)
def test_pages_without_feeds(body: bytes) -> None:
    assert find_feeds(body, url="https://paper.example/") == []
