"""Which of a page's dates is the day of publication, and where it came from."""

import pytest

from ingest.extract.dates import date_in_url, published
from ingest.extract.page import Page, parse


def page(head: str = "", body: str = "", url: str = "https://news.example/world/a", lang: str = "en-GB") -> Page:
    found = parse(f'<html lang="{lang}"><head>{head}</head><body>{body}</body></html>', url)
    assert found is not None
    return found


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


ARTICLE = '{"@context":"https://schema.org","@type":"NewsArticle","headline":"h","datePublished":"%s"}'
META = '<meta property="article:published_time" content="%s">'


def test_sources_in_order_of_trust() -> None:
    json_ld, meta, time = (
        ld(ARTICLE % "2026-01-02"),
        META % "2026-01-02T08:00:00Z",
        "<h1>h</h1><time datetime='2026-01-02T09:00'>x</time>",
    )
    dated = "https://news.example/2026/01/02/a"
    assert published(page(json_ld + meta, time, dated)).source == "json-ld"
    assert published(page(meta, time, dated)).source == "meta"
    assert published(page("", time, dated)).source == "time"
    assert published(page("", "", dated)).source == "url"
    assert published(page("", "<h1>h</h1><p class='date'>2 January 2026</p>")).source == "text"
    assert published(page("", "<h1>h</h1>"), "2026-01-02").source == "given"
    assert published(page("", "<h1>h</h1>")).source is None


def test_what_a_feed_says_never_beats_the_page() -> None:
    found = published(page(META % "2026-01-02"), "2026-05-05T10:00:00Z")
    assert (found.on, found.source) == ("2026-01-02", "meta")


def test_unreadable_given_date_is_told() -> None:
    found = published(page(), "soon")
    assert found.on is None
    assert "soon" in found.problems[0]


def test_time_and_offset_stay_as_written() -> None:
    assert published(page(META % "2026-09-14T08:30:00+02:00")).on == "2026-09-14T08:30:00+02:00"


def test_same_moment_is_taken_in_the_publishers_own_offset() -> None:
    found = published(page(ld(ARTICLE % "2026-02-10T22:45:00Z") + META % "2026-02-11T00:45:00+02:00"))
    assert (found.on, found.source) == ("2026-02-11T00:45:00+02:00", "meta")


def test_two_sources_outvote_one_that_is_a_day_off() -> None:
    head = ld(ARTICLE % "2026-04-14") + META % "2026-04-13T16:38:07Z"
    assert published(page(head, url="https://news.example/news/20260413/a")).on == "2026-04-13T16:38:07Z"


def test_disagreement_is_a_problem() -> None:
    found = published(page(ld(ARTICLE % "2026-04-14") + META % "2026-03-01"))
    assert found.on == "2026-04-14"
    assert found.problems == ("The page gives two publication dates: 2026-04-14 (json-ld) and 2026-03-01 (meta).",)


def test_dates_of_other_articles_are_not_taken() -> None:
    body = (
        "<h1>h</h1><aside><time datetime='2020-01-01'>1</time></aside>"
        "<div class='related'><time datetime='2020-01-02'>2</time></div>"
        "<article><time datetime='2026-01-03'>3</time></article><footer><time datetime='2020-01-04'>4</time></footer>"
    )
    assert published(page("", body)).on == "2026-01-03"


def test_time_of_an_update_is_not_the_publication() -> None:
    body = (
        "<h1>h</h1><p>Updated <time class='date-modified' datetime='2026-02-02'>a</time></p>"
        "<time class='published' datetime='2026-01-01'>b</time>"
    )
    assert published(page("", body)).on == "2026-01-01"


def test_modification_stands_apart() -> None:
    found = published(
        page(META % "2026-01-02" + '<meta property="article:modified_time" content="2026-01-05T10:00:00Z">')
    )
    assert (found.on, found.modified_on) == ("2026-01-02", "2026-01-05T10:00:00Z")


def test_a_wiki_is_dated_by_its_revision() -> None:
    head = '<meta name="generator" content="MediaWiki 1.45">' + ld(
        '{"@type":"Article","datePublished":"2005-07-26T16:22:26Z","dateModified":"2026-04-07T12:33:32Z"}'
    )
    assert published(page(head)).on == "2026-04-07T12:33:32Z"


def test_broken_json_still_gives_its_date() -> None:
    assert (
        published(page(ld('{"@type":"NewsArticle","headline":"a "quoted" word","datePublished":"2026-01-02"}'))).on
        == "2026-01-02"
    )


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://n.example/2026/03/04/a", "2026-03-04"),
        ("https://n.example/2026/mar/04/a", "2026-03-04"),
        ("https://n.example/news/a-20260304.html", "2026-03-04"),
        ("https://n.example/news/2026-03-04-a", "2026-03-04"),
        ("https://n.example/news/2026/03/a", None),
        ("https://n.example/a?date=2026-03-04", None),
        ("https://n.example/item/120260304", None),
        ("https://n.example/2026/13/44/a", None),
    ],
)
def test_day_in_a_url(url: str, day: str | None) -> None:
    assert date_in_url(url) == day


def test_relative_dates_are_never_turned_into_days() -> None:
    assert (
        published(page("", "<h1>h</h1><time>3 hours ago</time><span class='date'>yesterday, 12 May</span>")).on is None
    )


@pytest.mark.parametrize("written", ["2024-05", "2024/05", "2024 5"])
def test_a_month_is_not_made_a_day_of_the_clock(written: str) -> None:
    body = f"<h1>h</h1><span class='date'>{written}</span><time datetime='{written}'>{written}</time>"
    assert published(page(f"<meta name='date' content='{written}'>", body)).on is None


def test_search_is_the_last_resort() -> None:
    found = published(
        page("", "<h1>h</h1><div class='x'><p>Kvarn, this 9th of the month</p></div><footer>2024-05-09</footer>")
    )
    assert (found.on, found.source) == ("2024-05-09", "htmldate")
