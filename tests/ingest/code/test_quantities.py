"""What is counted, with its bounds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.code.quantities import find_quantities

Row = tuple[str | None, str, float | None, float | None, str | None, bool]


def counted(sentence: str) -> list[Row]:
    return [(sentence[q.start : q.end], q.what, q.min, q.max, q.unit, q.vague) for q in find_quantities(sentence)]


@pytest.mark.parametrize(
    ("sentence", "row"),
    [
        ("At least 12 people were killed.", (None, "killed", 12, None, "people", False)),
        ("It killed more than 300 civilians.", ("more than 300 civilians", "killed", 300, None, "people", False)),
        ("As many as 40 died.", (None, "killed", None, 40, "people", False)),
        ("wounding 12 to 15 villagers", ("12 to 15 villagers", "injured", 12, 15, "people", False)),
        ("between 40 and 50 rebels were captured", (None, "captured", 40, 50, "people", False)),
        ("About 40 soldiers are missing.", (None, "missing", 40, 40, "people", True)),
        ("injuring dozens", ("dozens", "injured", 24, None, "people", True)),
        ("two dozen miners were freed", (None, "released", 24, 24, "people", True)),
        ("several people were arrested", (None, "arrested", None, None, "people", True)),
        ("Twenty-five passengers were abducted.", (None, "captured", 25, 25, "people", False)),
        ("two hundred and fifty prisoners were swapped", (None, "exchanged", 250, 250, "people", False)),
        ("The death toll rose to 1,204.", ("1,204", "killed", 1204, 1204, "people", False)),
        ("They will release 50 hostages.", ("50 hostages", "released", 50, 50, "people", False)),
        ("hundreds of thousands of people have been displaced", (None, "displaced", 200_000, None, "people", True)),
        ("sent 3,000 troops", ("3,000 troops", "troops", 3000, 3000, "people", False)),
        ("fired more than 60 missiles", ("more than 60 missiles", "weapons", 60, None, "missiles", False)),
        ("90 lorries crossed", ("90 lorries", "trucks", 90, 90, "trucks", False)),
        ("a $2.5 billion package", ("$2.5 billion", "amount", 2.5e9, 2.5e9, "USD", False)),
        ("up to €500 million", (None, "amount", None, 5e8, "EUR", False)),
        ("one million euros", (None, "amount", 1e6, 1e6, "EUR", False)),
        ("$1-2 billion in loans", ("$1-2 billion", "amount", 1e9, 2e9, "USD", False)),
        ("in a 390 for 390 swap", ("390 for 390", "exchanged", 390, 390, "people", False)),
        ("four of its sailors were killed", (None, "killed", 4, 4, "people", False)),
        ("seven nuns, including two novices, were killed", (None, "killed", 7, 7, "people", False)),
    ],
)  # fmt: skip
def test_one_count(sentence: str, row: Row) -> None:
    """`row[0]` are the words counted, None for the whole sentence."""
    assert counted(sentence) == [(row[0] or sentence.rstrip("."), *row[1:])]


def test_dead_and_wounded_of_one_sentence() -> None:
    rows = counted("The blast left four dead and seven wounded, and 2 others are missing.")
    assert [(row[1], row[2]) for row in rows] == [("killed", 4), ("injured", 7), ("missing", 2)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Turnout was 60% of 3 million.",
        "They met on 12 May for 3 hours at 10 locations.",
        "a 30-day ceasefire",
        "Resolution 2334 was read.",
        "Two leaders spoke for 90 minutes.",
        "He is aged 20.",
        "one of the bodies of the council",
    ],
)
def test_numbers_that_count_nothing_of_ours(sentence: str) -> None:
    assert counted(sentence) == []


@given(st.integers(1, 10_000_000), st.sampled_from(["", "at least ", "up to ", "about "]))
def test_digits_come_back_as_their_value(number: int, lead: str) -> None:
    [(_, what, low, high, unit, vague)] = counted(f"{lead}{number:,} people were killed")
    assert (what, unit, vague) == ("killed", "people", lead == "about ")
    assert low == (None if lead == "up to " else number)
    assert high == (None if lead == "at least " else number)


_WORDS = st.sampled_from(
    re.findall(
        r"\S+", "at least 12 dozens of people were killed $ 2.5 billion to and 1,000 for hostages freed two hundred"
    )
)


@given(st.lists(_WORDS, max_size=20).map(" ".join))
def test_bounds_are_ordered_and_spans_lie_inside(sentence: str) -> None:
    for quantity in find_quantities(sentence):
        assert 0 <= quantity.start < quantity.end <= len(sentence)
        assert quantity.min is None or quantity.max is None or quantity.min <= quantity.max


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    find_quantities(text)
