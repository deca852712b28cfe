"""Dates of feeds as ISO 8601 in UTC."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from feedparser.datetimes import _parse_date

_YEARS = range(1980, 2101)
_COMMA_SPACE = re.compile(r"\s+")


def utc_text(moment: datetime) -> str:
    """`2025-05-20T14:03:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def from_tuple(parts: Sequence[int] | None) -> str | None:
    """What feedparser made of a date (a nine-tuple in UTC), or None where that is no date of the web's time."""
    if parts is None:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in parts[:6])
        # 60 is a leap second in a struct_time, and nothing in a datetime.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return utc_text(moment) if moment.year in _YEARS else None


def from_text(text: object) -> str | None:
    """A date as feeds write it (RFC 822, RFC 3339, W3CDTF and what feedparser knows beyond), or None."""
    if not isinstance(text, str):
        return None
    text = _COMMA_SPACE.sub(" ", text).strip()
    if not text or len(text) > 100:
        return None
    try:
        return from_tuple(_parse_date(text))
    except (ValueError, OverflowError, ArithmeticError, LookupError, TypeError, AttributeError):
        return None
