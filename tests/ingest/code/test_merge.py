"""Which tellings are one happening."""

import pytest

from ingest.code.discourse import Party
from ingest.code.merge import Telling, merge
from schemas.world import EVENT_TYPES


def party(code: str) -> Party:
    return Party(code, "text", 0, 3, f"country:{code}", "country", code, None)


def telling(event_type: str, number: int, actor: str = "", target: str = "", proposed: bool = False) -> Telling:
    assert event_type in EVENT_TYPES
    named = [(party(code), role) for code, role in ((actor, "actor"), (target, "target")) if code]
    at = 100 * number
    return Telling(
        type=event_type,
        field="text",
        start=at,
        end=at + 50,
        sentence=number,
        parties=tuple(named),
        modality="asserted",
        when=None,
        place=None,
        scope=None,
        quantities=(),
        speaker=None,
        confidence=0.8,
        anaphoric=False,
        spare=(),
        frame="scorer:x" if proposed else "x",
        trigger=(at + 10, at + 15),
        proposed=proposed,
    )


def sentences(tellings: list[Telling]) -> list[list[int]]:
    return [sorted(t.sentence for t in happening.tellings) for happening in merge(tellings)]


@pytest.mark.parametrize("event_type", ["accusation_made", "attack_carried_out", "demand_made"])
def test_what_is_done_to_a_side_is_not_what_it_does(event_type: str) -> None:
    first = telling(event_type, 1, "IRN", "USA")
    for actor, target in (("USA", "IRN"), ("USA", ""), ("", "IRN")):
        assert sentences([first, telling(event_type, 2, actor, target, proposed=True)]) == [[1], [2]]
    for actor, target in (("IRN", "USA"), ("IRN", ""), ("", "USA"), ("", "")):
        assert sentences([first, telling(event_type, 3, actor, target, proposed=True)]) == [[1, 3]]
