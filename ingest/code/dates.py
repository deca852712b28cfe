"""Resolve the words that say when against the day of publication.

`resolve` computes EDTF (ISO 8601-2:2019, in the Library of Congress profile) from a mention, the publication timestamp
as written and the tense of what is dated: "on Saturday" is the last one in a report and the coming one in an
announcement. Relative words resolve in the timestamp's own UTC offset. Weeks are ISO weeks (`2025-W20`); a season is
the interval of its three months (`2024-09/2024-11` for the autumn of 2024).
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from ingest.code.date_words import DateMention, find_dateline, find_dates

__all__ = ["Basis", "DateMention", "Resolved", "Tense", "find_dateline", "find_dates", "published_date", "resolve"]

Tense = Literal["past", "future", "present"]
Basis = Literal["explicit", "relative", "unknown"]


@dataclass(frozen=True, slots=True)
class Resolved:
    """An EDTF date or interval, or None where the words say too little, and what it rests on."""

    edtf: str | None
    basis: Basis


_UNKNOWN = Resolved(None, "unknown")
_SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}


def published_date(published: str | None) -> date | None:
    """The calendar day of a publication timestamp in its own UTC offset; None where there is none that can be read."""
    match = re.match(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?!\d)", published or "")
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def resolve(mention: DateMention, published: str | None, tense: Tense, anchor: str | None = None) -> Resolved:
    """The EDTF date that a mention means, seen from the day of publication.

    `tense` is that of the dated verb and decides what the words leave open: a weekday or a day without a year is never
    after publication in the past tense, and never before it in the future tense. `anchor` is the EDTF day of the
    happening that "10 days later" or "the same day" counts from. Unresolved are: vague words, relative words without a
    publication date, dates that do not exist.
    """
    handler = _HANDLERS.get(mention.kind)
    if handler is None:
        return _UNKNOWN
    today = published_date(published)
    if mention.kind == "anchored":
        return _anchored(mention, anchor)
    try:
        edtf = handler(mention, today, tense)
    except (ValueError, OverflowError):
        return _UNKNOWN
    if edtf is None:
        return _UNKNOWN
    return Resolved(
        edtf,
        "explicit"
        if mention.kind in ("day", "range", "year", "month") and mention.which in (None, "named")
        else "relative",
    )


def _is_calendar(mention: DateMention) -> bool:
    kinds = ("day", "range", "year", "month")
    return mention.kind in kinds and mention.which in (None, "named") and mention.weekday is None


def _day(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if mention.year is not None:
        day = date(mention.year, mention.month or 1, mention.day or 1)
        if mention.which != "named" or today is None or day <= today:
            return day.isoformat()
    chosen = _without_year(mention.month or 1, mention.day or 1, today, tense)
    return chosen.isoformat() if chosen else None


def _without_year(month: int, day: int, today: date | None, tense: Tense) -> date | None:
    if today is None:
        return None
    around = list(_in_years(month, day, range(today.year - 8, today.year + 9)))
    if tense == "past":
        return max((d for d in around if d <= today), default=None)
    if tense == "future":
        return min((d for d in around if d >= today), default=None)
    return min(around, key=lambda d: (abs((d - today).days), d), default=None)


def _in_years(month: int, day: int, years: range) -> Iterator[date]:
    for year in years:
        if day <= calendar.monthrange(year, month)[1]:
            yield date(year, month, day)


def _range(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if mention.day is None and mention.weekday is None:
        return _months_or_years(mention, today, tense)
    if mention.end_weekday is not None and mention.weekday is not None:
        start = _weekday(mention, today, tense)
        days = (mention.end_weekday - mention.weekday) % 7
        return f"{start}/{(date.fromisoformat(start) + timedelta(days=days)).isoformat()}" if start and days else None
    month = mention.month or 1
    end_month = mention.end_month or month
    if mention.year is not None:
        last = date(mention.year, end_month, mention.end_day or 1)
        first = date(mention.year - (end_month < month), month, mention.day or 1)
    else:
        chosen = _without_year(month, mention.day or 1, today, tense)
        if chosen is None:
            return None
        first, last = chosen, date(chosen.year + (end_month < month), end_month, mention.end_day or 1)
    return f"{first.isoformat()}/{last.isoformat()}" if first < last else None


def _months_or_years(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    """ "Between November and February", "in 2021 and 2022"."""
    if mention.month is None or mention.end_month is None:
        first, last = mention.year or 0, mention.end_year or 0
        return f"{first:04d}/{last:04d}" if first < last else None
    month, end_month = mention.month, mention.end_month
    ends = replace(mention, month=end_month, which=None)
    end = _month(ends, today, tense)
    if end is None or month == end_month:
        return None
    return f"{int(end[:4]) - (end_month < month):04d}-{month:02d}/{end}"


def _month(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    month = mention.month or 1
    if mention.year is not None:
        return f"{mention.year:04d}-{month:02d}"
    if today is None:
        return None
    year = today.year
    of_year = mention.words.lower().endswith("year")
    if of_year:
        year += {"last": -1, "next": 1}.get(mention.which or "", 0)
    elif mention.which == "last":
        year -= month >= today.month
    elif mention.which == "next":
        year += month <= today.month
    elif mention.which is None and tense == "past":
        year -= month > today.month
    elif mention.which is None and tense == "future":
        year += month < today.month
    elif mention.which is None:
        distance = month - today.month
        year += -1 if distance > 6 else 1 if distance < -6 else 0
    return f"{year:04d}-{month:02d}"


def _year(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    return f"{mention.year:04d}"


def _nth(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    near = [_months_on(today, n) for n in (-2, -1, 0, 1, 2)]
    days = [date(y, m, mention.day or 1) for y, m in near if (mention.day or 1) <= calendar.monthrange(y, m)[1]]
    if tense == "future":
        return min(d for d in days if d >= today).isoformat()
    if tense == "past":
        return max(d for d in days if d <= today).isoformat()
    return min(days, key=lambda d: (abs((d - today).days), d)).isoformat()


def _weekday(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None or mention.weekday is None:
        return None
    monday = today - timedelta(days=today.weekday())
    ahead = (mention.weekday - today.weekday()) % 7
    back = (today.weekday() - mention.weekday) % 7
    which = mention.which or ""
    if which.endswith(" week"):
        weeks = {"last week": -1, "this week": 0, "next week": 1}[which]
        return (monday + timedelta(weeks=weeks, days=mention.weekday)).isoformat()
    if which == "last":
        return (today - timedelta(days=back or 7)).isoformat()
    if which == "next":
        coming = today + timedelta(days=ahead or 7)
        same_week = coming - monday < timedelta(days=7)
        return (coming + timedelta(days=7 if same_week and mention.words.lower().startswith("next") else 0)).isoformat()
    if which == "this":
        return (monday + timedelta(days=mention.weekday)).isoformat()
    if which == "following":
        return None
    return (today + timedelta(days=ahead) if tense == "future" else today - timedelta(days=back)).isoformat()


def _word(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    shifts = {
        "the day before yesterday": -2,
        "yesterday": -1,
        "last night": -1,
        "tomorrow": 1,
        "the day after tomorrow": 2,
    }
    return (today + timedelta(days=shifts.get(mention.which or "", 0))).isoformat()


def _period(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if today is None:
        return None
    shift = {"last": -1, "this": 0, "next": 1}.get(mention.which or "")
    if mention.unit == "weekend":
        at_weekend = today.weekday() >= 5
        if mention.which == "the":
            shift = -1 if tense != "future" and not at_weekend else 0
        elif mention.which == "next" and not at_weekend:
            shift = 0
        return _week(today + timedelta(weeks=shift or 0))
    if shift is None:
        return None
    if mention.unit == "week":
        return _week(today + timedelta(weeks=shift))
    if mention.words.lower().rpartition(" ")[0].endswith(("past", "coming")):
        return None
    if mention.unit == "month":
        return "{:04d}-{:02d}".format(*_months_on(today, shift))
    return f"{today.year + shift:04d}"


def _season(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    """The three months of a season of the northern hemisphere; a winter is of the year that it begins in."""
    season, _, which = (mention.which or "").partition(" ")
    first = _SEASONS[season]
    if mention.year is not None:
        return _three_months(date(mention.year, first, 1))
    if today is None or which in ("the", "in"):
        return None
    starts = [date(today.year + n, first, 1) for n in (-2, -1, 0, 1, 2)]
    if which == "next":
        return _three_months(min(start for start in starts if start > today))
    if which == "this":
        return _three_months(date(today.year - (first == 12 and today.month < 3), first, 1))
    return _three_months(max(start for start in starts if _month_index(today) > _month_index(start) + 2))


def _three_months(start: date) -> str:
    return "{:04d}-{:02d}/{:04d}-{:02d}".format(*_months_on(start, 0), *_months_on(start, 2))


def _ago(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    return _shifted(today, mention.unit, -mention.count) if today and mention.count is not None else None


def _ahead(mention: DateMention, today: date | None, tense: Tense) -> str | None:
    if tense != "future" or today is None or mention.count is None:
        return None
    return _shifted(today, mention.unit, mention.count)


def _anchored(mention: DateMention, anchor: str | None) -> Resolved:
    """Counted from the day of another happening; by the precision of what is counted, as in `_shifted`."""
    day = published_date(anchor) if anchor and re.fullmatch(r"\d{4}-\d\d-\d\d", anchor) else None
    count = (
        mention.count
        if mention.count is not None
        else (None if "few" in mention.words or "several" in mention.words else 1)
    )
    if day is None or count is None:
        return _UNKNOWN
    sign = {"later": 1, "earlier": -1, "same": 0}[mention.which or "same"]
    edtf = _shifted(day, mention.unit, sign * count)
    return Resolved(edtf, "relative") if edtf else _UNKNOWN


def _shifted(day: date, unit: str | None, count: int) -> str | None:
    """`day` moved by `count` units, as precise as the unit: a day for hours and days, else the week, month or year."""
    if unit in ("day", "night", "evening", "morning", "afternoon"):
        return (day + timedelta(days=count)).isoformat()
    if unit == "hour":
        return day.isoformat() if abs(count) < 24 else (day + timedelta(days=int(count / 24))).isoformat()
    if unit in ("week", "fortnight"):
        return _week(day + timedelta(weeks=count * (2 if unit == "fortnight" else 1)))
    if unit == "month":
        return "{:04d}-{:02d}".format(*_months_on(day, count))
    return f"{day.year + count:04d}" if unit == "year" else None


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def _months_on(day: date, count: int) -> tuple[int, int]:
    year, month = divmod(_month_index(day) + count, 12)
    return year, month + 1


def _month_index(day: date) -> int:
    return day.year * 12 + day.month - 1


_HANDLERS: dict[str, Callable[[DateMention, date | None, Tense], str | None]] = {
    "day": _day,
    "range": _range,
    "month": _month,
    "year": _year,
    "nth": _nth,
    "weekday": _weekday,
    "word": _word,
    "period": _period,
    "season": _season,
    "ago": _ago,
    "ahead": _ahead,
    "anchored": lambda mention, today, tense: None,
}
