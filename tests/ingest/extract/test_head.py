"""Title, authors, site name and language."""

import pytest

from ingest.extract import extract
from ingest.extract.authors import names_in
from ingest.extract.title import without_site

PROSE = (
    "<p>The two ministers met in the harbour town on Tuesday and agreed to open the bridge to trucks from Monday on, "
    "officials of both countries said after the signing.</p><p>Private cars will follow a week later, and inspectors "
    "of both sides are to report every month to the two capitals on what they find.</p>"
)


def read(head: str = "", body: str = PROSE, html: str = 'lang="en"'):  # type: ignore[no-untyped-def]
    return extract(
        f"<html {html}><head>{head}</head><body>{body}</body></html>", url="https://www.daily.example/world/a1"
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bridge to reopen | The Daily", "Bridge to reopen"),
        ("Bridge to reopen - World - The Daily", "Bridge to reopen - World"),
        ("The Daily: Bridge to reopen", "The Daily: Bridge to reopen"),
        ("The Daily » Bridge to reopen", "Bridge to reopen"),
        ("Bridge - a history", "Bridge - a history"),
        ("The Daily", "The Daily"),
        ("A|B", "A|B"),
    ],
)
def test_site_name_is_cut_from_titles(title: str, expected: str) -> None:
    assert without_site(title, {"thedaily"}) == expected


def test_headline_is_what_sources_agree_on() -> None:
    head = (
        '<title>Bridge to reopen after a year - The Daily</title><meta property="og:site_name" content="The Daily">'
        '<meta property="og:title" content="You will not believe which bridge reopens">'
    )
    assert (
        read(head, "<h1>The Daily</h1><h1>Bridge to reopen after a year</h1>" + PROSE).title
        == "Bridge to reopen after a year"
    )


def test_title_is_one_line_of_nfc_text_without_markup() -> None:
    found = read("<title>Caf&amp;eacute; talks:\n <b>\u200bopen\u00ad</b> e\u0301tude\x1b[31m</title>", PROSE)
    assert found.title == "Café talks: open étude[31m"


def test_page_without_title_says_so() -> None:
    found = read()
    assert found.title == ""
    assert "The page has no title." in found.problems


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Ana Mirel and Jon Tarsk, Staff writers", ["Ana Mirel", "Jon Tarsk"]),
        ("Von Jette Harms", ["Jette Harms"]),
        ("Reviewed by Rick Lowe Contributor", ["Rick Lowe"]),
        ("NELSON C.J. | 3 March", ["NELSON C.J."]),
        ("Maren Tveit (maren@daily.example)", ["Maren Tveit"]),
        ("Martin Luther Quill, Jr.", ["Martin Luther Quill, Jr."]),
        ("admin", []),
        ("https://www.facebook.com/daily", []),
    ],
)
def test_names_in_bylines(byline: str, names: list[str]) -> None:
    assert list(names_in(byline)) == names


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<script type="application/ld+json">{"@type":"Article","author":{"name":"Ilse Brandt"}}</script>', PROSE),
        (
            ('<script type="application/ld+json">{"@graph":[{"@type":"Article","author":{"@id":"#p"}},'
            '{"@type":"Person","@id":"#p","name":"Ilse Brandt"}]}</script>'),
            PROSE,
        ),
        ('<meta name="author" content="Ilse Brandt">', PROSE),
        ("", "<h1>t</h1><a rel='author' href='/i'>Ilse Brandt</a>" + PROSE),
        ("", "<h1>t</h1><span class='byline'>By Ilse Brandt</span>" + PROSE),
        ("", "<h1>t</h1><p>By Ilse Brandt</p>" + PROSE),
    ],
)  # fmt: skip
def test_authors_from_each_place(head: str, body: str) -> None:
    assert read(head, body).authors == ("Ilse Brandt",)


def test_the_site_is_no_author_and_names_come_once() -> None:
    head = (
        '<meta property="og:site_name" content="The Daily"><meta name="author" content="The Daily">'
        '<meta name="author" content="Ilse Brandt"><meta name="author" content="ILSE BRANDT">'
    )
    assert read(head).authors == ("Ilse Brandt",)


def test_a_commenter_is_no_author() -> None:
    assert read("", PROSE + "<div class='comment-list'><span class='author'>Mad Max</span></div>").authors == ()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ('<meta property="og:site_name" content="The Daily - News from the coast">', "The Daily"),
        (
            '<script type="application/ld+json">{"@type":"Article","publisher":{"name":"The Daily"}}</script>',
            "The Daily",
        ),
        ('<meta name="twitter:site" content="@thedaily">', "thedaily"),
        ("", None),
    ],
)
def test_site_name(head: str, name: str | None) -> None:
    assert read(head).site_name == name


def test_language_is_declared_and_checked() -> None:
    assert read(html='lang="en-GB"').language == "en"
    assert read(html="").language == "en"
    wrong = read(html='lang="de"')
    assert wrong.language == "en"
    assert "The page says its language is de, but its text is in en." in wrong.problems


def test_kindred_languages_are_left_to_the_page() -> None:
    norwegian = (
        "<p>"
        + "Ministrene møttes i havnebyen på tirsdag og ble enige om å åpne broen for lastebiler fra mandag. " * 3
        + "</p>"
    )
    assert read(body=norwegian, html='lang="no"').language == "no"


def test_short_text_does_not_overrule_a_declaration() -> None:
    assert read(body="<p>Dementi.</p>", html='lang="fr"').language == "fr"
