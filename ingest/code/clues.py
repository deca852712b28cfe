"""What speaks for an event: numbers that the judge weighs, one row for each happening of an article.

Everything is read off what frames, scorer and cast have found in one article; nothing is decided. The order of the
clues is part of what the judge has learned, so that a change here asks for training anew (`training/`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ingest.code.cast import Cast
from ingest.code.merge import Happening, Telling
from ingest.code.scorer import Scored, Scorer
from ingest.code.sentences import Sentence
from schemas.world import EVENT_TYPES

TYPES = {name: n for n, name in enumerate(sorted(EVENT_TYPES))}
_MODALITIES = ("asserted", "unconfirmed", "conditional", "denied")
SURE = 0.6
"""A score from which on a sentence tells something."""
LEAD = 3
"""How many sentences that name somebody are the lead of a text."""


@dataclass(frozen=True)
class Read:
    """One article as far as it has been read: its happenings, and the scorer's judgement by number of sentence."""

    sentences: Sequence[Sentence]
    cast: Cast
    happenings: Sequence[Happening]
    scores: Mapping[int, Scored]
    scorer: Scorer

    @cached_property
    def ranks(self) -> list[int]:
        """For each sentence how many of the text's sentences before it name somebody: where it stands, whatever else
        the article holds. Those of the title stand first."""
        found, before = [], 0
        for sentence in self.sentences:
            found.append(before if sentence.field == "text" else 0)
            before += sentence.field == "text" and bool(self.cast.in_sentence(sentence))
        return found

    @cached_property
    def political(self) -> tuple[int, int]:
        """How much of the article tells events: tellings of frames, and sentences of which the scorer is sure."""
        told = sum(not t.proposed for h in self.happenings for t in h.tellings)
        return told, sum(float(s.types.max()) >= SURE for s in self.scores.values())

    @cached_property
    def beside(self) -> dict[int, int]:
        """How many happenings each sentence tells."""
        found: dict[int, int] = {}
        for happening in self.happenings:
            for n in {t.sentence for t in happening.tellings}:
                found[n] = found.get(n, 0) + 1
        return found


def event_clues(read: Read, number: int) -> list[float]:
    """What speaks for happening `number` of an article."""
    tellings = read.happenings[number].tellings
    best = tellings[0]
    own = [t for t in tellings if not t.proposed]
    kind = [0.0] * len(TYPES)
    kind[TYPES[best.type]] = 1.0
    n = read.scorer.number(best.type)
    scored = [read.scores[t.sentence] for t in tellings if t.sentence in read.scores]
    likely = [float(s.types[:, n].max()) for s in scored]
    rivals = [float(np.delete(s.types.max(axis=0), n).max()) for s in scored]
    here = read.scores.get(best.sentence)
    at_best = float(here.types[:, n].max()) if here else 0.0
    rival_at_best = float(np.delete(here.types.max(axis=0), n).max()) if here else 0.0
    at_trigger = max((at_trigger_of(read, t, n) for t in tellings), default=0.0)
    sentence = read.sentences[best.sentence]
    acting = [(p, r) for p, r in best.parties if p.acts]
    roles = {r for _, r in acting}
    others = [
        (h.best, odds(at_trigger_of(read, t, read.scorer.number(h.best.type))), t.trigger == best.trigger)
        for m, h in enumerate(read.happenings)
        if m != number
        for t in h.tellings
        if t.sentence == best.sentence
    ]
    alike = [h for m, h in enumerate(read.happenings) if m != number and h.best.type == best.type]
    told = {t.sentence for t in tellings}
    shared = [h for h in alike if told & {t.sentence for t in h.tellings}]
    at_word = max((o for _, o, same in others if same), default=-2.0)
    in_family = max(
        (o for t, o, _ in others if EVENT_TYPES[t.type].spec.family == EVENT_TYPES[best.type].spec.family),
        default=-2.0,
    )
    return [
        *kind,
        min(3, len(alike)) / 3,
        float(bool(shared)),
        float(any(h.best.parties and best.doers & h.best.doers for h in alike)),
        max((max(at_trigger_of(read, t, n) for t in h.tellings) for h in alike), default=0.0) - at_trigger,
        float(any(same for *_, same in others)),
        float(any(same and not t.proposed for t, _, same in others)),
        at_word - odds(at_trigger),
        float(in_family > -2.0),
        in_family - odds(at_trigger),
        float(bool(own)),
        max((t.confidence for t in own), default=0.0),
        float(bool(scored)),
        odds(max(likely, default=0.0)),
        odds(at_best),
        odds(at_trigger),
        odds(max(rivals, default=0.0)),
        odds(at_best) - odds(rival_at_best),
        odds(1 - math.prod(1 - x for x in likely)),
        math.log(len(tellings)),
        float(any(t.anaphoric for t in tellings)),
        float(best.field == "title"),
        float(any(t.field == "title" for t in tellings)),
        math.log(1 + read.ranks[best.sentence]),
        float(read.ranks[best.sentence] < LEAD),
        len(acting) / 3,
        sum(p.resolved for p, _ in acting) / 3,
        float("actor" in roles),
        float("target" in roles),
        float(len({p.key for p, r in acting if r == "party"}) > 1),
        float(any(p.kind == "person" for p, _ in acting)),
        *(float(best.modality == m) for m in _MODALITIES),
        float(best.when is not None and best.when.edtf is not None),
        float(best.place is not None),
        float(best.speaker is not None),
        float(any(q in sentence.text for q in '“"')),
        float("?" in sentence.text),
        len(sentence.text) / 200,
        (best.end - best.start) / 200,
        (read.beside.get(best.sentence, 1) - 1) / 2,
        len(read.happenings) / 10,
        *(math.log(1 + n) for n in read.political),
    ]


def trigger_piece(read: Read, telling: Telling) -> int | None:
    """The piece of the trigger that tells the type best."""
    scored = read.scores.get(telling.sentence)
    if scored is None:
        return None
    start = read.sentences[telling.sentence].start
    pieces = scored.pieces(telling.trigger[0] - start, telling.trigger[1] - start)
    n = read.scorer.number(telling.type)
    return max(pieces, key=lambda p: (float(scored.types[p, n]), -p)) if pieces else None


def at_trigger_of(read: Read, telling: Telling, number: int) -> float:
    piece = trigger_piece(read, telling)
    return float(read.scores[telling.sentence].types[piece, number]) if piece is not None else 0.0


def odds(likely: float) -> float:
    """The logarithm of the odds, bounded: what a linear weight can use."""
    p = min(0.999, max(0.001, likely))
    return math.log(p / (1 - p)) / 4
