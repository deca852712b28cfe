"""Events of a coder against articles that are marked in the manner of `newsdesk.yaml`: found in the very sentences that
tell them or not."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ingest.code.article import Article
from ingest.code.coder import Coder
from ingest.code.sentences import split
from schemas.world import WorldEvent

Place = tuple[str, int]


class Count:
    """Right, wrong and missed events; participants and dates that are right among the right ones; for each type the
    missed and the found."""

    def __init__(self) -> None:
        self.right = self.wrong = self.missed = self.who = self.date = 0
        self.by_type: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def article_of(record: dict[str, Any]) -> Article:
    return Article(record["id"], record.get("title", ""), record["text"], record["published"])


def counted(records: Iterable[dict[str, Any]], coder: Coder) -> Count:
    """What `coder` makes of marked articles. Optional events count neither way."""
    count = Count()
    for record in records:
        article = article_of(record)
        wanted = [(e, asked(article, e)) for e in record["events"] or ()]
        taken: set[int] = set()
        for event in coder.code(article).events:
            told = places(article, [(m.field, m.start, m.end) for m in (event.evidence, *event.mentions)])
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


def places(article: Article, spans: list[tuple[str, int, int]]) -> set[Place]:
    """The sentences that spans of an article touch."""
    return {
        (s.field, s.start)
        for s in split(article)
        for field, start, end in spans
        if s.field == field and start < s.end and s.start < end
    }


def asked(article: Article, event: dict[str, Any]) -> set[Place]:
    """The sentences that a marked event is told in."""
    spans = [
        (field, text.index(words), text.index(words) + len(words))
        for words in event["at"]
        for field, text in (("title", article.title), ("text", article.text))
        if words in text
    ]
    assert spans, event["at"]
    return places(article, spans)


def _who(event: WorldEvent) -> set[str]:
    return {p.code or p.name for p in event.participants}
