"""What was agreed, planned or said at a call or a meeting of the same article."""

from functools import cache

import pytest

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, frames_coder
from schemas.world import WorldEvent

CHAIN = (
    "President Petr Pavel of Czechia and Polish President Andrzej Duda spoke by phone on Tuesday. During the call, they"
    " agreed to a ceasefire in the border area. The two leaders also agreed to hold talks in Prague next week."
)


@cache
def coder() -> FramesCoder:
    return frames_coder()


def related(text: str) -> dict[str, list[tuple[str, str]]]:
    """The types of acts, with the type of what they are related to and its quote."""
    article = Article("1", "", text, "2025-05-21")
    events = coder().code(article).events
    for event in events:
        for other in event.related_to:
            assert (other.type, other.start) in {(e.type, e.evidence.start) for e in events}
            assert other.quote == other.cut("", text)
    return {e.type: [(r.relation, r.type) for r in e.related_to] for e in events}


def test_the_truce_agreed_on_a_call_and_the_talks_planned_at_it() -> None:
    found = related(CHAIN)
    assert found["call_held"] == []
    assert found["truce_agreed"] == [("at", "call_held")]
    assert found["talks_planned"] == [("at", "call_held")]


def test_what_is_told_right_after_a_meeting_by_those_who_met() -> None:
    text = "Chilean Foreign Minister Alberto van Klaveren met his Peruvian counterpart in Lima on Friday. "
    assert related(text + "They signed an agreement on fishing.")["agreement_signed"] == [("at", "meeting_held")]
    assert related(text + "Bolivia accused Brazil of smuggling.")["accusation_made"] == []


@pytest.mark.parametrize(
    "text",
    [
        "Ahead of the meeting in Geneva on Monday between Sudan and Chad, Sudan rejected a ceasefire.",
        "Norway and Chile held talks in Oslo on Monday. Chile accused Norway of breaking maritime law on Tuesday.",
        "Norway and Chile held talks in Oslo on Monday.\n\nThe weather was fine.\n\nChile accused Norway of piracy.",
    ],
)
def test_what_came_before_on_another_day_or_elsewhere_is_not_related(text: str) -> None:
    assert all(others == [] for others in related(text).values())


def test_a_stored_relation_is_a_place_and_comes_back_with_its_words() -> None:
    events = coder().code(Article("1", "", CHAIN, "2025-05-21")).events
    truce = next(e for e in events if e.type == "truce_agreed")
    [stored] = truce.to_payload()["related_to"]
    assert set(stored) == {"relation", "type", "field", "start", "end"}
    assert WorldEvent.from_payload("truce_agreed", truce.to_payload(), "", CHAIN) == truce
    call = next(e for e in events if e.type == "call_held")
    assert "related_to" not in call.to_payload()
