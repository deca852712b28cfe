"""Dates as the catalogue writes them: EDTF (ISO 8601-2:2019, level 0 and intervals) and ISO weeks."""

import re
from calendar import monthrange
from datetime import date, timedelta

_DAY = re.compile(r"^(\d{4})-(\d{2})-(\d{2})")
_MONTH = re.compile(r"^(\d{4})-(\d{2})$")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")
_YEAR = re.compile(r"^(\d{4})$")


def bounds(edtf: str | None) -> tuple[date, date] | None:
    """First and last day of a date, month, ISO week, year or interval; None where there is none or it is not one."""
    if not edtf:
        return None
    if "/" in edtf:
        first, last = (bounds(part) for part in edtf.split("/", 1))
        return (first[0], last[1]) if first and last else first or last
    text = edtf.rstrip("~?%")
    try:
        if m := _WEEK.match(text):
            monday = date.fromisocalendar(int(m[1]), int(m[2]), 1)
            return monday, monday + timedelta(days=6)
        if m := _MONTH.match(text):
            year, month = int(m[1]), int(m[2])
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        if m := _YEAR.match(text):
            return date(int(m[1]), 1, 1), date(int(m[1]), 12, 31)
        if m := _DAY.match(text):
            day = date(int(m[1]), int(m[2]), int(m[3]))
            return day, day
    except ValueError:
        return None
    return None


def day_of(edtf: str | None) -> date | None:
    """The first day, as the log's `event_date` column holds it."""
    found = bounds(edtf)
    return found[0] if found else None


def precision(edtf: str | None) -> str | None:
    """`day`, `week`, `month`, `year` or `interval`."""
    if not edtf or not bounds(edtf):
        return None
    if "/" in edtf:
        return "interval"
    text = edtf.rstrip("~?%")
    if _WEEK.match(text):
        return "week"
    return {4: "year", 7: "month"}.get(len(text), "day")
