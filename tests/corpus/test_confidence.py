"""Confidence against what proves right, on articles that frames were not made on."""

from pathlib import Path

import pytest

from benchmarks.confidence import Outcome, brier, by_others, error, fit, halves, outcomes, scorer, share
from ingest.code.coder import load_coder

GOLD = Path(__file__).parents[2].parent / "shared" / "gold"


def test_a_fitted_table_never_falls_and_is_drawn_towards_the_share_of_all() -> None:
    told = [*[(0.5, True)] * 8, *[(0.5, False)] * 2, *[(0.6, False)] * 10, *[(0.8, True)] * 10]
    table = fit(told)
    assert [x for x, _ in table] == sorted(x for x, _ in table)
    assert [y for _, y in table] == sorted(y for _, y in table)
    assert len(table) == 2  # the bins at .5 and .6 contradict the order, and are one
    overall = sum(right for _, right in told) / len(told)
    assert overall < table[-1][1] < 1
    assert share(table, 0.1) == table[0][1]
    assert share(table, 0.9) == table[-1][1]
    assert table[0][1] < share(table, 0.7) < table[1][1]


def test_errors_of_confidence() -> None:
    sure: list[Outcome] = [(1.0, True), (1.0, False)]
    assert error(sure) == 0.5
    assert brier(sure) == 0.5
    assert error([(0.5, True), (0.5, False)]) == 0.0
    assert len(by_others([sure, sure])) == 4


@pytest.mark.slow
@pytest.mark.skipif(not (GOLD / "dev.jsonl").is_file(), reason=f"no gold articles at {GOLD}")
def test_confidence_is_about_the_share_that_proves_right() -> None:
    _, others = halves(GOLD / "dev.jsonl")
    told = list(outcomes(others, load_coder("frames"), scorer(GOLD / "score_gold.py")))
    assert error(told) <= 0.10
    assert brier(told) <= 0.25
