"""Marked sentences: what the articles of this folder and the older texts of the tests say about each sentence."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, frames_coder
from ingest.code.examples import examples
from ingest.code.sentences import split

HERE = Path(__file__).parent
ROOT = HERE.parent
ARTICLES = HERE / "articles"
JUDGED = HERE / "judged"
"""Articles that the judge is trained on and the scorer is not."""
HELD_OUT = HERE / "held_out"
"""Articles that nothing is trained on: thresholds were chosen on them, and tests hold floors on them."""
EVENTLESS = HERE / "eventless"
"""Articles that tell no event, though many hold the words of war and diplomacy; nothing is trained on them."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """An event told in a sentence: `at` the words that tell it, `trigger` the one that says the act where it is known,
    `roles` who takes part in it; all in code points of the sentence. Of an optional one experts may differ."""

    type: str
    at: Range
    trigger: Range | None
    optional: bool
    roles: tuple[tuple[str, Range], ...] = ()


@dataclass(frozen=True, slots=True)
class Marked:
    """A sentence with its marks. `only` are the types that it was judged for, where not for all."""

    text: str
    marks: tuple[Mark, ...]
    only: frozenset[str] | None = None


def records(folder: Path) -> list[dict[str, Any]]:
    """The articles of a folder, or of a single file, by name of file."""
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else [folder]
    return [record for file in files for record in yaml.load(file.read_text("utf-8"), Loader=_LOADER)]


def of_articles(articles: Iterable[dict[str, Any]], coder: FramesCoder | None = None) -> Iterator[Marked]:
    """Every sentence of marked articles; with a `coder`, only those that it parses or that are marked."""
    for record in articles:
        article = Article(record["id"], record.get("title", ""), record["text"], record["published"])
        sentences = split(article)
        marks: dict[int, list[Mark]] = {}
        for event in record.get("events") or ():
            untriggered = event.get("trigger")
            for words in event["at"]:
                for number, at in _where(article, sentences, words):
                    sentence = sentences[number]
                    trigger = _inside(sentence.text, at, untriggered) if untriggered else None
                    if trigger:
                        untriggered = None
                    roles = tuple(
                        (role, span)
                        for role, named in (event.get("args") or {}).items()
                        for name in named
                        for span in _nearest(sentence.text, name, at[0])
                    )
                    optional = bool(event.get("optional"))
                    marks.setdefault(number, []).append(Mark(event["type"], at, trigger, optional, roles))
        read = range(len(sentences)) if coder is None else {n for n, _ in coder.read(article).parsed}
        for number in sorted({*read, *marks}):
            sentence = sentences[number]
            yield Marked(sentence.text, tuple(marks.get(number, ())))


def _where(article: Article, sentences: Any, words: str) -> Iterator[tuple[int, Range]]:
    for field in ("title", "text"):
        start = article.field(field).find(words)  # type: ignore[arg-type]
        if start < 0:
            continue
        end = start + len(words)
        for number, s in enumerate(sentences):
            if s.field == field and start < s.end and s.start < end:
                yield number, (max(start, s.start) - s.start, min(end, s.end) - s.start)
        return


def _inside(text: str, at: Range, word: str) -> Range | None:
    found = re.compile(rf"\b{re.escape(word)}\b").search(text, *at)
    start = found.start() if found else text.find(word, *at)
    return (start, start + len(word)) if start >= 0 else None


def _nearest(text: str, name: str, to: int) -> list[Range]:
    starts = [m.start() for m in re.finditer(re.escape(name), text)]
    return [(s, s + len(name)) for s in sorted(starts, key=lambda s: abs(s - to))[:1]]


def of_single_sentences() -> Iterator[Marked]:
    """Phrasings and the frames' examples: sentences judged for one type alone, their triggers not marked."""
    phrasings = yaml.load((ROOT / "tests/ingest/code/phrasings.yaml").read_text("utf-8"), Loader=_LOADER)
    for event_type, listed in phrasings.items():
        for entry in listed:
            text = entry["text"] if isinstance(entry, dict) else entry
            yield Marked(text, (Mark(event_type, (0, len(text)), None, False),), frozenset({event_type}))
    for example in examples():
        whole = Mark(example.type, (0, len(example.text)), None, False)
        yield Marked(example.text, (whole,) if example.tells else (), frozenset({example.type}))


def training_set() -> list[Marked]:
    """All that the scorer is trained on."""
    newsdesk = ROOT / "tests/ingest/code/newsdesk.yaml"
    coder = frames_coder(scored=False)
    articles = [*records(ARTICLES), *records(newsdesk)]
    return [*of_articles(articles, coder), *of_single_sentences()]


def held_out_set() -> list[Marked]:
    """What it is not trained on."""
    return list(of_articles(records(HELD_OUT)))
