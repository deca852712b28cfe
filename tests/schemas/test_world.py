"""The catalogue's classes, and the way of an event's words into spans and back."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.export import FOLDER, schemas, text_of
from schemas.facts import FACT_TYPES
from schemas.world import (
    EVENT_TYPES,
    CallHeld,
    Mention,
    Participant,
    Place,
    Quantity,
    Span,
    WorldEvent,
)

TITLE, TEXT = "Call held", "Envoy Ada Brandt phoned Oslo on Monday; 12 boats were freed at Bergen, the ministry said."


def at(words: str, field: str = "text") -> Span:
    start = (TITLE if field == "title" else TEXT).index(words)
    return Span.model_validate({"field": field, "start": start, "end": start + len(words)})


def event() -> WorldEvent:
    span = at("phoned Oslo")
    return CallHeld(
        participants=(
            Participant(name="Ada Brandt", name_at=at("Ada Brandt"), kind="person", code="DNK", role="party"),
            Participant(
                name="Oslo", name_at=at("Oslo"), kind="country", actor_id="country:NOR", code="NOR", role="party"
            ),
        ),
        occurred_on="2026-09-14",
        date_words="on Monday",
        date_at=at("on Monday"),
        date_basis="relative",
        place=Place(name="Bergen", name_at=at("Bergen"), country="NOR", lat=60.39, lon=5.32),
        quantities=(Quantity(what="released", min=12, max=12, quote="12 boats", quote_at=at("12 boats")),),
        attributed_to="the ministry",
        attributed_at=at("the ministry"),
        evidence=Mention(field="text", start=span.start, end=span.end, quote="phoned Oslo"),
        mentions=(Mention(field="title", start=0, end=9, quote="Call held"),),
    )


def test_the_catalogue_has_all_46_types_with_their_codes() -> None:
    assert len(EVENT_TYPES) == 46
    assert all(name == cls.model_fields["type"].default and cls.__doc__ for name, cls in EVENT_TYPES.items())
    assert {name for name, cls in EVENT_TYPES.items() if cls.spec.planned} == {
        "call_planned", "meeting_planned", "visit_planned", "talks_planned", "release_planned",
    }  # fmt: skip
    assert EVENT_TYPES["truce_agreed"].spec.cameo == ("0356",)
    assert EVENT_TYPES["truce_ended"].spec.quad_class is None
    assert EVENT_TYPES["attack_carried_out"].spec.quad_class == "material conflict"
    assert sum(cls.spec.core for cls in EVENT_TYPES.values()) == 30


def test_every_code_has_an_intensity() -> None:
    assert all(cls.spec.intensity is not None for cls in EVENT_TYPES.values() if cls.spec.cameo)


def test_the_stored_form_holds_no_word_of_the_article() -> None:
    stored = json.dumps(event().to_payload())
    for words in ("Brandt", "Oslo", "Monday", "Bergen", "boats", "ministry", "Call held", "phoned"):
        assert words not in stored


def test_the_words_come_back_from_the_texts() -> None:
    stored = event().to_payload()
    assert WorldEvent.from_payload("call_held", stored, TITLE, TEXT) == event()


def test_an_erased_text_gives_no_words_and_no_error() -> None:
    erased = WorldEvent.from_payload("call_held", event().to_payload(), "", "")
    assert erased.evidence.quote is None
    assert [p.code for p in erased.participants] == ["DNK", "NOR"]
    assert erased.participants[0].name is None


@given(st.text(min_size=1, max_size=40), st.data())
def test_cutting_a_span_gives_exactly_what_stands_there(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert Span(field="text", start=start, end=end).cut("", text) == text[start:end]
    assert Span(field="text", start=start, end=len(text) + 1).cut("", text) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"evidence": {"field": "text", "start": 5, "end": 5}},
        {"evidence": {"field": "body", "start": 0, "end": 5}},
        {"evidence": {"field": "text", "start": 0, "end": 5}, "confidence": 1.5},
        {"evidence": {"field": "text", "start": 0, "end": 5}, "colour": "red"},
        {"evidence": {"field": "text", "start": 0, "end": 5}, "modality": "maybe"},
        {},
    ],
)
def test_what_the_catalogue_does_not_admit_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CallHeld.model_validate(wrong)


def test_published_schemas_are_those_of_the_code() -> None:
    published = {file.name: file.read_text(encoding="utf-8") for file in Path(FOLDER).glob("*.json")}
    assert published == {name: text_of(schema) for name, schema in schemas().items()}, "run `courant schema export`"
    assert len(published) == len(EVENT_TYPES) + len(FACT_TYPES)
