"""A small transformer, run with numpy alone: from sentences to a vector for every piece of a word.

The weights are those of all-MiniLM-L6-v2 (Apache 2.0), which a package brings along; what was learned for the coder are
small additions to its matrices, added once when they are loaded. Everything is done in single precision on one
article's sentences at a time, so that an article's vectors depend on nothing else.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from threadpoolctl import ThreadpoolController

Array = npt.NDArray[np.float32]
LONGEST = 112
"""Pieces of a sentence that are read; of a longer one the rest is not."""
_HEADS = 12
_LONGEST_WORD = 100
_EPSILON = np.float32(1e-12)
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "f": "intermediate.dense",
    "g": "output.dense",
}
_DTYPES = {"F32": np.float32, "F16": np.float16, "I64": np.int64}
_ONE_THREAD = ThreadpoolController()
_WORD = re.compile(r"[^\W_]+|[^\s\w]|_")


def one_thread() -> AbstractContextManager[Any]:
    """Inside it matrices are multiplied on one thread: how many there are would change the rounding, and several
    readers run side by side."""
    return cast("AbstractContextManager[Any]", _ONE_THREAD.limit(limits=1, user_api="blas"))


def read_tensors(file: Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of a safetensors file by name, mapped, not read. Raises `ValueError` for a file that is none."""
    try:
        with file.open("rb") as stream:
            size = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(min(size, file.stat().st_size)))
    except (OSError, ValueError) as error:
        raise ValueError(f"{file} is no safetensors file ({error})") from None
    whole = np.memmap(file, mode="r", dtype=np.uint8, offset=0)
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + size + at for at in entry["data_offsets"])
            found[name] = whole[start:end].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return found


@dataclass(frozen=True, slots=True)
class Pieces:
    """What the encoder reads of a sentence: the pieces' numbers, and the code points that each stands for (0, 0 for
    the marks of start and end)."""

    numbers: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class Vocabulary:
    """Cuts words into the pieces of BERT's lower-case vocabulary: always the longest that is known."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._numbers = {piece: number for number, piece in enumerate(pieces)}
        self._start, self._end, self._unknown = (self._numbers[mark] for mark in ("[CLS]", "[SEP]", "[UNK]"))

    def pieces(self, text: str) -> Pieces:
        """The first `LONGEST` pieces of a sentence, marks of its start and end included."""
        numbers, spans = [self._start], [(0, 0)]
        for start, letters, places in _words(text):
            for number, first, last in self._cut(letters):
                numbers.append(number)
                spans.append((start + places[first], start + places[last] + 1))
        return Pieces((*numbers[: LONGEST - 1], self._end), (*spans[: LONGEST - 1], (0, 0)))

    def _cut(self, word: str) -> list[tuple[int, int, int]]:
        """The pieces of a word with their first and last letter; the whole as unknown where no pieces make it up."""
        found: list[tuple[int, int, int]] = []
        start = 0
        while start < len(word) <= _LONGEST_WORD:
            end, prefix = len(word), "##" if start else ""
            while end > start and prefix + word[start:end] not in self._numbers:
                end -= 1
            if end == start:
                break
            found.append((self._numbers[prefix + word[start:end]], start, end - 1))
            start = end
        return found if start == len(word) else [(self._unknown, 0, len(word) - 1)]


def _words(text: str) -> Iterator[tuple[int, str, list[int]]]:
    """Words and single signs: where each begins, its letters in lower case without accents, and each letter's place."""
    for match in _WORD.finditer(text):
        letters, places = "", []
        for place, character in enumerate(match[0]):
            for letter in unicodedata.normalize("NFD", character.lower()):
                if unicodedata.category(letter) != "Mn":
                    letters += letter
                    places.append(place)
        if letters:
            yield match.start(), letters, places


@dataclass(frozen=True, slots=True)
class _Layer:
    parts: Mapping[str, tuple[Array, Array]]
    attended: tuple[Array, Array]
    fed: tuple[Array, Array]


