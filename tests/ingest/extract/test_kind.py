"""Pages that are no whole article: what they are called, and why they are skipped."""

import pytest

from ingest.extract import Extraction, extract

PROSE = (
    "<p>"
    + "The two ministers met in the harbour town on Tuesday and agreed to open the bridge to trucks. " * 3
    + "</p>"
)
LOCKED = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"h","isAccessibleForFree":%s%s}</script>'


def read(body: str, head: str = "", url: str = "https://news.example/world/a", **more: str) -> Extraction:
    return extract(
        f"<html lang='en'><head><title>Bridge</title>{head}</head><body>{body}</body></html>", url=url, **more
    )


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"%PDF-1.7 ...", None, "another type"),
        (b"\x89PNG\r\n", "text/html", "another type"),
        (b"<p>x</p>", "application/pdf", "application/pdf"),
        (b"<p>x</p>", "image/webp; q=1", "image/webp"),
        (b'{"a": 1}', None, "JSON"),
        (b"<?xml version='1.0'?><rss version='2.0'><channel/></rss>", "text/xml", "feed"),
        (b"<?xml version='1.0'?><urlset></urlset>", None, "sitemap"),
        (b"", "text/html", "empty"),
        (b"  \n\t ", "text/html", "empty"),
        (b"just words and nothing else", "text/plain", "not an HTML page"),
        (b"<html></html>", "text/html", "No article text"),
        (b"<html><head><title>t</title></head><body><div></div></body></html>", "text/html", "No article text"),
    ],
)
def test_what_holds_no_article_is_skipped_with_a_reason(body: bytes, content_type: str | None, reason: str) -> None:
    found = extract(body, url="https://news.example/a", content_type=content_type)
    assert found.text == ""
    assert found.skip_reason is not None
    assert reason in found.skip_reason


def test_too_large_a_page_is_not_parsed() -> None:
    found = extract(b"<html><body>" + b"<p>x</p>" * 700_000, url="https://news.example/a")
    assert "larger than" in str(found.skip_reason)
    found = extract(b"<html><body>" + b"<br>" * 200_000, url="https://news.example/a")
    assert "200,002 elements" in str(found.skip_reason)


def test_a_url_that_is_none_is_the_callers_error() -> None:
    with pytest.raises(ValueError, match="http"):
        extract("<p>x</p>", url="file:///etc/passwd")


def test_stub_behind_a_paywall_keeps_its_text_and_is_marked() -> None:
    box = "<div class='paywall-overlay'><p>Subscribe to keep reading this story.</p></div>"
    found = read(PROSE + box)
    assert (found.kind, found.skip_reason) == ("paywall", None)
    assert found.text.startswith("The two ministers met")
    assert "Subscribe" not in found.text


def test_request_in_the_text_is_enough() -> None:
    assert read(PROSE + "<p>This article is only available to subscribers.</p>").kind == "paywall"


def test_locked_part_that_was_delivered_is_an_article() -> None:
    head = LOCKED % ("false", ',"hasPart":{"isAccessibleForFree":false,"cssSelector":".premium"}')
    assert read(f"<div class='premium'>{PROSE * 2}</div>", head).kind == "article"
    assert read(f"<div class='free'>{PROSE}</div>", head).kind == "paywall"


def test_long_text_with_an_offer_is_an_article() -> None:
    paragraphs = "".join(
        f"<p>Day {n} of the talks: the two ministers met in the harbour town and agreed on point {n}.</p>"
        for n in range(60)
    )
    box = "<div class='paywall-overlay'><p>Subscribe to keep reading this story.</p></div>"
    assert read(paragraphs + box).kind == "article"


@pytest.mark.parametrize(
    ("head", "url", "body"),
    [
        (
            '<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"h"}</script>',
            "https://news.example/a",
            PROSE,
        ),
        (
            "",
            "https://news.example/live/summit",
            f"<div class='live-post'>{PROSE}</div><div class='live-post'><p>More of it.</p></div>",
        ),
    ],
)
def test_live_blogs(head: str, url: str, body: str) -> None:
    found = read(body, head, url)
    assert (found.kind, found.skip_reason) == ("live", None)


def test_live_in_a_url_alone_is_no_live_blog() -> None:
    assert read(PROSE, url="https://news.example/world/live-fire-exercise-ends").kind == "article"


def test_listings() -> None:
    links = "".join(
        f"<div><h3><a href='/{n}'>Headline number {n} about the harbour town</a></h3><p>Short.</p></div>"
        for n in range(20)
    )
    assert read(links, url="https://news.example/category/world").kind == "listing"
    found = read(links)
    assert found.kind == "listing"
    assert "20 headlines" in str(found.skip_reason)
    assert read(PROSE * 3 + links, "<meta property='og:type' content='article'>").kind == "article"
