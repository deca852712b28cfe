"""When runs are due, and how they are named."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dags.runs import cron_every, run_name


@pytest.mark.parametrize(
    ("minutes", "cron"),
    [(1, "*/1 * * * *"), (15, "*/15 * * * *"), (60, "0 */1 * * *"), (360, "0 */6 * * *"), (1440, "0 0 * * *")],
)
def test_round_intervals(minutes: int, cron: str) -> None:
    assert cron_every(minutes) == cron


@given(st.sampled_from([n for n in range(1, 1441) if (60 % n == 0 if n < 60 else 1440 % n == n % 60 == 0)]))
def test_an_interval_is_kept_all_day(minutes: int) -> None:
    minute, hour, *rest = cron_every(minutes).split()
    assert rest == ["*", "*", "*"]
    assert [h * 60 + m for h in _values(hour, 24) for m in _values(minute, 60)] == list(range(0, 1440, minutes))


@pytest.mark.parametrize("minutes", [-15, 0, 7, 45, 90, 300, 1441, 2880])
def test_what_no_cron_expression_says_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="take 5, 15, 30"):
        cron_every(minutes)


def _values(field: str, end: int) -> list[int]:
    if field.isdigit():
        return [int(field)]
    return list(range(0, end, int(field.partition("/")[2] or 1)))


def test_a_scheduled_run_is_named_by_its_time() -> None:
    name = run_name("news_live", "scheduled__2026-09-14T10:15:00+00:00")
    assert name == "news_live.scheduled__2026-09-14T10-15-00Z"


@given(st.text())
def test_any_run_id_becomes_a_plain_file_name(run_id: str) -> None:
    assert re.fullmatch(r"news_live\.[A-Za-z0-9_.-]*", run_name("news_live", run_id))
