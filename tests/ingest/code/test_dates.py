"""When: the words that say it, and the EDTF they mean on a day of publication."""

import re
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.code.dates import DateMention, Tense, find_dateline, find_dates, published_date, resolve
from schemas.dates import bounds

WEDNESDAY = "2025-06-18T10:00:00+02:00"


def one(text: str) -> DateMention:
    [mention] = find_dates(text)
    return mention


def when(text: str, tense: Tense = "past", published: str | None = WEDNESDAY, anchor: str | None = None) -> str | None:
    return resolve(one(text), published, tense, anchor).edtf


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("on May 20", "2025-05-20"),
        ("on 20 May", "2025-05-20"),
        ("on the 20th of May", "2025-05-20"),
        ("May 20th, 2023", "2023-05-20"),
        ("20 May 2023", "2023-05-20"),
        ("on 2024-02-29", "2024-02-29"),
        ("since Nov. 6", "2024-11-06"),
        ("on Tuesday, May 6", "2025-05-06"),
        ("on Sept 3", "2024-09-03"),
        ("on July 4", "2024-07-04"),
        ("on the 3rd.", "2025-06-03"),
        ("on the 25th.", "2025-05-25"),
    ],
)
def test_calendar_days_in_every_shape(text: str, edtf: str) -> None:
    assert when(text) == edtf


@pytest.mark.parametrize(
    ("text", "tense", "edtf"),
    [
        ("on Monday", "past", "2025-06-16"),
        ("on Wednesday", "past", "2025-06-18"),
        ("on Thursday", "past", "2025-06-12"),
        ("on Thursday", "future", "2025-06-19"),
        ("on Wednesday", "future", "2025-06-18"),
        ("last Wednesday", "past", "2025-06-11"),
        ("next Monday", "future", "2025-06-23"),
        ("next Friday", "future", "2025-06-27"),
        ("this Friday", "future", "2025-06-20"),
        ("on Friday of last week", "past", "2025-06-13"),
        ("Tuesday's", "past", "2025-06-17"),
        ("late on Sunday night", "past", "2025-06-15"),
        ("on July 4", "future", "2025-07-04"),
        ("in March", "past", "2025-03"),
        ("in March", "future", "2026-03"),
        ("in June", "past", "2025-06"),
        ("in November", "past", "2024-11"),
    ],
)
def test_tense_decides_what_the_words_leave_open(text: str, tense: Tense, edtf: str) -> None:
    assert when(text, tense) == edtf


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("today", "2025-06-18"),
        ("overnight", "2025-06-18"),
        ("yesterday", "2025-06-17"),
        ("last night", "2025-06-17"),
        ("the day before yesterday", "2025-06-16"),
        ("tomorrow", "2025-06-19"),
        ("this week", "2025-W25"),
        ("last week", "2025-W24"),
        ("over the weekend", "2025-W24"),
        ("last weekend", "2025-W24"),
        ("next weekend", "2025-W25"),
        ("next week", "2025-W26"),
        ("earlier this month", "2025-06"),
        ("last month", "2025-05"),
        ("earlier this year", "2025"),
        ("late last year", "2024"),
        ("at the end of March", "2025-03"),
        ("in early May", "2025-05"),
        ("mid-April", "2025-04"),
        ("in March last year", "2024-03"),
        ("last September", "2024-09"),
        ("in 2021", "2021"),
        ("the 2015 accord", "2015"),
        ("three days ago", "2025-06-15"),
        ("just a week ago", "2025-W24"),
        ("two months ago", "2025-04"),
        ("ten years ago", "2015"),
        ("last autumn", "2024-09/2024-11"),
        ("last winter", "2024-12/2025-02"),
        ("in the spring of 2022", "2022-03/2022-05"),
        ("in mid-2023", "2023"),
        ("by the end of the month", "2025-06"),
        ("on Christmas Eve", "2024-12-24"),
    ],
)
def test_relative_words(text: str, edtf: str) -> None:
    assert when(text) == edtf


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("from 3 to 5 May", "2025-05-03/2025-05-05"),
        ("from May 3 to 5", "2025-05-03/2025-05-05"),
        ("May 30 - June 2, 2024", "2024-05-30/2024-06-02"),
        ("28 December to 3 January 2025", "2024-12-28/2025-01-03"),
        ("3–5 May 2024", "2024-05-03/2024-05-05"),
        ("from Monday to Wednesday", "2025-06-16/2025-06-18"),
        ("between 18 and 19 June", "2025-06-18/2025-06-19"),
        ("on Monday and Tuesday", "2025-06-16/2025-06-17"),
        ("on Sunday and on Monday", "2025-06-15/2025-06-16"),
        ("in March and April", "2025-03/2025-04"),
        ("between November and February", "2024-11/2025-02"),
        ("from January to May 2023", "2023-01/2023-05"),
        ("between 2021 and 2022", "2021/2022"),
        ("in 2019 and in 2021", "2019/2021"),
    ],
)
def test_ranges_are_intervals(text: str, edtf: str) -> None:
    assert when(text) == edtf


