"""A credited agency: told from bylines, datelines and last lines, and never from a mention."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract import extract
from ingest.extract.agency import credited
from ingest.sources.publishers import load

BODY = " The two ministers agreed on Monday to meet again in the spring, and said little else about their talks."


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("KYIV, Sept 14 (Reuters) - Ukraine said on Monday", "Reuters"),
        ("JERUSALEM (AP) — Israel said on Monday", "Associated Press"),
        ("BEIJING, Sept. 14 (Xinhua) -- China said on Monday", "Xinhua"),
        ("MOSCOW, September 14. /TASS/. Russia said on Monday", "TASS"),
        ("MOSCOW. Sept 14 (Interfax) - Russia said on Monday", "Interfax"),
        ("Paris, Sept 14 (AFP) – France said on Monday", "Agence France-Presse"),
        ("[AFP] - France said on Monday", "Agence France-Presse"),
        ("AFP - France said on Monday", "Agence France-Presse"),
        ("SEOUL, Sept. 14 (Yonhap) -- South Korea said on Monday", "Yonhap"),
        ("New Delhi [India], September 14 (ANI): India said on Monday", "ANI"),
        ("Berlin (dpa) - Germany said on Monday", "Deutsche Presse-Agentur"),
    ],
)
def test_a_dateline_names_its_agency(text: str, agency: str) -> None:
    assert credited((), text + BODY) == agency


@pytest.mark.parametrize(
    ("line", "agency"),
    [
        ("(Reuters)", "Reuters"),
        ("The report was made in Geneva. (ANI)", "ANI"),
        ("Source: Xinhua", "Xinhua"),
        ("© 2026 AFP", "Agence France-Presse"),
        ("Copyright 2026 The Associated Press.", "Associated Press"),
        ("— PTI", "Press Trust of India"),
    ],
)
def test_a_last_line_names_its_agency(line: str, agency: str) -> None:
    assert credited((), f"The ministers met on Monday.\n{BODY}\n{line}") == agency


@pytest.mark.parametrize(
    ("bylines", "agency"),
    [
        (["Reuters"], "Reuters"),
        (["By Ana Mirel, Reuters"], "Reuters"),
        (["Jon Tarsk | AFP"], "Agence France-Presse"),
        (["AP"], "Associated Press"),
        (["Associated Press Writer"], "Associated Press"),
        (["AP Staff"], "Associated Press"),
        (["Ana Mirel (Bloomberg)"], "Bloomberg"),
        (["associated press"], "Associated Press"),
        (["Reuters and AFP"], None),
        (["AFP", "Reuters"], None),
        (["Al Jazeera Staff"], None),
        (["Ana Mirel"], None),
        (["Ana Pa"], None),
    ],
)
def test_a_byline_names_its_agency(bylines: list[str], agency: str | None) -> None:
    assert credited(bylines, BODY) == agency


@pytest.mark.parametrize(
    "text",
    [
        "The minister told Reuters on Monday that the talks would go on.",
        "The Press Trust of India (PTI) said that the talks would go on.",
        "A reporter of the Associated Press (AP) was hurt, the agency said - and more.",
        "KYIV (Our correspondent) - Ukraine said on Monday",
        "Ukraine's army said on Monday. It was a photograph by AFP that showed it.",
        "The map shows the front - a line of 900 km.",
        "",
    ],
)
def test_a_mention_is_no_credit(text: str) -> None:
    assert credited((), text and text + BODY) is None


def test_a_text_of_two_agencies_is_nobodys_copy() -> None:
    assert credited((), "PARIS, Sept 14 (AFP/Reuters) - France said on Monday" + BODY) is None


def test_every_agency_is_on_the_list_of_publishers() -> None:
    from ingest.extract.agency import _credits

    names = {row.name for row in load().rows}
    assert {name for table in _credits() for name in table.values()} - names == set()


@given(st.lists(st.text(max_size=60), max_size=3), st.text(max_size=300))
def test_whatever_a_page_says_there_is_an_answer(bylines: list[str], text: str) -> None:
    assert credited(bylines, text) is None or isinstance(credited(bylines, text), str)


PAGE = """<html lang="en"><head><title>Ministers meet</title><meta name="author" content="{author}">
<meta property="og:site_name" content="{site}"></head><body><article><h1>Ministers meet</h1><p>{first}</p>{rest}
</article></body></html>"""


@pytest.mark.parametrize(
    ("author", "site", "first", "agency"),
    [
        ("AP", "The Harbour Post", "The ministers met.", "Associated Press"),
        ("Ana Mirel", "The Harbour Post", "OSLO, Sept 14 (Reuters) - The ministers met.", "Reuters"),
        ("Ana Mirel", "TASS", "The ministers met.", "TASS"),
        ("Ana Mirel", "The Harbour Post", "The ministers met.", None),
    ],
)
def test_a_page_is_read_with_its_agency(author: str, site: str, first: str, agency: str | None) -> None:
    html = PAGE.format(author=author, site=site, first=first, rest=f"<p>{BODY}</p>" * 4)
    assert extract(html, url="https://harbour.example/1").agency == agency
