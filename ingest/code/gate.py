"""The gate: what is not worth parsing. Cheap lookups in token sets, on the article first, then on each sentence.

Parsing costs milliseconds a sentence, a token set nothing; most articles of a newspaper and most sentences of an article
hold no trigger at all. An article about sports, shows or markets may be full of strikes, talks and deals: it is
left out where the words of those worlds outnumber those of diplomacy and war.
"""

import re

from ingest.code.article import Article
from ingest.code.frameset import Frames

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_MARKS_OF_ENGLISH = frozenset("the of and to in that for on with was is by said has have from at as it".split())


class Gate:
    """Token sets built once from the frames."""

    def __init__(self, frames: Frames) -> None:
        self._triggers = frames.triggers
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

    def opens(self, sentence: str) -> bool:
        """Whether the sentence holds a word that some frame waits for."""
        return not self._triggers.isdisjoint(self.words(sentence))

    def is_topical(self, article: Article, actors: int) -> bool:
        """Whether the article is about politics, diplomacy or war rather than about something else that shares their words.

        `actors` is the number of known states, organisations, groups and politicians that it names.
        """
        words = self.words(article.title + "\n" + article.text)
        political = sum(w in self._political for w in words)
        foreign = sum(w in self._foreign for w in words)
        return political + actors >= 1 and foreign <= max(2, political)

    def words(self, text: str) -> list[str]:
        """Lower-case words; of hyphenated ones the whole and the parts."""
        found: list[str] = []
        for match in _WORD.finditer(text):
            word = match[0].lower().replace("’", "'").removesuffix("'s")
            found.append(word)
            if "-" in word:
                found.extend(word.split("-"))
        return found
