"""Markup that nobody meant: nothing raises, nothing hangs, nothing unstorable comes out."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.extract import Extraction, extract

URL = "https://news.example/a"
PROSE = (
    "<p>The two ministers met in the harbour town on Tuesday and agreed to open the bridge to trucks from Monday.</p>"
)
TAGS = (
    "div",
    "p",
    "article",
    "h1",
    "h2",
    "ul",
    "li",
    "table",
    "td",
    "a",
    "script",
    "title",
    "time",
    "form",
    "br",
    "section",
    "body",
    "html",
)
PIECES = st.one_of(
    st.sampled_from(TAGS).map(lambda t: f"<{t}>"),
    st.sampled_from(TAGS).map(lambda t: f"</{t}>"),
    st.sampled_from(
        [
            "<div class='related comments share'>", "<div id=respond>", "<div class='paywall' hidden>",
            "<link rel=canonical href='//'>", "<meta property='og:title' content='x | y'>",
            "<meta property='article:published_time' content='2026-99-99'>", "<time datetime='2026-01-01T25:00'>",
            '<script type="application/ld+json">{"@type":"NewsArticle","author":[null,{"name":[1]}]}</script>',
            '<script type="application/ld+json">[[["', "<!--", "-->", "<![CDATA[", "&#0;", "&#xD800;", "&nbsp;", "\x00",
            "\ud800", "Read more: x", PROSE,
        ]
    ),
    st.text(max_size=30),
)  # fmt: skip


def check(found: Extraction) -> None:
    for text in (found.title, found.text, found.site_name or "", *found.authors):
        text.encode("utf-8")
        assert unicodedata.is_normalized("NFC", text)
        assert not any(ord(c) < 32 and c != "\n" for c in text)
        assert "\u200b" not in text
    assert all(line.strip() == line and line for line in found.text.split("\n") if found.text)
    assert "\n" not in found.title
    assert (found.skip_reason is None) == bool(found.text)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_tag_soup(page: str) -> None:
    found = extract(page, url=URL)
    check(found)
    assert extract(page, url=URL) == found


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=600),
    st.sampled_from([None, "text/html", "text/html; charset=utf-16", "application/xhtml+xml; charset=gb2312"]),
)
def test_bytes(body: bytes, content_type: str | None) -> None:
    check(extract(body, url=URL, content_type=content_type))
    check(extract(b"<html><body><article><h1>t</h1>" + PROSE.encode() + body, url=URL, content_type=content_type))


@pytest.mark.parametrize(
    "page",
    [
        "<div class='related'>" * 3000 + PROSE * 300,
        "<div class='related share'>" * 240 + PROSE * 3000,
        "<ul><li>" * 1500 + PROSE * 100,
        "<h2>Related</h2><p><a href='/x'>A headline of some length is here</a></p>" * 2000 + PROSE,
        "<time datetime='x'>y</time>" * 8000 + PROSE,
        "<p>" + "Subscribe to " * 30_000 + "</p>" + PROSE,
        "<p>" + "a-" * 200_000 + "</p>" + PROSE,
        "<div class='" + "live-blog-share " * 20_000 + "'>" + PROSE,
        '<script type="application/ld+json">' + '{"@graph":[' * 50_000 + "</script>" + PROSE,
        '<script type="application/ld+json">['
        + '{"@type":"NewsArticle","headline":"x","url":"https://news.example/b"},' * 5000
        + "{}]</script>"
        + PROSE,
        "<span class=date>" + "1 1 1 January " * 20_000 + "</span>" + PROSE,
        "<a rel=author>By A B</a>" * 8000 + PROSE,
        "<meta name=author content='" + "By A and B, " * 20_000 + "'>" + PROSE,
        "<title>" + " | a" * 40_000 + "</title>" + PROSE,
    ],
    ids=lambda page: page[:30],
)
def test_hostile_pages_cost_no_more_than_a_few_seconds(page: str) -> None:
    start = time.process_time()
    found = extract(f"<html><body><main><h1>Bridge</h1>{page}</main></body></html>", url=URL)
    check(found)
    assert time.process_time() - start < 5
