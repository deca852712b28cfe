"""A feed's own settings: what may stand beside its address, and what may not."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds.opml import FeedSource, parse_opml, write_opml
from ingest.feeds.options import FeedOptions, options_of


def outline(attributes: str) -> FeedSource:
    said = f"<outline type='rss' xmlUrl='https://a.example/f' {attributes}/>"
    [feed] = parse_opml(f"<opml version='2.0'><body>{said}</body></opml>".encode())
    return feed


def test_settings_are_read_in_whichever_case_they_are_written_and_survive_an_export() -> None:
    said = (
        "text='A' Interval='60' language='en' header-X-Key='a b' header-Accept-Language='fr'"
        " allowhosts='A.example, b.example:443' resumed='2026-09-14T12:00:00Z' country='NO'"
    )
    feed = outline(said)
    assert feed.problem is None
    options = feed.options
    assert (options.interval, options.language, options.allow_hosts) == (60, "en", ("a.example", "b.example"))
    assert dict(options.headers) == {"X-Key": "a b", "Accept-Language": "fr"}
    assert options.resumed == datetime(2026, 9, 14, 12, tzinfo=UTC)
    assert parse_opml(write_opml([feed])) == [feed]
    assert "a b" not in repr(feed)
    assert "a b" not in repr(options)


@pytest.mark.parametrize(
    ("attributes", "says"),
    [
        ("interval='often'", "minutes from 1 to 1440"),
        ("interval='0'", "minutes from 1 to 1440"),
        ("interval='-5'", "minutes from 1 to 1440"),
        ("interval='1441'", "minutes from 1 to 1440"),
        ("allowHosts='https://a.example/'", "is no host"),
        ("allowHosts='me@a.example'", "is no host"),
        ("resumed='yesterday'", "a time with its zone"),
        ("resumed='2026-09-14T12:00:00'", "a time with its zone"),
        ("header-Host='evil.example'", "the header Host is not for the feeds file"),
        ("header-content-length='5'", "not for the feeds file"),
        ("header-Connection='close'", "not for the feeds file"),
        ("header-Proxy-Authorization='x'", "not for the feeds file"),
        ("header-User-Agent='Mozilla'", "not for the feeds file"),
        ("header-If-None-Match='x'", "not for the feeds file"),
        ("header-X.Key='x'", "no name of a header"),
        ("header-='x'", "no name of a header"),
        ("header-X-Key='s3cret&#13;&#10;Evil: 1'", "one line of printable ASCII"),
        ("header-X-Key='s3cret&#9;'", "one line of printable ASCII"),
        ("header-X-Key='s3crét'", "one line of printable ASCII"),
        ("header-X-Key=' s3cret'", "one line of printable ASCII"),
        ("header-X-Key=''", "one line of printable ASCII"),
    ],
)
def test_what_cannot_be_meant_is_the_feeds_problem_and_never_shows_a_value(attributes: str, says: str) -> None:
    feed = outline(attributes)
    assert says in (feed.problem or "")
    assert "s3c" not in (feed.problem or "")
    assert feed.options == FeedOptions()


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_header_that_is_taken_is_one_line_of_a_request(name: str, value: str) -> None:
    try:
        headers = options_of({f"header-{name}": value}).headers
    except ValueError:
        return
    for name_, value_ in headers.items():
        line = f"{name_}: {value_}"
        assert line.isascii()
        assert line.isprintable()
        assert line.split(": ", 1) == [name_, value_]


def test_an_outline_that_has_lost_its_address_is_a_feed_with_a_problem() -> None:
    said = (
        "<outline text='Group' type='rss'><outline type='rss' text='Wire' xmlUrl=''/></outline>"
        "<outline type='rss' text='Lost'/><outline xmlUrl=' '/><outline text='A note'/>"
    )
    feeds = parse_opml(f"<opml version='2.0'><body>{said}</body></opml>".encode())
    assert [(feed.url, feed.title, feed.groups) for feed in feeds] == [
        ("", "Wire", ("Group",)),
        ("", "Lost", ()),
        ("", None, ()),
    ]
    assert [feed.problem for feed in feeds] == [
        "the outline 'Wire' has no address (xmlUrl)",
        "the outline 'Lost' has no address (xmlUrl)",
        "the outline 'without a title' has no address (xmlUrl)",
    ]
    assert parse_opml(write_opml(feeds))[:2] == feeds[:2]
