"""Which entries of a feed send us back to their pages: decided from the feed's own dates."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.updates import MOST, updated
from schemas.facts import ArticleDiscovered

NOW = datetime(2026, 9, 14, 12, 5, tzinfo=UTC)
BEFORE = datetime(2026, 9, 14, 11, 50, tzinfo=UTC)
OLD = "2026-09-14T08:00:00Z"


def entry(name: str, updated_at: str | None, published: str | None = OLD) -> ArticleDiscovered:
    url = f"https://a.example/{name}"
    return ArticleDiscovered(feed_id=UUID(int=1), entry_id=url, url=url, published=published, updated=updated_at)


def names(*entries: ArticleDiscovered, polled_at: datetime | None = BEFORE) -> dict[str, str]:
    return {one.url.rpartition("/")[2]: hour for one, hour in updated(entries, polled_at=polled_at, now=NOW)}


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        ("2026-09-14T12:00:00Z", True),
        ("2026-09-14T14:00:00+02:00", True),
        ("2026-09-14T11:40:00Z", True),  # dated a little before the last poll, which may not have listed it yet
        ("2026-09-14T11:00:00Z", False),  # the last poll knew
        ("2026-09-15T12:00:00Z", False),  # to come
        (OLD, False),
        ("soon", False),
        (None, False),
    ],
)
def test_an_entry_that_was_updated_since_the_last_poll(said: str | None, taken: bool) -> None:
    hour = "2026-09-14T11Z" if said and "11:40" in said else "2026-09-14T12Z"
    assert names(entry("a", said), entry("b", None), entry("c", None)) == ({"a": hour} if taken else {})
    assert names(entry("a", said), polled_at=None) == {}


def test_a_date_of_update_that_is_the_date_of_publication_says_nothing() -> None:
    assert names(entry("a", "2026-09-14T12:00:00Z", published="2026-09-14T12:00:00+00:00")) == {}


def test_a_feed_that_dates_everything_anew_is_not_believed() -> None:
    fresh = [entry(str(n), "2026-09-14T12:00:00Z") for n in range(6)]
    stale = [entry(f"s{n}", OLD) for n in range(5)]
    assert names(*fresh, *stale) == {}
    assert len(names(*fresh[:5], *stale)) == 5


@given(st.integers(0, 60), st.integers(0, 60))
def test_never_more_than_a_few_at_a_time(fresh: int, stale: int) -> None:
    entries = [entry(str(n), "2026-09-14T12:00:00Z") for n in range(fresh)]
    found = names(*entries, *(entry(f"s{n}", OLD) for n in range(stale)))
    assert len(found) <= min(MOST, max(1, (fresh + stale) // 2))