def test_days_that_do_not_follow_each_other_are_no_interval() -> None:
    assert [m.words for m in find_dates("They met on Monday and Thursday.")] == ["on Monday", "Thursday"]


def test_how_long_something_holds_is_no_day() -> None:
    assert [m.kind for m in find_dates("Tariffs are off for 90 days after the talks.")] == ["vague"]
    assert [m.words for m in find_dates("They met 90 days after the talks.")] == ["90 days after"]


def test_days_counted_from_another_happening() -> None:
    assert when("10 days later", anchor="2025-06-01") == "2025-06-11"
    assert when("on the same day", anchor="2025-06-01") == "2025-06-01"
    assert when("the previous day", anchor="2025-06-01") == "2025-05-31"
    assert when("a month earlier", anchor="2025-06-01") == "2025-05"
    assert when("10 days later") is None
    assert when("10 days later", anchor="2025-06") is None


def test_days_ahead_need_a_future() -> None:
    assert when("in two days", "future") == "2025-06-20"
    assert when("in two weeks", "future") == "2025-W27"
    assert when("in two days", "past") is None


def test_a_day_that_has_become_a_name_keeps_its_year() -> None:
    [mention] = find_dates("since the October 7 massacre by Hamas")
    assert resolve(mention, WEDNESDAY, "past").edtf == "2023-10-07"
    assert resolve(mention, "2022-01-01", "past").edtf == "2021-10-07"
    assert when("on October 7") == "2024-10-07"


@pytest.mark.parametrize(
    "text", ["recently", "soon", "in recent days", "for weeks", "in the coming weeks", "over the summer"]
)
def test_vague_words_are_kept_and_not_resolved(text: str) -> None:
    assert resolve(one(text), WEDNESDAY, "past").basis == "unknown"


@pytest.mark.parametrize(
    ("text", "role", "preposition"),
    [
        ("by Friday", "deadline", "by"),
        ("until July 9", "deadline", "until"),
        ("since Monday", "start", "since"),
        ("on Monday", "time", "on"),
        ("at the end of May", "time", "at"),
    ],
)
def test_the_preposition_says_what_the_date_is_to_the_happening(text: str, role: str, preposition: str) -> None:
    mention = one(text)
    assert (mention.role, mention.preposition, mention.words) == (role, preposition, text)


@pytest.mark.parametrize(
    "text",
    [
        "They may march if they must.",
        "May I ask?",
        "some 2024 people died",
        "It cost $2,023 and 12,500 marks",
        "a rate of 2.5 or 20.5",
        "March was what they did",
        "the fall of the government",
        "a 30-day pause",
        "the Good Friday pact",
        "half a year ago",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert find_dates(text) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PARIS, June 3 (Agency) - A deal is near.", "June 3"),
        ("NEW DELHI, 12 May. /WIRE/. Officials met.", "12 May"),
        ("UNITED NATIONS, Sept. 9, 2024 — Envoys spoke.", "Sept. 9, 2024"),
        ("SARAJEVO, Bosnia, March 4 (Agency) — Snow fell.", "March 4"),
        ("PARIS (Agency) - On June 3 a deal was signed.", None),
        ("On May 3, Paris said no.", None),
    ],
)
def test_the_date_of_a_dateline(text: str, words: str | None) -> None:
    mention = find_dateline(text)
    assert (mention.words if mention else None) == words


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("the day before", "2025-06-15"),
        ("the day after", "2025-06-17"),
        ("the week before", "2025-W24"),
        ("earlier in the day", "2025-06-16"),
        ("in the evening", "2025-06-16"),
        ("that morning", "2025-06-16"),
        ("at dawn", "2025-06-16"),
        ("on the eve", "2025-06-15"),
        ("thirty hours earlier", "2025-06-15"),
    ],
)
def test_words_that_count_from_a_day_named_before(text: str, edtf: str) -> None:
    assert when(text, anchor="2025-06-16") == edtf
    assert when(text) is None


