"""The gate: what is not worth parsing. Cheap lookups in token sets, on the article first, then on each sentence.

Parsing costs milliseconds a sentence, a token set nothing; most articles of a newspaper and most sentences of an
article
hold no trigger at all. An article about sports, shows or markets may be full of strikes, talks and deals: it is
left out where the words of those worlds outnumber those of diplomacy and war.
"""

import re
from collections.abc import Sequence

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
        """Why the article is not coded at all: "language", "nothing" (no trigger), "subject" (about something else than
        politics, diplomacy or war, which shares their words), or None."""
        if article.language and not article.language.lower().startswith("en"):
            return "language"
        words = self.words(f"{article.title}\n{article.text}")
        if not article.language and len(words) >= 40 and _count(words, _MARKS_OF_ENGLISH) / len(words) < 0.12:
            return "language"
        if self._triggers.isdisjoint(words):
            return "nothing"
        political, foreign = _count(words, self._political), _count(words, self._foreign)
        dense = len(words) < _SHORT or political >= len(words) / _WORDS_PER_POLITICAL
        return None if dense and foreign <= max(2, political) else "subject"

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
        """Whether an article that is not skipped is about politics, diplomacy or war at all.

        `actors` is the number of known states, organisations, groups and politicians that it names.
        """
        return actors > 0 or not self._political.isdisjoint(self.words(f"{article.title}\n{article.text}"))

    def words(self, text: str) -> list[str]:
        """Lower-case words, in no order; of hyphenated ones the whole and the parts."""
        # All at once, a word a line, rather than word by word: the gate reads every word of every article.
        lines = "\n".join([*_WORD.findall(text), ""]).lower().replace("’", "'").replace("'s\n", "\n")
        found = lines.split("\n")[:-1]
        found += [part for word in found if "-" in word for part in word.split("-")]
        return found


def _count(words: Sequence[str], of: frozenset[str]) -> int:
    return sum(map(of.__contains__, words))
