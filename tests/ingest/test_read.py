"""What one capture becomes, with the real extraction and coder over the samples' pages."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from ingest.captures.values import Captured
from ingest.code.article import Article
from ingest.code.coder import CoderInfo, Coding, load_coder
from ingest.read import is_verbatim, read_page
from samples.newsroom import Newsroom
from schemas.envelope import Origin
from schemas.world import EVENT_TYPES, CallHeld, Mention, Place, Span

AT = datetime(2026, 10, 1, tzinfo=UTC)
URL = "https://courier.newsroom.example/world/2026/09/16/colombia-and-nicaragua-agree-to-truce-at-sea"
TITLE, TEXT = (
    "Iran and Iraq to hold talks in Baghdad on March 3",
    "Iran and Iraq will hold talks about water, both said.",
)


def captured(url: str = URL) -> Captured:
    answer = Newsroom.load().answer(url)
    return Captured(url, url, answer.status, tuple(answer.headers.items()), answer.body, AT)


def test_a_page_becomes_an_article_its_coding_and_its_events_in_causal_order() -> None:
    events = read_page(
        captured(), url=URL, capture_id=UUID(int=1), coder=load_coder("frames"), origin=Origin(AT, "r", "t")
    )
    assert [e.type for e in events[:2]] == ["article_extracted", "coding_completed"]
    assert len(events) > 3
    assert {e.type for e in events[2:]} <= set(EVENT_TYPES)
    assert {e.causation_id for e in events[1:]} == {events[0].event_id}
    assert len({e.event_id for e in events}) == len(events)
    assert not any(words in e.payload for e in events[2:] for words in ("Nicaragua", "Serrana", "Panama"))


@pytest.mark.parametrize("title", [TITLE, "No place and no day"])
def test_every_word_of_an_event_stands_where_its_span_says(title: str) -> None:
    events = load_coder("frames").code(Article("1", title, TEXT, "2025-02-20")).events
    assert events
    assert all(is_verbatim(event, title, TEXT) for event in events)


class WrongCoder:
    """Gives one event whose quote stands there, and whose place does not."""

    info = CoderInfo("wrong", "1", "", "", "")
    languages = frozenset({"en"})

    def code(self, article: Article) -> Coding:
        quote = article.text[:10]
        place = Place(name="Atlantis", name_at=Span(field="text", start=0, end=8))
        wrong = CallHeld(evidence=Mention(field="text", start=0, end=10, quote=quote), place=place)
        return Coding(article.id, (wrong, wrong.model_copy(update={"place": None})), self.info)


def test_what_is_not_verbatim_is_no_evidence_whoever_made_it() -> None:
    events = read_page(captured(), url=URL, capture_id=UUID(int=1), coder=WrongCoder(), origin=Origin(AT, "r", "t"))
    assert [e.type for e in events] == ["article_extracted", "coding_completed", "call_held"]
