"""The gate: what is not worth parsing. Cheap lookups in token sets, on the article first, then on each sentence.

Parsing costs milliseconds a sentence, a token set nothing; most articles of a newspaper and most sentences of an
article
hold no trigger at all. An article about sports, shows or markets may be full of strikes, talks and deals: it is
left out where the words of those worlds outnumber those of diplomacy and war.
"""

import re

from ingest.code.article import Article
from ingest.code.frameset import Frames

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_WORDS_PER_POLITICAL = 60
_SHORT = 100
_MARKS_OF_ENGLISH = frozenset(
    [
        "the",
        "of",
        "and",
        "to",
        "in",
        "that",
        "for",
        "on",
        "with",
        "was",
        "is",
        "by",
        "said",
        "has",
        "have",
        "from",
        "at",
        "as",
        "it",
    ]
)


class Gate:
    """Token sets built once from the frames."""

    def __init__(self, frames: Frames) -> None:
        self._triggers = frames.triggers
        self._weak = frames.words["gate_weak"]
        self._taking_up = frames.words["gate_taking_up"]
        self._obliging = frames.words["gate_obliging"]
        self._political = frames.words["gate_political"]
        self._foreign = frames.words["gate_other_worlds"]

    def skips(self, article: Article) -> str | None:
        """Why the article is not coded at all: "language", "nothing" (no trigger), or None."""
        if article.language and not article.language.lower().startswith("en"):
            return "language"
        words = self.words(article.title + "\n" + article.text)
        if not article.language and len(words) >= 40:
            share = sum(w in _MARKS_OF_ENGLISH for w in words) / len(words)
            if share < 0.12:
                return "language"
        if self._triggers.isdisjoint(words):
            return "nothing"
        return None

    def opens(self, sentence: str, actors: int) -> bool:
        """Whether the sentence may tell an event: it holds a word that some frame waits for, and names or takes up an
        actor.

        Words that are common everywhere (`weak` in gate.yaml) count only beside two of the `actors` that the sentence
        names.
        """
        words = set(self.words(sentence))
        if not actors and words.isdisjoint(self._taking_up):
            return False
        found = words & self._triggers
        return (
            bool(found - self._weak)
            or (bool(found) and actors >= 2)
            or (actors >= 1 and not words.isdisjoint(self._obliging))
        )

    def is_topical(self, article: Article, actors: int) -> bool:
        """Whether the article is about politics, diplomacy or war rather than about something else that shares their
        words.

        `actors` is the number of known states, organisations, groups and politicians that it names.
        """
        words = self.words(article.title + "\n" + article.text)
        political = sum(w in self._political for w in words)
        foreign = sum(w in self._foreign for w in words)
        dense = len(words) < _SHORT or political >= len(words) / _WORDS_PER_POLITICAL
        return dense and political + actors >= 1 and foreign <= max(2, political)

    def words(self, text: str) -> list[str]:
        """Lower-case words; of hyphenated ones the whole and the parts."""
        found: list[str] = []
        for match in _WORD.finditer(text):
            word = match[0].lower().replace("’", "'").removesuffix("'s")
            found.append(word)
            if "-" in word:
                found.extend(word.split("-"))
        return found
