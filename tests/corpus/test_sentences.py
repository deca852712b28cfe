"""Sentences that others have marked with classes (PLOVER, CAMEO, PETRARCH, WikiEvents): floors of what was reached.

The figures stand in docs/quality.md.
"""

from functools import cache
from pathlib import Path

import pytest

from benchmarks.sentences import Score, crosswalk, score
from ingest.code.coder import Coder, load_coder
from schemas.world import EVENT_TYPES

SETS = Path(__file__).parents[2].parent / "shared" / "corpus" / "events"

needs_sets = pytest.mark.skipif(not (SETS / "plover_gsr.jsonl").is_file(), reason=f"no sentence sets at {SETS}")


@cache
def coder() -> Coder:
    return load_coder("frames")


@cache
def scored(name: str, *, within: bool) -> Score:
    return score(coder(), SETS / f"{name}.jsonl", within=within)


@pytest.mark.parametrize("name", ["plover_gsr", "wikievents"])
def test_the_crosswalk_names_every_type(name: str) -> None:
    assert set(crosswalk(name)) == set(EVENT_TYPES)


@needs_sets
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "within", "precision", "recall"),
    [
        ("plover_gsr", True, 0.84, 0.69),
        ("plover_gsr", False, 0.75, 0.46),
        ("cameo_manual", True, 0.82, 0.60),
        ("cameo_manual", False, 0.74, 0.45),
    ],
)
def test_classes_do_not_fall_back(name: str, within: bool, precision: float, recall: float) -> None:
    reached = scored(name, within=within).figures()
    assert reached[0] >= precision
    assert reached[1] >= recall


@needs_sets
@pytest.mark.slow
def test_sentences_without_events_stay_without() -> None:
    # One of PETRARCH's condemns allegations: by the catalogue an accusation.
    assert scored("petrarch", within=False).empty_coded <= 2
    total = scored("wikievents", within=False)
    assert total.empty_coded <= 0.065 * total.empty
