"""How well the samples' golden events are found: `python -m benchmarks.quality [--write]`.

Twice: by the coder alone, on the text as a careful reader would extract it, and the whole way from the served pages. A
found event is right when its type is and one of its quotes lies in a sentence that a golden mention lies in; one golden
event is matched once, a second finding of it is wrong. Golden events marked optional count neither way. With `--write`
the figures go into docs/quality.md, the misses with them: they are the known gaps.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.code.article import Article
from ingest.code.coder import load_coder
from ingest.extract import extract
from samples.newsroom import HERE, Newsroom
from schemas.ids import normal_words
from schemas.sentences import sentence_around
from schemas.world import WorldEvent

DOCUMENT = Path(__file__).parents[1] / "docs" / "quality.md"
_BEGIN, _END = "<!-- samples: begin -->", "<!-- samples: end -->"

Sentences = frozenset[str]


@dataclass(slots=True)
class Score:
    """Counts over articles, and what went wrong, as lines to read."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    who_right: int = 0
    date_right: int = 0
    misses: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    quiet: int = 0
    quiet_coded: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def score(*, whole_way: bool) -> Score:
    """The samples, scored: from the golden texts, or `whole_way` from the served pages."""
    coder, total = load_coder("frames"), Score()
    pages, newsroom = _pages(), Newsroom.load()
    for gold in golden():
        article = _served(gold, pages, newsroom) if whole_way else _given(gold)
        events = coder.code(article).events if article else ()
        _compare(gold, article, events, total)
    return total


def golden() -> Iterator[dict[str, Any]]:
    with (HERE / "gold.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def _given(gold: dict[str, Any]) -> Article:
    return Article(gold["id"], gold["title"], gold["text"], gold["published"], gold["url"])


def _pages() -> dict[str, str]:
    """The URL at which each page's file is served."""
    site: dict[str, dict[str, Any]] = json.loads((HERE / "site.json").read_text("utf-8"))
    return {entry["file"]: url for url, entry in site.items() if "file" in entry}


def _served(gold: dict[str, Any], pages: dict[str, str], newsroom: Newsroom) -> Article | None:
    url = pages[f"pages/{gold['id']}.html"]
    answer = newsroom.answer(url)
    found = extract(answer.body, url=url, content_type=answer.headers["Content-Type"])
    if found.skip_reason:
        return None
    return Article(gold["id"], found.title, found.text, found.published_on, found.canonical_url, found.language)


def _compare(gold: dict[str, Any], article: Article | None, events: Sequence[WorldEvent], total: Score) -> None:
    if not gold["events"]:
        total.quiet += 1
        total.quiet_coded += bool(events)
    wanted = [(e, _gold_sentences(gold, e)) for e in gold["events"]]
    found = [(e, _sentences(article, e)) for e in events] if article else []
    taken: set[int] = set()
    for event, sentences in found:
        fitting = [
            n for n, (g, where) in enumerate(wanted) if g["type"] == event.type and where & sentences and n not in taken
        ]
        if not fitting:
            total.wrong += 1
            total.errors.append(f"{gold['id']}: {event.type}: {_quote(article, event)}")
            continue
        best = max(fitting, key=lambda n: len(_codes(wanted[n][0]["participants"]) & _who(event)))
        taken.add(best)
        match = wanted[best][0]
        if not match.get("optional"):
            total.right += 1
            total.who_right += _codes(match["participants"]) == _who(event)
            total.date_right += (match.get("occurred_on") or None) == (event.occurred_on or None)
    for n, (event, _) in enumerate(wanted):
        if n not in taken and not event.get("optional"):
            total.missed += 1
            total.misses.append(f"{gold['id']}: {event['type']}: {event['mentions'][0]['quote']}")


def _gold_sentences(gold: dict[str, Any], event: dict[str, Any]) -> Sentences:
    return frozenset(normal_words(sentence_around(gold[m["field"]], m["start"], m["end"])) for m in event["mentions"])


def _sentences(article: Article, event: WorldEvent) -> Sentences:
    spans = (event.evidence, *event.mentions)
    return frozenset(normal_words(sentence_around(article.field(s.field), s.start, s.end)) for s in spans)


def _codes(participants: list[dict[str, Any]]) -> set[str]:
    return {(p.get("code") or p["name"]).lower() for p in participants}


def _who(event: WorldEvent) -> set[str]:
    return {(p.code or p.name or "").lower() for p in event.participants}


def _quote(article: Article | None, event: WorldEvent) -> str:
    return (event.evidence.cut(article.title, article.text) or "") if article else ""


def table(rows: dict[str, Score]) -> str:
    lines = [
        "| | precision | recall | F1 | participants right | dates right | articles without events, coded |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, s in rows.items():
        share = max(1, s.right)
        lines.append(
            f"| {name} | {s.precision:.2f} | {s.recall:.2f} | {s.f1:.2f} | {s.who_right / share:.2f}"
            f" | {s.date_right / share:.2f} | {s.quiet_coded} of {s.quiet} |"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the figures and the known gaps into docs/quality.md")
    options = parser.parse_args(arguments)
    rows = {"coder, on the golden texts": score(whole_way=False), "whole way, from the pages": score(whole_way=True)}
    text = table(rows)
    print(text)
    gaps = rows["coder, on the golden texts"]
    listing = ["", "Known gaps: golden events that are not found.", "", *(f"- {m}" for m in gaps.misses)]
    listing += ["", "Found and not golden:", "", *(f"- {e}" for e in gaps.errors)]
    print("\n".join(listing))
    if options.write:
        old = DOCUMENT.read_text("utf-8")
        block = f"{_BEGIN}\n{text}\n{chr(10).join(listing)}\n{_END}"
        DOCUMENT.write_text(re.sub(f"{_BEGIN}.*{_END}", lambda _: block, old, flags=re.DOTALL), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