def test_an_hour_with_a_day_of_its_own_is_that_days() -> None:
    assert [m.words for m in find_dates("He left at dawn on Monday.")] == ["on Monday"]


def test_several_dates_of_one_sentence() -> None:
    text = "Rounds were held on April 12 and May 3; another is due next week, officials said on Tuesday."
    assert [m.words for m in find_dates(text)] == ["on April 12", "May 3", "next week", "on Tuesday"]


def test_basis_tells_calendar_days_from_relative_words() -> None:
    assert resolve(one("on May 20"), WEDNESDAY, "past").basis == "explicit"
    assert resolve(one("on Friday"), WEDNESDAY, "past").basis == "relative"


def test_without_a_publication_date_relative_words_stay_unresolved() -> None:
    for text in ("on Saturday", "last week", "on May 20", "two days ago", "in March"):
        assert resolve(one(text), None, "past").edtf is None
    assert when("on 20 May 2024", published=None) == "2024-05-20"
    assert when("in 2022", published="not a date") == "2022"


def test_relative_words_resolve_in_the_offset_of_publication() -> None:
    assert when("today", published="2025-06-18T00:30:00+03:00") == "2025-06-18"
    assert when("today", published="2025-06-17T21:30:00Z") == "2025-06-17"
    assert published_date("20250618T101500Z") == date(2025, 6, 18)
    assert published_date("2025-13-40") is None


def test_days_that_do_not_exist_are_unknown() -> None:
    assert when("on 31 February 2024") is None
    assert when("on February 29", published="2025-06-18") == "2024-02-29"


_PHRASES = st.sampled_from(
    [
        "on Monday", "on Sunday", "Friday's", "on May 20", "on 31 December", "in March", "on 1 January", "on the 15th.",
        "in November", "on Feb. 29", "from 30 May to 2 June",
    ]
)  # fmt: skip
_DAYS = st.dates(date(2015, 1, 1), date(2030, 12, 31))


def _first(edtf: str) -> date:
    start = edtf.split("/")[0]
    return date.fromisoformat(start if len(start) == 10 else start + "-01")


@given(_PHRASES, _DAYS)
def test_past_is_never_after_publication_and_future_never_before(text: str, day: date) -> None:
    past = resolve(one(text), day.isoformat(), "past").edtf
    future = resolve(one(text), day.isoformat(), "future").edtf
    assert past is not None
    assert future is not None
    assert _first(past) <= day
    assert _first(future) >= (day if len(future) != 7 else day.replace(day=1))


@given(
    st.sampled_from(["last week", "in March", "on Friday", "last autumn", "yesterday", "in 2021", "from 3 to 5 May"]),
    _DAYS,
)
def test_what_is_resolved_has_bounds(text: str, day: date) -> None:
    edtf = when(text, "past", day.isoformat())
    span = bounds(edtf)
    assert span is not None
    assert span[0] <= span[1]


@given(st.sampled_from(["last week", "this week", "next week", "a week ago"]), _DAYS)
def test_weeks_are_iso_weeks(text: str, day: date) -> None:
    edtf = when(text, "past", day.isoformat())
    assert edtf is not None
    assert re.fullmatch(r"\d{4}-W\d\d", edtf)
    monday = datetime.strptime(edtf + "-1", "%G-W%V-%u").date()  # noqa: DTZ007
    assert abs((monday - day).days) <= 13


@given(
    st.lists(
        st.sampled_from(
            re.findall(r"\S+", "on in May 20 last week Friday 2025 early mid - the end of , 3 to 5 June ago two days")
        ),
        max_size=20,
    ).map(" ".join)
)
def test_mentions_quote_the_sentence_in_order(text: str) -> None:
    mentions = find_dates(text)
    assert all(text[m.start : m.end] == m.words and m.words for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    for mention in mentions:
        for tense in ("past", "future", "present"):
            resolve(mention, WEDNESDAY, tense)


@given(st.text(max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    for mention in find_dates(text):
        resolve(mention, WEDNESDAY, "past")


def test_a_day_either_side_of_the_year_end() -> None:
    assert when("on Tuesday", "past", "2025-01-02") == "2024-12-31"
    assert when("on Friday", "future", "2024-12-31") == (date(2024, 12, 31) + timedelta(days=3)).isoformat()
    assert when("last week", "past", "2025-01-02") == "2024-W52"
