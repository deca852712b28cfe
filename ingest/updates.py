"""Which pages to ask for again because their feed says that they were updated: pure decisions."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from schemas.facts import ArticleDiscovered

MOST = 10
"""Pages of one poll that are asked for again; the rest have their turn when they are updated the next time."""
GRACE = timedelta(minutes=15)
"""How long before a poll something may be dated that its feed did not list yet."""


def updated(
    listed: Sequence[ArticleDiscovered], *, polled_at: datetime | None, now: datetime
) -> list[tuple[ArticleDiscovered, str]]:
    """Of entries that were listed before, those that were updated since the poll at `polled_at`; each with the hour.

    Times are aware. A page is asked for once for each hour (UTC) in which its feed says that it was updated, a live
    blog as well. Of a feed that dates more than half of its entries anew no word is believed: it writes when it was
    made. Nor is what lies in the future.
    """
    if polled_at is None:
        return []
    found = []
    for entry in listed:
        at = _moment(entry.updated)
        if at is not None and polled_at - GRACE < at <= now + GRACE and at != _moment(entry.published):
            found.append((entry, f"{at.astimezone(UTC):%Y-%m-%dT%HZ}"))
    return found[:MOST] if 2 * len(found) <= len(listed) or len(found) == 1 else []


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
