from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.dates import bounds, day_of, precision


@pytest.mark.parametrize(
    ("edtf", "first", "last", "kind"),
    [
        ("2026-09-14", "2026-09-14", "2026-09-14", "day"),
        ("2026-09-14T23:30:00+09:00", "2026-09-14", "2026-09-14", "day"),
        ("2026-02", "2026-02-01", "2026-02-28", "month"),
        ("2026", "2026-01-01", "2026-12-31", "year"),
        ("2026-W38", "2026-09-14", "2026-09-20", "week"),
        ("2026-09-03/2026-09-05", "2026-09-03", "2026-09-05", "interval"),
        ("2026-09-14~", "2026-09-14", "2026-09-14", "day"),
    ],
)
def test_bounds_and_precision(edtf: str, first: str, last: str, kind: str) -> None:
    assert bounds(edtf) == (date.fromisoformat(first), date.fromisoformat(last))
    assert precision(edtf) == kind


@pytest.mark.parametrize("edtf", [None, "", "soon", "2026-13", "2026-02-30", "2026-W60"])
def test_what_is_no_date_has_no_bounds(edtf: str | None) -> None:
    assert bounds(edtf) is None
    assert precision(edtf) is None


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1)))
def test_every_day_lies_in_its_week_month_and_year(day: date) -> None:
    year, week, _ = day.isocalendar()
    for coarse in (f"{year}-W{week:02}", f"{day:%Y-%m}", f"{day:%Y}"):
        span = bounds(coarse)
        assert span is not None
        assert span[0] <= day <= span[1]
    assert day_of(day.isoformat()) == day
