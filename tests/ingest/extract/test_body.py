"""What of a page is its article, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract import extract
from ingest.extract.tail import clean_lines, is_foot_heading

P1 = "The two ministers met in the harbour town on Tuesday and agreed to open the bridge to trucks from Monday on."
P2 = "Private cars will follow a week later, and inspectors of both sides are to report every month to the capitals."
P3 = "The opposition called the agreement hasty and demanded that it be put to a vote before the end of the session."
ARTICLE = f"<p>{P1}</p><p>{P2}</p><p>{P3}</p>"
TEXT = f"{P1}\n{P2}\n{P3}"


def text_of(body: str, head: str = "<title>Bridge to open</title>") -> str:
    page = f"<html lang='en'><head>{head}</head><body>{body}</body></html>"
    return extract(page, url="https://news.example/a").text


@pytest.mark.parametrize(
    "clutter",
    [
        "<div class='share-bar'><p>Share this story with your friends</p></div>",
        "<ul class='social-links'><li>Facebook</li><li>Mastodon</li></ul>",
        (
            "<div id='respond'><h3>Leave a Reply</h3><form><textarea></textarea></form>"
            "<p>Please enter your comment!</p></div>"
        ),
        (
            "<form action='/s'><label>Your e-mail</label><input name='e'>"
            "<p>We send one letter a week and no more.</p></form>"
        ),
        "<section class='related-stories'><h2>Related</h2><p>Ferry captain cleared of blame...</p></section>",
        "<div><h3>More like this</h3><div><a href='/x'>Ferry captain cleared of blame by the inquiry</a></div></div>",
        "<h3>You may also like</h3><ul><li><a href='/x'>Ferry captain cleared of blame by inquiry</a></li></ul>",
        "<p><a href='/x'>Ferry captain cleared of all blame by the inquiry</a></p>",
        (
            "<ul><li>Ferry: <a href='/x'>Captain cleared of all blame</a></li>"
            "<li>Port: <a href='/y'>Strike ends at last</a></li></ul>"
        ),
        "<p>Read more: <a href='/x'>Ferry captain cleared of blame</a></p>",
        "<div class='newsletter_signup'><p>The week in five minutes, every Friday.</p></div>",
        "<div class='cookieBanner'><p>"
        + "We and our partners keep small files on your device to tell you apart. " * 12
        + "</p></div>",
        "<div role='dialog'><p>Turn on notifications to hear from us first.</p></div>",
        "<div style='display: none'><p>Something that readers do not see.</p></div>",
        "<div hidden><p>Something that readers do not see.</p></div>",
        "<span class='visually-hidden'>opens in a new window</span>",
        "<div class='wp-caption-text'>The bridge in fog. Photo: someone</div>",
        "<p>Advertisement</p>",
        "<p>© 2026 The Daily. All rights reserved.</p>",
        "<p>Sign up for our newsletter and never miss a story.</p>",
        "<script>var text = 'no prose at all';</script><style>p { color: red }</style>",
    ],
)
def test_clutter_is_cut_wherever_it_stands(clutter: str) -> None:
    assert text_of(f"<article><h1>Bridge to open</h1>{ARTICLE}{clutter}</article>") == TEXT
    assert text_of(f"<article><h1>Bridge to open</h1>{ARTICLE}</article>{clutter}") == TEXT
    assert text_of(f"<main><h1>Bridge to open</h1><p>{P1}</p>{clutter}<p>{P2}</p><p>{P3}</p></main>") == TEXT


@pytest.mark.parametrize(
    "name", ["with-newsletter", "share-page", "has-related", "cookie-consent-given", "comments-open", "popular"]
)
def test_a_wrapper_with_a_misleading_name_is_kept(name: str) -> None:
    assert text_of(f"<div class='{name}'><article><h1>Bridge to open</h1>{ARTICLE}</article></div>") == TEXT
    if name != "comments-open":  # without the heading in it there is nothing that speaks against comments
        assert text_of(f"<h1>Bridge to open</h1><div class='{name}'>{ARTICLE}</div>") == TEXT


def test_the_first_of_several_articles_is_the_page() -> None:
    other = (
        "<article><h1>Ferry captain cleared</h1><p>"
        + "The inquiry found no fault with the captain of the ferry. " * 6
        + "</p></article>"
    )
    assert text_of(f"<div><article><h1>Bridge to open</h1>{ARTICLE}</article>{other}{other}</div>") == TEXT
    assert text_of(f"<div>{other}<article><h1>Bridge to open</h1>{ARTICLE}</article></div>") == TEXT


def test_title_byline_and_date_are_no_paragraphs() -> None:
    head = "<p>World</p><h2>Bridge to open</h2><p>By Ilse Brandt</p><p>4 March 2026</p><p>5 min read</p>"
    assert text_of(f"<div>{head}{ARTICLE}</div>") == TEXT


def test_standfirst_comes_first_and_once() -> None:
    lead = "After a year of closure the road over the river is free again, with inspectors at both ends."
    head = f"<title>Bridge to open</title><meta name='description' content='{lead}'>"
    assert (
        text_of(f"<header><h1>Bridge to open</h1><p>{lead}</p></header><article>{ARTICLE}</article>", head)
        == f"{lead}\n{TEXT}"
    )
    assert text_of(f"<article><h1>Bridge to open</h1><p>{lead}</p>{ARTICLE}</article>", head) == f"{lead}\n{TEXT}"


def test_paragraphs_lists_quotes_and_breaks_are_lines() -> None:
    body = (
        f"<article><h1>Bridge to open</h1><p>{P1}</p><ul><li>Trucks from Monday.</li><li>Cars a week later.</li></ul>"
        f"<blockquote>{P2}</blockquote><p>{P3}<br>One more line.</p></article>"
    )
    assert text_of(body) == f"{P1}\nTrucks from Monday.\nCars a week later.\n{P2}\n{P3}\nOne more line."


def test_inline_markup_joins_as_it_reads() -> None:
    inline = "<p>The <b>two</b> <a href='/m'>ministers</a>, <i>Havel</i>&nbsp;and Oran,\n met.</p>"
    assert text_of(f"<article><h1>Bridge to open</h1>{inline}{ARTICLE}</article>").startswith(
        "The two ministers, Havel and Oran, met.\n"
    )


def test_text_is_nfc_and_visible() -> None:
    raw = (
        "Cafe\u0301 diplo\u00admacy\u200b in Vel\ufeffden \u202eon Tuesday\u202c, said the ministers of both countries."
    )
    text = text_of(f"<article><h1>Bridge to open</h1><p>{raw}</p>{ARTICLE}</article>")
    assert text.split("\n")[0] == "Café diplomacy in Velden on Tuesday, said the ministers of both countries."


def test_a_paragraph_that_stands_twice_comes_once() -> None:
    assert text_of(f"<article><h1>Bridge to open</h1>{ARTICLE}<div class='mobile'>{ARTICLE}</div></article>") == TEXT


@pytest.mark.parametrize(
    "heading",
    [
        "LEAVE A REPLY",
        "Related",
        "More like this Related",
        "You may also like",
        "Share this:",
        "Lesen Sie auch",
        "À lire aussi",
        "Te puede interesar",
        "Читайте также",
    ],
)
def test_foot_headings(heading: str) -> None:
    assert is_foot_heading(heading)
    assert clean_lines([P1, P2, P3, heading, "Ferry captain cleared of blame", "The inquiry found that..."]) == (
        P1,
        P2,
        P3,
    )


@pytest.mark.parametrize(
    "heading",
    [
        "Shared waters, shared fears",
        "Popular front takes Karsk",
        "No conditions",
        "What the treaty says",
        "More troops, fewer talks",
    ],
)
def test_headings_of_articles_are_no_foot(heading: str) -> None:
    assert not is_foot_heading(heading)
    assert clean_lines([P1, heading, P2, P3]) == (P1, heading, P2, P3)


def test_article_that_goes_on_after_a_teaser_goes_on() -> None:
    assert clean_lines([P1, "Read also", "Ferry captain cleared of blame", P2, P3]) == (P1, P2, P3)


@pytest.mark.parametrize(
    "line",
    [
        "By Tuesday evening both delegations had left the hotel.",
        "The report was published by the river commission on Friday and accuses both navies.",
        "Iran is concerned about the talks and demands a seat at the table.",
        "Subscribers to the treaty must ratify it within a year.",
        "Share prices fell in Velden after the envoy left.",
        "More than forty people were killed when the bridge was shelled.",
        "Turkey urged both sides to sign up to a humanitarian channel.",
        "Havel is the minister who signed for Ostrel.",
        "Updated figures speak of forty dead.",
        "Related charges were brought against two officers.",
    ],
)
def test_sentences_that_begin_like_furniture_stay(line: str) -> None:
    assert clean_lines([line, P1, P2, P3]) == (line, P1, P2, P3)
    assert clean_lines([P1, P2, line, P3]) == (P1, P2, line, P3)
    assert clean_lines([P1, P2, P3, line]) == (P1, P2, P3, line)


def test_credits_at_the_end_are_cut() -> None:
    foot = [
        "(Reporting by Ana Mirel; editing by Jon Tarsk)",
        "Ilse Brandt covers the river and writes from Velden.",
        "Additional reporting by Maren Tveit",
    ]
    assert clean_lines([P1, P2, P3, *foot], names=["Ilse Brandt"]) == (P1, P2, P3)


@given(
    st.lists(
        st.sampled_from(
            [
                P1,
                P2,
                P3,
                "Related",
                "Share",
                "By Ilse Brandt",
                "4 March 2026",
                "Ferry captain cleared",
                "LEAVE A REPLY",
                "2",
                "",
            ]
        )
        | st.text(max_size=80),
        max_size=12,
    )
)
def test_cleaning_only_takes_lines_away(lines: list[str]) -> None:
    kept = iter(lines)
    assert all(any(line == other for other in kept) for line in clean_lines(lines))
