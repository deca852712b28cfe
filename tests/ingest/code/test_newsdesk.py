"""Whole short articles, marked before any coder had read them: what is found in the very sentences that tell it."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingest.code.coder import FramesCoder, frames_coder
from tests.ingest.code import scoring

ARTICLES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "newsdesk.yaml").read_text("utf-8"))


@cache
def coder() -> FramesCoder:
    return frames_coder(scored=False)  # the scorer was trained on these very articles


@cache
def counted() -> scoring.Count:
    return scoring.counted(ARTICLES, coder())


def test_events_are_found_in_the_sentences_that_tell_them() -> None:
    count = counted()
    assert count.precision >= 0.88
    assert count.recall >= 0.76


def test_participants_and_dates_are_right() -> None:
    count = counted()
    assert count.who / count.right >= 0.61
    assert count.date / count.right >= 0.73


def test_no_frequent_type_falls_far_behind() -> None:
    frequent = {t: (missed, found) for t, (missed, found) in counted().by_type.items() if missed + found >= 5}
    behind = {t: counts for t, counts in frequent.items() if counts[1] < 0.4 * sum(counts)}
    assert not behind


def test_articles_of_other_worlds_are_left_alone() -> None:
    quiet = [r for r in ARTICLES if not r["events"]]
    assert len(quiet) >= 4
    for record in quiet:
        assert coder().code(scoring.article_of(record)).events == ()
