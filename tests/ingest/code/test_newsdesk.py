"""Whole short articles, marked before any coder had read them: what is found in the very sentences that tell it."""

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, frames_coder
from ingest.code.sentences import split
from schemas.world import WorldEvent

ARTICLES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "newsdesk.yaml").read_text("utf-8"))
Place = tuple[str, int]


@cache
def coder() -> FramesCoder:
    return frames_coder()


class Count:
    """Right, wrong and missed events; participants and dates that are right among the right ones."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = self.who = self.date = 0
        self.by_type: dict[str, list[int]] = defaultdict(lambda: [0, 0])


def _places(article: Article, spans: list[tuple[str, int, int]]) -> set[Place]:
    return {
        (s.field, s.start)
        for s in split(article)
        for field, start, end in spans
        if s.field == field and start < s.end and s.start < end
    }


def _asked(article: Article, event: dict[str, Any]) -> set[Place]:
    spans = [
        (field, text.index(words), text.index(words) + len(words))
        for words in event["at"]
        for field, text in (("title", article.title), ("text", article.text))
        if words in text
    ]
    assert spans, event["at"]
    return _places(article, spans)


def _told(article: Article, event: WorldEvent) -> set[Place]:
    return _places(article, [(m.field, m.start, m.end) for m in (event.evidence, *event.mentions)])


def _who(event: WorldEvent) -> set[str]:
    return {p.code or p.name for p in event.participants}


@cache
def counted() -> Count:
    count = Count()
    for record in ARTICLES:
        article = Article(record["id"], record.get("title", ""), record["text"], record["published"])
        wanted = [(e, _asked(article, e)) for e in record["events"]]
        taken: set[int] = set()
        for event in coder().code(article).events:
            told = _told(article, event)
            fitting = [
                n for n, (e, at) in enumerate(wanted) if e["type"] == event.type and at & told and n not in taken
            ]
            if not fitting:
                count.wrong += 1
                continue
            best = max(fitting, key=lambda n: len(set(wanted[n][0]["who"]) & _who(event)))
            taken.add(best)
            if not wanted[best][0].get("optional"):
                count.right += 1
                count.who += set(wanted[best][0]["who"]) == _who(event)
                count.date += wanted[best][0].get("date") == event.occurred_on
        for n, (e, _) in enumerate(wanted):
            if not e.get("optional"):
                count.by_type[e["type"]][n in taken] += 1
                count.missed += n not in taken
    return count


def test_events_are_found_in_the_sentences_that_tell_them() -> None:
    count = counted()
    assert count.right / (count.right + count.wrong) >= 0.88
    assert count.right / (count.right + count.missed) >= 0.76


def test_participants_and_dates_are_right() -> None:
    count = counted()
    assert count.who / count.right >= 0.61
    assert count.date / count.right >= 0.73


def test_no_frequent_type_falls_far_behind() -> None:
    frequent = {t: (missed, found) for t, (missed, found) in counted().by_type.items() if missed + found >= 5}
    behind = {t: counts for t, counts in frequent.items() if counts[1] < 0.4 * sum(counts)}
    assert not behind


def test_articles_of_other_worlds_are_left_alone() -> None:
    quiet = [r for r in ARTICLES if not r["events"]]
    assert len(quiet) >= 4
    for record in quiet:
        article = Article(record["id"], record["title"], record["text"], record["published"])
        assert coder().code(article).events == ()
