"""Laws of the coder: verbatim quotes, determinism, independence of order and surroundings; and its edges."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.code.article import Article
from ingest.code.coder import Coding, FramesCoder, frames_coder, load_coder
from ingest.code.explain import explain
from ingest.code.lines import code_lines, read_article

PARAGRAPHS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "paragraphs.yaml").read_text("utf-8"))
ARTICLES = [Article(p["id"], p.get("title", ""), p["text"].strip(), p["published"]) for p in PARAGRAPHS]
UNRELATED = (
    "The bakery on the corner has baked rye bread since spring, and its owner likes the smell of it in the morning."
)


@cache
def coder() -> FramesCoder:
    return frames_coder()


@cache
def coding(article: Article) -> Coding:
    return coder().code(article)


def _told(result: Coding) -> list[dict[str, Any]]:
    return [e.model_dump(mode="json") for e in result.events]


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_every_word_is_verbatim(article: Article) -> None:
    for event in coding(article).events:
        for mention in (event.evidence, *event.mentions):
            assert mention.quote == mention.cut(article.title, article.text)
            assert mention.quote
            assert mention.end - mention.start <= 300
        for participant in event.participants:
            assert participant.name_at is not None
            assert participant.name == participant.name_at.cut(article.title, article.text)
        if event.place is not None and event.place.name_at is not None:
            assert event.place.name == event.place.name_at.cut(article.title, article.text)
        if event.date_at is not None:
            assert event.date_words == event.date_at.cut(article.title, article.text)
        assert type(event).from_payload(event.type, event.to_payload(), article.title, article.text) == event


@pytest.mark.parametrize("article", ARTICLES, ids=lambda a: a.id)
def test_what_was_held_does_not_lie_in_the_future(article: Article) -> None:
    for event in coding(article).events:
        day = event.occurred_on
        if event.type.endswith(("_held", "_made", "_carried_out")) and day and len(day) == 10 and article.published:
            assert day <= article.published[:10], event


def test_order_and_repetition_change_nothing() -> None:
    some = ARTICLES[:12]
    forward = [_told(coder().code(a)) for a in some]
    backward = [_told(coder().code(a)) for a in reversed(some)]
    assert forward == backward[::-1]


@given(st.sampled_from(ARTICLES), st.booleans())
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_an_unrelated_paragraph_changes_nothing(article: Article, before: bool) -> None:
    text = f"{UNRELATED}\n\n{article.text}" if before else f"{article.text}\n\n{UNRELATED}"
    surrounded = coder().code(Article(article.id, article.title, text, article.published))
    pairs = [(e.type, e.evidence.quote, e.occurred_on, [p.code for p in e.participants]) for e in surrounded.events]
    assert pairs == [
        (e.type, e.evidence.quote, e.occurred_on, [p.code for p in e.participants]) for e in coding(article).events
    ]


@given(
    st.text(max_size=300),
    st.text(max_size=60),
    st.sampled_from([None, "2025-05-21", "no date", "2025-13-45T00:00:00Z"]),
)
@settings(max_examples=60, deadline=None)
def test_no_text_makes_it_fail(text: str, title: str, published: str | None) -> None:
    coder().code(Article("any", title, text, published))


def test_without_a_date_of_publication_relative_days_stay_open() -> None:
    text = "The foreign ministers of Greece and Turkey met in Athens on Monday."
    (event,) = coder().code(Article("x", "", text, None)).events
    assert (event.type, event.occurred_on, event.date_words) == ("meeting_held", None, "on Monday")


def test_one_happening_told_twice_is_one_event() -> None:
    text = (
        "Indian Prime Minister Narendra Modi and French President Emmanuel Macron spoke by phone on Monday. "
        "In the call, Macron and Modi discussed trade. The call lasted an hour."
    )
    events = [e for e in coder().code(Article("x", "", text, "2025-05-21")).events if e.type == "call_held"]
    assert len(events) == 1
    assert events[0].occurred_on == "2025-05-19"
    assert len(events[0].mentions) >= 2


def test_past_and_future_talks_stay_apart() -> None:
    text = (
        "Armenia and Azerbaijan held talks in Brussels last week. "
        "Armenia and Azerbaijan agreed to hold another round of talks in Tbilisi."
    )
    types = [e.type for e in coder().code(Article("x", "", text, "2025-05-21")).events]
    assert types == ["talks_held", "talks_planned"]


def test_each_round_is_quoted_where_its_own_day_is_told() -> None:
    text = (
        "Peru and Chile have held two rounds of talks on fishing, which were mediated by Spain. The first "
        "round took place in Lima on April 3, and the second one was held in Madrid on April 17."
    )
    events = coding(Article("rounds", "Peru and Chile to go on talking", text, "2025-05-02")).events
    rounds = {e.occurred_on: e.evidence.quote for e in events if e.type == "talks_held"}
    assert set(rounds) == {"2025-04-03", "2025-04-17"}
    assert "April 3" in rounds["2025-04-03"]
    assert "April 17" in rounds["2025-04-17"]


def test_denial_condition_and_background_are_marked() -> None:
    denied = "The Kremlin denied that Putin had spoken by phone with the French president."
    (event,) = coder().code(Article("x", "", denied, "2025-05-21")).events
    assert (event.type, event.modality) == ("call_held", "denied")
    old = "India and Pakistan signed a water treaty in 1960."
    (event,) = coder().code(Article("x", "", old, "2025-05-21")).events
    assert (event.type, event.background) == ("agreement_signed", True)


def test_another_language_is_skipped() -> None:
    german = (
        "Der Bundeskanzler hat am Montag mit dem Präsidenten telefoniert und über den Waffenstillstand gesprochen. " * 6
    )
    assert coder().code(Article("x", "", german, None)).skipped == "language"
    assert coder().code(Article("x", "", "Iran rejected talks.", None, language="de")).skipped == "language"


def test_explain_names_frames_and_reasons() -> None:
    article = Article(
        "x", "", "Iran rejected talks with the United States. Iran may reject a truce with Iraq.", "2025-05-21"
    )
    reasons = explain(article, coder())
    assert any(r.type == "talks_rejected" and r.word == "rejected" for r in reasons)
    assert any(r.type is None and "may" in r.reason for r in reasons)
    assert all(article.text[r.start : r.end] == r.word for r in reasons)


def test_the_key_names_code_frames_lexicon_and_model() -> None:
    info = coder().info
    assert all(part in info.key for part in (info.name, info.version, info.frames, info.lexicon, info.model))


def test_an_unknown_coder_is_named_with_those_there_are() -> None:
    with pytest.raises(LookupError, match="frames"):
        load_coder("no-such-coder")


def test_bad_lines_cost_nothing_else() -> None:
    good = json.dumps(
        {"id": "1", "title": "", "text": "Iran rejected talks with the United States.", "published": None}
    )
    out, problems = io.StringIO(), io.StringIO()
    assert code_lines(["not json", "[]", '{"id": 3}', "", good], out, problems, coder()) == 1
    (line,) = out.getvalue().splitlines()
    record = json.loads(line)
    assert record["id"] == "1"
    assert [e["type"] for e in record["events"]] == ["talks_rejected"]
    assert record["skipped"] is None
    assert [p.split(":")[0] for p in problems.getvalue().splitlines()] == ["line 1", "line 2", "line 3"]


def test_an_article_needs_an_id_and_a_text() -> None:
    with pytest.raises(ValueError, match="'text'"):
        read_article('{"id": "a"}')
