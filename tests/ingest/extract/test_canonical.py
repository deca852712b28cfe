"""Which URL a page is known by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.canonical import canonical_url
from ingest.extract.page import parse
from schemas.urls import clean_url

URL = "https://www.news.example/world/bridge-reopens"


def canonical(head: str, url: str = URL) -> tuple[str, tuple[str, ...]]:
    page = parse(f"<html><head>{head}</head><body><p>x</p></body></html>", url)
    assert page is not None
    return canonical_url(page)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="https://www.news.example/world/bridge">', "https://www.news.example/world/bridge"),
        ('<link rel="canonical" href="/world/bridge?utm_campaign=x#top">', "https://www.news.example/world/bridge"),
        ('<link rel="shortlink canonical" href="//www.news.example/b">', "https://www.news.example/b"),
        ('<base href="https://www.news.example/w/"><link rel="canonical" href="b">', "https://www.news.example/w/b"),
        ('<meta property="og:url" content="https://www.news.example/world/b?fbclid=1">', "https://www.news.example/world/b"),
        (
            ('<script type="application/ld+json">'
            '{"@type":"NewsArticle","mainEntityOfPage":"https://www.news.example/b"}</script>'),
            "https://www.news.example/b",
        ),
        ("", URL),
    ],
)  # fmt: skip
def test_declarations_in_their_order(head: str, expected: str) -> None:
    assert canonical(head) == (expected, ())


def test_link_beats_og_url() -> None:
    head = '<meta property="og:url" content="https://www.news.example/a"><link rel="canonical" href="https://www.news.example/b">'
    assert canonical(head)[0] == "https://www.news.example/b"


@pytest.mark.parametrize("home", ["https://www.news.example/", "https://news.example", "https://other.example/", "/"])
def test_home_pages_are_refused_with_a_problem(home: str) -> None:
    url, problems = canonical(f'<link rel="canonical" href="{home}">')
    assert url == URL
    assert "home page" in problems[0]


def test_the_next_declaration_stands_in_for_a_refused_one() -> None:
    url, problems = canonical(
        '<link rel="canonical" href="/"><meta property="og:url" content="https://www.news.example/b">'
    )
    assert url == "https://www.news.example/b"
    assert len(problems) == 1


def test_the_home_page_may_name_itself() -> None:
    assert canonical('<link rel="canonical" href="https://news.example/">', "https://news.example/") == (
        "https://news.example/",
        (),
    )


def test_a_page_cannot_take_the_place_of_another_sites() -> None:
    url, problems = canonical('<link rel="canonical" href="https://agency.example.org/story/1">')
    assert url == URL
    assert "another site" in problems[0]


def test_an_amp_mirror_is_expected_to_name_another_site() -> None:
    mirror = "https://news-example.cdn.ampproject.org/c/s/news.example/amp/b"
    assert canonical('<link rel="canonical" href="https://news.example/b">', mirror) == ("https://news.example/b", ())


@pytest.mark.parametrize(
    "bad", ["javascript:alert(1)", "ftp://news.example/a", "http://", "https://exa mple/a", "mailto:a@b.example"]
)
def test_what_is_no_web_address_is_refused(bad: str) -> None:
    url, problems = canonical(f'<link rel="canonical" href="{bad}">')
    assert url == URL
    assert "refused" in problems[0]


@given(st.text(max_size=60).filter(lambda t: '"' not in t and "<" not in t and "&" not in t))
def test_any_declaration_gives_a_clean_url(declared: str) -> None:
    url, _ = canonical(f'<link rel="canonical" href="{declared}">')
    assert clean_url(url) == url
