"""The judge: weighs what speaks for each event that frames or scorer find, and keeps those that are likely right.

A small network, trained on articles that the scorer was not trained on (`training/`). It sees only numbers
(`clues.py`), never words; the likelihood that it gives is the event's confidence.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ingest.code.clues import Read, event_clues
from ingest.code.encoder import one_thread, read_tensors
from ingest.code.merge import Happening
from schemas.world import EVENT_TYPES

LEARNED = Path(__file__).with_name("data") / "judge.safetensors"
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Net:
    """One hidden layer; what comes out is a likelihood, 0 to 1. In double precision: rounding shall decide nothing."""

    mean: Rows
    scale: Rows
    hidden: tuple[Rows, Rows]
    out: tuple[Rows, Rows]

    def likely(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """How likely each row of clues is right."""
        if not rows:
            return []
        with one_thread():
            x = (np.asarray(rows, np.float64) - self.mean) * self.scale
            inner = np.tanh(x @ self.hidden[0].T + self.hidden[1])
            y = inner @ self.out[0].T + self.out[1]
        return [float(v) for v in 1 / (1 + np.exp(-y[:, 0]))]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A happening as the judge sees it: how likely it is right, and why it is left out, if it is."""

    happening: Happening
    likely: float
    left_out: str | None = None

    @property
    def kept(self) -> bool:
        """Whether it is an event of the article."""
        return self.left_out is None


class Judge:
    """What was learned of `event_clues`. Nothing in it changes after it is made."""

    def __init__(self, learned: Path) -> None:
        """Raises `ValueError` for a file that is none of the training's."""
        tensors = read_tensors(learned)
        whole = learned.read_bytes()
        try:
            about = json.loads(whole[8 : 8 + int.from_bytes(whole[:8], "little")])["__metadata__"]
            self.keep = float(about["keep"])
            self._net = _net(tensors)
        except KeyError as missing:
            raise ValueError(f"{learned} holds no judge: {missing} is missing") from None
        self.name = f"judge-{hashlib.sha256(whole).hexdigest()[:8]}"
        self.clues = len(self._net.mean)

    def judged(self, read: Read) -> list[Verdict]:
        """Every happening of an article, with how likely it is right as its confidence."""
        likely = self._net.likely([event_clues(read, n) for n in range(len(read.happenings))])
        verdicts = []
        for happening, p in zip(read.happenings, likely, strict=True):
            rivals = (q for other, q in zip(read.happenings, likely, strict=True) if _rival(happening, other))
            left_out = None
            asked_for = any(t.own for t in happening.tellings)  # it knows nothing of a user's own frames
            if p < self.keep and not asked_for:
                left_out = "too little"
            elif not any(party.acts for party, _ in happening.best.parties):
                left_out = "but nobody known takes part"
            elif p < max(rivals, default=0) and not asked_for:
                left_out = "less than another event"
            verdicts.append(Verdict(_with_confidence(happening, p), p, left_out))
        return verdicts


def _rival(one: Happening, other: Happening) -> bool:
    """Whether both cannot stand, as events of two types of one family: the same word tells them ("talks" are a meeting
    or negotiations, not both; but it may tell several rounds), or `one` is a truce that the scorer alone proposes in
    the sentence of another ("extended their truce" is not also agreed)."""
    a, b = one.best, other.best
    family = EVENT_TYPES[a.type].spec.family
    if a.type == b.type or family != EVENT_TYPES[b.type].spec.family or a.field != b.field:
        return False
    return a.trigger == b.trigger or (
        family == "truce" and a.sentence == b.sentence and all(t.proposed for t in one.tellings)
    )


def _with_confidence(happening: Happening, likely: float) -> Happening:
    best = replace(happening.best, confidence=round(likely, 3))
    return Happening((best, *happening.tellings[1:]))


def _net(tensors: dict[str, npt.NDArray[Any]]) -> Net:
    part = {k: np.asarray(v, np.float64) for k, v in tensors.items()}
    return Net(
        part["mean"],
        part["scale"],
        (part["hidden.weight"], part["hidden.bias"]),
        (part["out.weight"], part["out.bias"]),
    )


@cache
def load_judge() -> Judge:
    """The judge that ships with the package."""
    return Judge(LEARNED)
