"""The frames against their own examples and short articles: recall floors per type, silence where it is due."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.code.article import Article
from ingest.code.coder import Coding, FramesCoder, frames_coder
from ingest.code.examples import Example, examples
from schemas.world import EVENT_TYPES, WorldEvent

PUBLISHED = "2025-05-21T10:00:00+00:00"
FLOOR = 0.66
"""Share of a type's positive examples that must be found; all of them together: `TOTAL_FLOOR`."""
TOTAL_FLOOR = 0.92
PARAGRAPHS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "paragraphs.yaml").read_text("utf-8"))


@cache
def coder() -> FramesCoder:
    return frames_coder(scored=False)  # the scorer was trained on these very sentences


@cache
def coded(text: str, title: str = "", published: str = PUBLISHED) -> Coding:
    return coder().code(Article("example", title, text, published))


BY_TYPE: dict[str, list[Example]] = defaultdict(list)
for example in examples():
    BY_TYPE[example.type].append(example)


def test_every_type_of_the_catalogue_has_enough_examples() -> None:
    for type_ in EVENT_TYPES:
        told = [e for e in BY_TYPE[type_] if e.tells]
        assert len(told) >= 6, type_
        assert len(BY_TYPE[type_]) - len(told) >= 4, type_


@pytest.mark.parametrize("type_", sorted(EVENT_TYPES))
def test_positive_examples_yield_their_type(type_: str) -> None:
    told = [e for e in BY_TYPE[type_] if e.tells]
    missed = [e.text for e in told if all(event.type != type_ for event in coded(e.text).events)]
    assert len(told) - len(missed) >= FLOOR * len(told), missed


@pytest.mark.parametrize("type_", sorted(EVENT_TYPES))
def test_negative_examples_do_not(type_: str) -> None:
    wrong = [e.text for e in BY_TYPE[type_] if not e.tells and any(x.type == type_ for x in coded(e.text).events)]
    assert not wrong


def test_all_examples_together() -> None:
    told = [e for listed in BY_TYPE.values() for e in listed if e.tells]
    hits = [(e, next((x for x in coded(e.text).events if x.type == e.type), None)) for e in told]
    found = [(e, x) for e, x in hits if x is not None]
    assert len(found) >= TOTAL_FLOOR * len(told)
    right = sum(e.who <= {p.code for p in x.participants} for e, x in found)
    assert right >= 0.93 * len(found)


def _matched(expected: list[dict[str, Any]], events: tuple[WorldEvent, ...]) -> int:
    left = list(events)
    hits = 0
    for wanted in expected:
        for event in left:
            who = {p.code or p.name for p in event.participants}
            if event.type == wanted["type"] and (who & set(wanted["who"]) or not wanted["who"]):
                left.remove(event)
                hits += 1
                break
    return hits


def test_short_articles_reach_their_floors() -> None:
    hits = said = wanted = 0
    for paragraph in PARAGRAPHS:
        events = coded(paragraph["text"], paragraph.get("title", ""), paragraph["published"]).events
        hits += _matched(paragraph["events"], events)
        said += len(events)
        wanted += len(paragraph["events"])
    assert hits / said >= 0.80, f"precision {hits / said:.2f}"
    assert hits / wanted >= 0.71, f"recall {hits / wanted:.2f}"


@pytest.mark.parametrize("paragraph", [p for p in PARAGRAPHS if not p["events"]], ids=lambda p: p["id"])
def test_articles_without_events_yield_none(paragraph: dict[str, Any]) -> None:
    assert coded(paragraph["text"], "", paragraph["published"]).events == ()


def test_phrasings_reach_their_floor() -> None:
    phrasings: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "phrasings.yaml").read_text("utf-8"))
    told = [(type_, text) for type_, texts in phrasings.items() for text in texts]
    missed = [text for type_, text in told if all(event.type != type_ for event in coded(text).events)]
    assert len(told) - len(missed) >= 0.80 * len(told), missed
