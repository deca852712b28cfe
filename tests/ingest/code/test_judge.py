"""The judge: what it is given, what it keeps, and what it says of the rest."""

import math
from functools import cache
from pathlib import Path

import pytest

from ingest.code.actors import Lexicon
from ingest.code.article import Article
from ingest.code.clues import Read, event_clues
from ingest.code.coder import FramesCoder, frames_coder
from ingest.code.explain import explain
from ingest.code.frameset import Frames
from ingest.code.judge import LEARNED, Judge, Verdict, load_judge
from ingest.code.parse import SpacyParser
from ingest.code.places import Gazetteer
from ingest.code.scorer import load_scorer
from tests.ingest.code.scoring import article_of
from training.marked import EVENTLESS, HELD_OUT, records

ARTICLES = [article_of(record) for record in records(HELD_OUT)[:10]]


@cache
def coder() -> FramesCoder:
    return frames_coder()


def test_it_keeps_what_is_likely_and_its_likelihood_is_the_confidence() -> None:
    kept = left_out = 0
    for article in ARTICLES:
        reading = coder().read(article)
        if not reading.verdicts:  # frames fire too seldom for the scorer to read it, and for the judge to weigh it
            continue
        assert list(reading.happenings) == [v.happening for v in reading.verdicts if v.kept]
        for verdict in reading.verdicts:
            assert 0 <= verdict.likely <= 1
            assert verdict.likely >= load_judge().keep or verdict.left_out == "too little"
            kept, left_out = kept + verdict.kept, left_out + (not verdict.kept)
        events = coder().code(article).events
        assert all(e.participants for e in events)
        assert [e.confidence for e in events] == [round(v.likely, 3) for v in reading.verdicts if v.kept]
    assert kept > 20
    assert left_out > 5


def test_a_word_tells_contacts_of_one_type() -> None:
    for article in ARTICLES:
        types: dict[tuple[str, tuple[int, int]], set[str]] = {}
        for happening in coder().read(article).happenings:
            best = happening.best
            if best.type.startswith(("talks_", "meeting_", "call_", "visit_")):
                types.setdefault((best.field, best.trigger), set()).add(best.type)
        assert all(len(told) == 1 for told in types.values())


def test_every_happening_has_the_clues_that_were_learned() -> None:
    class Asked(Judge):
        def judged(self, read: Read) -> list[Verdict]:
            for n in range(len(read.happenings)):
                clues = event_clues(read, n)
                assert len(clues) == load_judge().clues
                assert all(math.isfinite(clue) for clue in clues)
            return super().judged(read)

    parts = (Frames.load(None), Lexicon.load(), Gazetteer.load(), SpacyParser(), load_scorer())
    asking = FramesCoder(*parts, Asked(LEARNED))
    assert [asking.code(a).events for a in ARTICLES[:4]] == [coder().code(a).events for a in ARTICLES[:4]]


def test_what_it_leaves_out_is_explained() -> None:
    reasons = [reason for article in ARTICLES for reason in explain(article, coder())]
    weighed = [r for r in reasons if "the judge gives it" in r.reason]
    assert {r.type is None for r in weighed} == {True, False}
    assert all(
        (r.type is None) == r.reason.endswith(("too little", "less than another event", "nobody known takes part"))
        for r in weighed
    )


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", (9).to_bytes(8, "little") + b"{}       "])
def test_a_file_that_holds_no_judge_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "judge.safetensors"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"judge\.safetensors"):
        Judge(file)


@pytest.mark.slow
def test_few_articles_without_events_are_coded() -> None:
    eventless = [article_of(record) for record in records(EVENTLESS)]
    assert len(eventless) > 150
    coded = [article.id for article in eventless if coder().code(article).events]
    alone = [article.id for article in eventless if frames_coder(scored=False).code(article).events]
    assert len(coded) <= 0.14 * len(eventless), coded
    assert len(coded) < len(alone)


def test_a_frame_that_fires_alone_in_a_long_text_is_weighed_too() -> None:
    text = (
        "British voters go to the polls on Thursday, and Germany and France look on. American officials "
        "struck a cautious tone when they were asked about the outcome. The government in Warsaw attacked "
        "nobody. Italian ministers wished London well and spoke of Brussels. Spain and Portugal had nothing "
        "to say about the British campaign, a spokesman in Madrid said. The Russian embassy in London called "
        "for calm on the markets, and the Chinese one sent flowers."
    )
    article = Article("vote", "Britain votes", text, "2025-06-03")
    (told,) = frames_coder(scored=False).code(article).events
    assert told.type == "attack_carried_out"
    reading = coder().read(article)
    assert [(v.happening.best.type, v.left_out) for v in reading.verdicts] == [("attack_carried_out", "too little")]
    assert coder().code(article).events == ()
