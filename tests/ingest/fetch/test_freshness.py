"""RFC 9111: for how long an answer is fresh."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch.freshness import LONGEST, Freshness, freshness

NOON = datetime(2026, 9, 14, 12, 0, tzinfo=UTC)
AT_NOON = "Mon, 14 Sep 2026 12:00:00 GMT"
BEFORE = "Mon, 14 Sep 2026 11:59:00 GMT"
AT_ONE = "Mon, 14 Sep 2026 13:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "lifetime", "left"),
    [
        ({}, None, 0),
        ({"cache-control": "max-age=600"}, 600, 600),
        ({"cache-control": "public, MAX-AGE=600, must-revalidate"}, 600, 600),
        ({"cache-control": 'max-age="600"'}, 600, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 600, 400),
        ({"cache-control": "max-age=600", "age": "900"}, 600, 0),
        ({"cache-control": "max-age=600", "date": BEFORE}, 600, 540),
        ({"cache-control": "max-age=600", "date": BEFORE, "age": "100"}, 600, 500),
        ({"cache-control": "max-age=600", "date": AT_ONE}, 600, 600),
        ({"cache-control": "max-age=60, max-age=600"}, 60, 60),
        ({"cache-control": "max-age=soon"}, 0, 0),
        ({"cache-control": "max-age"}, 0, 0),
        ({"cache-control": "max-age=-5"}, 0, 0),
        ({"cache-control": "s-maxage=600"}, None, 0),
        ({"cache-control": "s-maxage=9000, max-age=60"}, 60, 60),
        ({"cache-control": "no-store, max-age=600"}, 0, 0),
        ({"cache-control": "no-cache, max-age=600"}, 0, 0),
        ({"cache-control": 'no-cache="set-cookie, x", max-age=600'}, 600, 600),
        ({"cache-control": "max-age=600", "vary": "*"}, 0, 0),
        ({"cache-control": "max-age=600", "vary": "Accept-Encoding"}, 600, 600),
        ({"cache-control": "max-age=99999999999999"}, 0, 0),
        ({"cache-control": "max-age=9999999999"}, LONGEST, LONGEST),
        ({"expires": AT_ONE}, 3600, 3600),
        ({"expires": AT_ONE, "date": AT_NOON}, 3600, 3600),
        ({"expires": AT_NOON, "date": BEFORE}, 60, 0),
        ({"expires": "0"}, 0, 0),
        ({"expires": BEFORE}, 0, 0),
        ({"expires": AT_ONE, "cache-control": "max-age=60"}, 60, 60),
        ({"last-modified": "Mon, 14 Sep 2020 12:00:00 GMT"}, None, 0),
    ],
)
def test_what_the_headers_say(headers: dict[str, str], lifetime: int | None, left: int) -> None:
    assert freshness(headers, NOON) == Freshness(lifetime, left)


def test_a_304_keeps_the_stored_lifetime_unless_it_names_another() -> None:
    assert freshness({}, NOON, stored=600) == Freshness(600, 600)
    assert freshness({"age": "100"}, NOON, stored=600) == Freshness(600, 500)
    assert freshness({"cache-control": "max-age=60"}, NOON, stored=600) == Freshness(60, 60)
    assert freshness({"cache-control": "no-cache"}, NOON, stored=600) == Freshness(0, 0)


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "age", "date", "vary"]), st.text(max_size=60)))
def test_whatever_the_headers_hold_there_is_an_answer(headers: dict[str, str]) -> None:
    found = freshness(headers, NOON)
    assert 0 <= found.left <= (found.lifetime or 0) <= LONGEST
