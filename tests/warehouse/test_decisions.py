"""Guarantee 8: corrections are events; the current state, any earlier state, and what two coders make of a text."""

from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.warehouse.sample_events import NOON, activated, article, call_article
from warehouse import Log, connect
from warehouse.decisions import DecisionError, correct, retract

URL = "https://a.example/call"
WHO = {"by": "desk", "reason": "The readout names another day.", "now": NOON, "run_id": "desk-1"}


def rows(path: Path, sql: str) -> list[tuple]:
    with connect(path) as con:
        return con.execute(sql).fetchall()


@pytest.fixture
def claim(path: Path) -> UUID:
    with Log.open(path) as log:
        log.append(call_article(URL))
    [(found,)] = rows(path, "SELECT claim_id FROM calls_held")
    return UUID(str(found))


def test_g8_a_retracted_event_is_gone_and_its_past_is_not(path: Path, claim: UUID) -> None:
    with Log.open(path) as log:
        assert retract(log, claim, **WHO).added == 1
        assert retract(log, claim, **WHO).added == 0
    assert rows(path, "SELECT type FROM world_events") == [("truce_rejected",)]
    assert rows(path, "SELECT decision, decided_by, current FROM corrections") == [("retracted", "desk", True)]
    assert rows(path, "SELECT type FROM world_events_as_of(5) ORDER BY position") == [
        ("call_held",),
        ("truce_rejected",),
    ]
    assert rows(path, "SELECT count(*) FROM world_events_as_of(now())") == [(1,)]


def test_g8_a_correction_is_shown_and_outlives_the_coder(path: Path, claim: UUID) -> None:
    with Log.open(path) as log:
        changes = {"occurred_on": "2026-09-12", "modality": "unconfirmed"}
        assert correct(log, claim, changes, **WHO).added == 1
        assert correct(log, claim, changes, **WHO).added == 0
    shown = "SELECT event_date, occurred_on, modality, corrected, dyad, coder_version FROM calls_held"
    assert rows(path, shown) == [(date(2026, 9, 12), "2026-09-12", "unconfirmed", True, "NOR-OST", "1")]
    with Log.open(path) as log:
        log.append([activated("frames@2", 2), *call_article(URL, coder="frames@2")])
    assert rows(path, shown) == [(date(2026, 9, 12), "2026-09-12", "unconfirmed", True, "NOR-OST", "2")]
    assert rows(path, "SELECT event_date, corrected FROM world_events_as_of(5) WHERE type = 'call_held'") == [
        (date(2026, 9, 14), False)
    ]


def test_g8_the_last_decision_stands_and_can_be_overruled(path: Path, claim: UUID) -> None:
    with Log.open(path) as log:
        retract(log, claim, **WHO)
        correct(log, claim, {"type": "meeting_held"}, **WHO)
    assert rows(path, "SELECT type FROM world_events ORDER BY position") == [("meeting_held",), ("truce_rejected",)]
    with Log.open(path) as log:
        assert retract(log, claim, **WHO).added == 1
    assert rows(path, "SELECT count(*) FROM world_events") == [(1,)]
    assert rows(path, "SELECT decision FROM corrections WHERE current") == [("retracted",)]


def test_g8_corrected_participants_are_the_persons_own_words(path: Path, claim: UUID) -> None:
    who = [
        {"name": "A. Lind", "kind": "person", "code": "NOR", "role": "party"},
        {"name": "Union of Isles", "kind": "org", "code": "UOI", "role": "party"},
    ]
    with Log.open(path) as log:
        correct(log, claim, {"participants": who}, **WHO)
    assert rows(path, "SELECT dyad, actor2_name, actor2_id FROM calls_held") == [
        ("NOR-UOI", "Union of Isles", "org:union-of-isles")
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "at least one field"),
        ({"type": "call_hold"}, "no event type is called call_hold"),
        ({"occurred_on": "soon"}, "soon is no date"),
        ({"colour": "red"}, "colour"),
        ({"modality": "maybe"}, "modality"),
    ],
)
def test_what_cannot_be_is_refused(path: Path, claim: UUID, changes: dict, message: str) -> None:
    with Log.open(path) as log, pytest.raises(DecisionError, match=message):
        correct(log, claim, changes, **WHO)


def test_a_claim_that_nobody_made_is_refused(path: Path) -> None:
    with Log.open(path) as log, pytest.raises(DecisionError, match="no event makes the claim"):
        retract(log, uuid4(), **WHO)


def test_a_decision_needs_a_reason(path: Path, claim: UUID) -> None:
    with Log.open(path) as log, pytest.raises(DecisionError, match="--reason"):
        retract(log, claim, **{**WHO, "reason": " "})


def test_g8_any_state_by_position_or_time(path: Path) -> None:
    with Log.open(path) as log:
        log.append(call_article(URL, at=0))
    [(first,)] = rows(path, "SELECT max(recorded_at)::VARCHAR FROM event_log")
    then = rows(path, "SELECT * FROM world_events ORDER BY position")
    with Log.open(path) as log:
        log.append(call_article(URL, at=60, extra=" A line more."))
        log.append(call_article("https://b.example/call"))
    assert rows(path, "SELECT * FROM world_events_as_of(5) ORDER BY position") == then
    assert rows(path, f"SELECT * FROM world_events_as_of('{first}') ORDER BY position") == then
    assert rows(path, "SELECT count(*) FROM world_events_as_of('2020-01-01')") == [(0,)]
    now = rows(path, "SELECT * FROM world_events ORDER BY position")
    assert rows(path, "SELECT * FROM world_events_as_of(now()) ORDER BY position") == now != then


def test_g8_two_coders_compared(path: Path) -> None:
    title, text = "Two happenings", "Norland called Ostria on Monday. Ostria met Estmark on Tuesday. Estmark left."
    call = {"type": "call_held", "quote": "Norland called Ostria on Monday"}
    meeting = {"type": "meeting_held", "quote": "Ostria met Estmark on Tuesday"}
    with Log.open(path) as log:
        log.append(article(URL, title, text, claims=[call, {**meeting, "modality": "unconfirmed"}], coder="frames@1"))
        troops = {"type": "troops_withdrawn", "quote": "Estmark left"}
        log.append(article(URL, title, text, claims=[call, meeting, troops], coder="frames@2"))
    found = rows(
        path, "SELECT type, status, modality1, modality2 FROM coding_diff('frames@1', 'frames@2') ORDER BY type"
    )
    assert found == [
        ("call_held", "same", "asserted", "asserted"),
        ("meeting_held", "changed", "unconfirmed", "asserted"),
        ("troops_withdrawn", "added", None, "asserted"),
    ]
    assert rows(path, "SELECT status FROM coding_diff('2', '1') WHERE type = 'troops_withdrawn'") == [("removed",)]
