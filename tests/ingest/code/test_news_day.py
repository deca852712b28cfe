"""The day of what is told without one: of a headline, beside a dated act, counted from a day named before."""

from functools import cache

import pytest

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, frames_coder

THURSDAY = "2025-03-20T09:00:00+00:00"


@cache
def coder() -> FramesCoder:
    return frames_coder()


def days(text: str, title: str = "", published: str | None = THURSDAY) -> dict[str, str | None]:
    """The day of each type that the coder finds."""
    return {e.type: e.occurred_on for e in coder().code(Article("a", title, text, published)).events}


def test_a_headline_tells_of_the_day_that_the_text_names_first() -> None:
    text = "The US Treasury named eleven banks on Wednesday. Traders shrugged. On Monday Russia had protested."
    events = coder().code(Article("a", "United States imposes sanctions on Russia", text, THURSDAY)).events
    [event] = [e for e in events if e.type == "sanctions_imposed"]
    assert event.occurred_on == "2025-03-19"
    assert event.date_at is not None
    assert event.date_at.field == "text"
    assert event.date_words == "on Wednesday"


def test_a_headline_over_a_text_without_a_day_of_the_news_has_none() -> None:
    text = "The US Treasury named eleven banks in 2022. Traders shrugged."
    assert days(text, "United States imposes sanctions on Russia")["sanctions_imposed"] is None


LONG = "In Norway shops were open. It was warm. Sweden slept. "


def test_a_charge_of_the_lead_has_the_day_that_the_lead_names_and_a_later_one_none() -> None:
    charge = "Armenia accused Azerbaijan of shelling a village. "
    march = "Iran's army held a parade on Wednesday. "
    assert days(march + charge)["accusation_made"] == "2025-03-19"
    assert days(march + LONG + charge)["accusation_made"] is None


def test_an_act_of_a_lead_without_a_day_is_the_news_of_the_day_of_publication() -> None:
    act = "Iran has cut diplomatic ties with Armenia. "
    [event] = coder().code(Article("a", "", act + LONG, THURSDAY)).events
    assert (event.occurred_on, event.date_basis, event.date_words) == ("2025-03-20", "publication", None)
    assert days("Iran's army held a parade. " + LONG + act)["relations_downgraded"] is None


def test_an_act_has_the_day_of_the_sentence_before_it() -> None:
    text = "Iran's president spoke on television on Wednesday. He signed a trade agreement with Armenia."
    assert days(text)["agreement_signed"] == "2025-03-19"


def test_without_a_date_of_publication_nothing_is_given() -> None:
    text = "Iran's president spoke on television on Wednesday. He signed a trade agreement with Armenia."
    assert days(text, published=None)["agreement_signed"] is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("A day after Iran severed diplomatic ties with Armenia, its president flew home on Wednesday.", "2025-03-18"),
        (
            "Iran cut diplomatic ties with Armenia the day before. Iran's president flew home on Wednesday.",
            "2025-03-18",
        ),
        ("The president flew home on Tuesday. In the evening Iran cut diplomatic ties with Armenia.", "2025-03-18"),
        ("Iran, which tore up the 2015 accord with Armenia, cut diplomatic ties with it on Monday.", "2025-03-17"),
    ],
)
def test_days_that_count_from_another(text: str, day: str) -> None:
    assert days(text)["relations_downgraded"] == day


@pytest.mark.parametrize(
    ("text", "kind", "edtf"),
    [
        ("Iran and Armenia agreed on Friday to restore diplomatic relations.", "relations_restored", "2025-03-14"),
        ("EU leaders agreed late on Monday to impose sanctions on Belarus.", "sanctions_imposed", "2025-03-17"),
        ("Iran and Armenia agreed on Monday to hold talks in Vienna.", "talks_planned", None),
        ("Iran and Armenia agreed on Monday to hold talks in Vienna on March 28.", "talks_planned", "2025-03-28"),
    ],
)
def test_the_day_of_a_past_verb_is_not_that_of_what_is_to_come(text: str, kind: str, edtf: str | None) -> None:
    assert days("It rained in Oslo on Tuesday. " + text)[kind] == edtf


def test_a_day_says_more_than_its_week() -> None:
    text = (
        "Iran and Armenia will hold talks in Vienna next week. Talks between Iran and Armenia will be held on March 26."
    )
    assert days(text)["talks_planned"] == "2025-03-26"


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("Iran and Armenia ended two days of talks in Yerevan on Wednesday.", "2025-03-18/2025-03-19"),
        (
            "Iran and Armenia held a three-day round of talks in Yerevan that ended on Wednesday.",
            "2025-03-17/2025-03-19",
        ),
        ("Iran and Armenia opened two days of talks in Yerevan on Wednesday.", "2025-03-19/2025-03-20"),
        ("Talks between Iran and Armenia went into a third day on Wednesday.", "2025-03-17/2025-03-19"),
        (
            "Iran and Armenia reached a trade agreement on Tuesday after four days of negotiations in Yerevan.",
            "2025-03-15/2025-03-18",
        ),
        (
            "Iran and Armenia traded blame on Monday. Iran and Armenia held two days of talks at the weekend.",
            "2025-03-15/2025-03-16",
        ),
    ],
)
def test_talks_of_several_days_are_dated_from_the_first_to_the_last(text: str, edtf: str) -> None:
    assert days(text)["talks_held"] == edtf


def test_an_act_has_the_day_that_the_report_named_last_and_a_call_only_that_of_the_sentence_before() -> None:
    start = "Iran's army held a parade on Wednesday. In Norway shops were open. It was warm. It was dry. Sweden slept. "
    assert days(start + "Iran signed a trade agreement with Armenia.")["agreement_signed"] == "2025-03-19"
    assert days(start + "Iran's president spoke by phone with Armenia's president.")["call_held"] is None


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("Iran condemned Armenia for the attack of last week on a mosque.", None),
        ("Iran accused Armenia of having shelled a mosque in February.", None),
        ("On Monday Iran accused Armenia of having shelled a mosque.", "2025-03-17"),
    ],
)
def test_the_day_of_what_is_charged_is_not_that_of_the_charge(text: str, edtf: str | None) -> None:
    assert days(LONG + text)["accusation_made"] == edtf


def test_a_day_to_come_is_not_that_of_a_proposal() -> None:
    text = "Iran proposed talks with Armenia between April 2 and 5."
    assert days(LONG + text)["talks_proposed"] is None


def test_since_a_day_when_something_happened_names_that_day() -> None:
    text = "No ship has sailed since Friday, when Iran attacked a port in Armenia."
    assert days(LONG + text)["attack_carried_out"] == "2025-03-14"


def test_who_has_been_meeting_since_a_day_has_met_from_then_to_the_day_of_the_news() -> None:
    text = "Iran's army held a parade on Wednesday. Diplomats from Iran and Armenia have been meeting since Monday."
    [event] = frames_coder(scored=False).code(Article("a", "", text, THURSDAY)).events
    assert (event.type, event.occurred_on) == ("meeting_held", "2025-03-17/2025-03-19")


def test_what_came_hours_before_is_of_the_day_that_is_told() -> None:
    text = "Iran's army held a parade on Wednesday. Hours earlier, Iran had signed a trade agreement with Armenia."
    assert days(text)["agreement_signed"] == "2025-03-19"


def test_days_are_not_counted_from_a_weekday_to_come() -> None:
    text = (
        "Iran's army held a parade on Wednesday. Oslo will close shops, starting on Friday, "
        "two days after Iran cut diplomatic ties with Armenia."
    )
    assert days(text)["relations_downgraded"] == "2025-03-17"
