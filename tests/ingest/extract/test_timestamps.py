"""Written dates to ISO 8601."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.extract.timestamps import instant, read_timestamp


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-09-14T08:30:00+02:00", "2026-09-14T08:30:00+02:00"),
        ("2026-09-14T08:30:00.123Z", "2026-09-14T08:30:00Z"),
        ("2026-09-14 08:30", "2026-09-14T08:30:00"),
        ("2026-09-14T08:30:00+0200", "2026-09-14T08:30:00+02:00"),
        ("2026-09-14T00:00:00", "2026-09-14"),
        ("2026-09-14T00:00:00Z", "2026-09-14T00:00:00Z"),
        ("2026/9/4", "2026-09-04"),
        ("20260914", "2026-09-14"),
        ("20260914T083000Z", "2026-09-14T08:30:00Z"),
        ("1789374600", "2026-09-14T08:30:00Z"),
        ("1789374600000", "2026-09-14T08:30:00Z"),
        ("Mon, 14 Sep 2026 08:30:00 GMT", "2026-09-14T08:30:00+00:00"),
        ("14 September 2026 at 8:30 p.m. BST", "2026-09-14T20:30:00+01:00"),
        ("Sept. 14, 2026, 12:05 a.m. EDT", "2026-09-14T00:05:00-04:00"),
        ("09:15 | 14 Sep 2026", "2026-09-14T09:15:00"),
        ("Published September 14th, 2026", "2026-09-14"),
        ("14. März 2026, 14:05 Uhr", "2026-03-14T14:05:00"),
        ("14 de marzo de 2026", "2026-03-14"),
        ("le 1er août 2026 à 10h15", "2026-08-01T10:15:00"),
        ("14 lipca 2026", "2026-07-14"),
        ("4 марта 2026, 21:15", "2026-03-04T21:15:00"),
        ("2026年9月14日 08:30", "2026-09-14T08:30:00"),
        ("2026년 9월 14일", "2026-09-14"),
        ("٥ آذار / مارس ٢٠٢٦", "2026-03-05"),
        ("24 نيسان 2026 09:22 مساءً", "2026-04-24T21:22:00"),
        ("১৬ ফেব্রুয়ারি ২০২৬", "2026-02-16"),
        ("31/12/2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("14.9.2026", "2026-09-14"),
    ],
)
def test_reads(text: str, expected: str) -> None:
    assert read_timestamp(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "3 hours ago", "14 September", "September 2026", "08:30", "0001-01-01T00:00:00", "1970-01-01",
     "2026-02-31", "2026-13-01", "0", "9999999999999", "version 3.2026", "call 555 20 26"],
)  # fmt: skip
def test_reads_no_date_where_there_is_none(text: str) -> None:
    assert read_timestamp(text) is None


def test_the_site_decides_between_day_and_month() -> None:
    assert read_timestamp("03/04/2026") == "2026-04-03"
    assert read_timestamp("03/04/2026", month_first=True) == "2026-03-04"
    assert read_timestamp("03.04.2026", month_first=True) == "2026-04-03"


@given(st.text(max_size=120))
def test_any_text_gives_an_iso_date_or_nothing(text: str) -> None:
    stamp = read_timestamp(text)
    if stamp is not None:
        assert 1990 <= datetime.fromisoformat(stamp).year <= 2099


@given(
    st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2099, 12, 31)),  # noqa: DTZ001
    st.integers(min_value=-48, max_value=56),
)
def test_iso_timestamps_keep_their_moment_and_offset(moment: datetime, quarters: int) -> None:
    written = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    read = read_timestamp(written.isoformat())
    assert read == written.isoformat()
    assert instant(read) == written


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31)))
def test_dates_in_words(day: date) -> None:
    for pattern in ("%d %B %Y", "%B %d, %Y", "%b. %d, %Y", "%A, %d %b %Y", "%Y/%m/%d", "%Y%m%d"):
        assert read_timestamp(day.strftime(pattern)) == day.isoformat()


def test_a_day_is_no_moment() -> None:
    assert instant("2026-09-14") is None
    assert instant("2026-09-14T08:30:00Z") == datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