class Encoder:
    """Vectors in context. `layers` of the model are run, each with the learned additions in `learned`."""

    def __init__(self, folder: Path, learned: Mapping[str, npt.NDArray[Any]], layers: int) -> None:
        """Read from the model's `folder`. Raises `ValueError` where its files are not those of the model."""
        own = read_tensors(folder / "model.safetensors")
        self.vocabulary = Vocabulary((folder / "vocab.txt").read_text("utf-8").splitlines())
        self._words = own["embeddings.word_embeddings.weight"]
        self._places = own["embeddings.position_embeddings.weight"] + own["embeddings.token_type_embeddings.weight"][0]
        self._embedded = _norm(own, "embeddings.LayerNorm")
        self._layers = [_layer(own, learned, n) for n in range(layers)]

    def vectors(self, sentences: Sequence[Pieces]) -> list[Array]:
        """A vector for each piece of each sentence."""
        if not sentences:
            return []
        x = np.concatenate([self._words[list(s.numbers)] + self._places[: len(s.numbers)] for s in sentences])
        ends = np.cumsum([len(s.numbers) for s in sentences])
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        x = _normed(x, self._embedded)
        for layer in self._layers:
            x = _normed(x + _attention(x, spans, layer.parts), layer.attended)
            inner = _gelu(_linear(x, layer.parts["f"]))
            x = _normed(x + _linear(inner, layer.parts["g"]), layer.fed)
        return [x[a:b] for a, b in spans]


def _layer(own: Mapping[str, Array], learned: Mapping[str, npt.NDArray[Any]], number: int) -> _Layer:
    """A layer of the model; with what was learned for it, if anything was."""
    name = f"encoder.layer.{number}."
    parts = {}
    for part, matrix in _PARTS.items():
        weight, bias = own[f"{name}{matrix}.weight"], own[f"{name}{matrix}.bias"]
        if f"{number}.{part}.down" in learned:
            down, up, bias = (learned[f"{number}.{part}.{what}"].astype(np.float32) for what in ("down", "up", "bias"))
            weight = weight + up @ down
        parts[part] = (np.ascontiguousarray(weight.T), np.asarray(bias))
    norms = []
    for ours, theirs in (("attended", "attention.output.LayerNorm"), ("fed", "output.LayerNorm")):
        if f"{number}.{ours}.scale" in learned:
            norms.append(
                (
                    learned[f"{number}.{ours}.scale"].astype(np.float32),
                    learned[f"{number}.{ours}.shift"].astype(np.float32),
                )
            )
        else:
            norms.append(_norm(own, f"{name}{theirs}"))
    return _Layer(parts, *norms)


def _norm(own: Mapping[str, Array], name: str) -> tuple[Array, Array]:
    return np.asarray(own[f"{name}.weight"]), np.asarray(own[f"{name}.bias"])


def _linear(x: Array, part: tuple[Array, Array]) -> Array:
    y: Array = x @ part[0]
    y += part[1]
    return y


def _normed(x: Array, norm: tuple[Array, Array]) -> Array:
    x = x - x.mean(axis=1, keepdims=True)
    x *= 1 / np.sqrt((x * x).mean(axis=1, keepdims=True) + _EPSILON)
    x *= norm[0]
    x += norm[1]
    return x


def _gelu(x: Array) -> Array:
    """GELU by its tangent, in place as far as can be: it is a fifth of the whole work."""
    y = x * x
    y *= np.float32(0.044715 * 0.7978845608)
    y += np.float32(0.7978845608)
    y *= x
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= np.float32(0.5)
    return y


def _attention(x: Array, spans: Sequence[tuple[int, int]], parts: Mapping[str, tuple[Array, Array]]) -> Array:
    size = x.shape[1] // _HEADS
    q, k, v = (_linear(x, parts[part]).reshape(len(x), _HEADS, size).transpose(1, 0, 2) for part in "qkv")
    q = q * np.float32(size**-0.5)
    found = np.empty((len(x), _HEADS, size), np.float32)
    for a, b in spans:
        weights = q[:, a:b] @ k[:, a:b].transpose(0, 2, 1)
        weights -= weights.max(axis=2, keepdims=True)
        np.exp(weights, out=weights)
        weights /= weights.sum(axis=2, keepdims=True)
        found[a:b] = (weights @ v[:, a:b]).transpose(1, 0, 2)
    return _linear(found.reshape(len(x), -1), parts["o"])
