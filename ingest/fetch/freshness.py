"""For how long an answer may be taken for fresh: RFC 9111 (HTTP caching), as a private cache reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_DIRECTIVE = re.compile(r"\s*([A-Za-z0-9!#$%&'*+.^_`|~-]+)\s*(?:=\s*(\"(?:[^\"\\]|\\.)*\"|[^,\s]*))?\s*(?:,|$)")
_SECONDS = re.compile(r"\d{1,10}")
LONGEST = 10 * 365 * 86_400
"""Seconds: a lifetime beyond counts as this one."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """`lifetime` is for how many seconds an answer is fresh from its making, None where it does not say.

    `left` is for how many from its receipt on.
    """

    lifetime: int | None = None
    left: int = 0


def freshness(headers: Mapping[str, str], now: datetime, *, stored: int | None = None) -> Freshness:
    """What the headers of an answer (lower-case names), received at `now`, say of its freshness.

    `stored` is the lifetime of the stored answer that a 304 confirms: it stands where the 304 says nothing else (RFC
    9111, section 3.2). Nothing is guessed from Last-Modified. s-maxage is for shared caches, and must-revalidate says
    only what to do with what is stale already. Never raises: what cannot be read counts as stale (section 4.2.1).
    """
    said = _lifetime(headers, now)
    lifetime = stored if said is None else said
    if lifetime is None:
        return Freshness()
    return Freshness(lifetime, max(0, lifetime - _age(headers, now)))


def _lifetime(headers: Mapping[str, str], now: datetime) -> int | None:
    control = _directives(headers.get("cache-control", ""))
    # `no-cache="set-cookie"` means that field alone.
    never = "no-store" in control or ("no-cache" in control and control["no-cache"] is None)
    if never or headers.get("vary", "").strip() == "*":
        return 0
    if "max-age" in control:
        return _seconds(control["max-age"] or "") or 0
    if "expires" in headers:
        until = _date(headers["expires"])
        if until is None:
            return 0
        return _capped((until - (_date(headers.get("date")) or now)).total_seconds())
    return None


def _age(headers: Mapping[str, str], now: datetime) -> int:
    """Section 4.2.3, without the time that the answer was on its way."""
    made = _date(headers.get("date"))
    apparent = _capped((now - made).total_seconds()) if made else 0
    return max(apparent, _seconds(headers.get("age", "").partition(",")[0]) or 0)


def _directives(text: str) -> dict[str, str | None]:
    """Names in lower case, with their values; of one that is repeated, the first counts."""
    found: dict[str, str | None] = {}
    for match in _DIRECTIVE.finditer(text):
        value = match[2]
        found.setdefault(match[1].lower(), value.strip('"') if value is not None else None)
    return found


def _seconds(text: str) -> int | None:
    return _capped(int(text.strip())) if _SECONDS.fullmatch(text.strip()) else None


def _capped(seconds: float) -> int:
    return int(min(max(seconds, 0), LONGEST))


def _date(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
