"""What the scorer adds to the frames: events where no frame fired, for the judge to weigh.

A proposal enters like the match of a frame on its trigger word, so that dates, places, attribution, completion and
merging treat both alike. Its frame is the usual one of its type; who takes part is read by the scorer, and pronouns,
offices and lists are resolved as everywhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ingest.code.cast import Cast
from ingest.code.discourse import Party
from ingest.code.frameset import Frame, Frames
from ingest.code.match import Match, Matcher, Trial
from ingest.code.scorer import Scored, Scorer
from ingest.code.sentences import Sentence
from ingest.code.tree import Tree

PREFIX = "scorer:"
"""How the names of the frames of proposals begin, before the type."""
_LEAST_SURE = 0.6
"""What a proposal counts like as a frame, times its score."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Scores from which on the scorer is followed, 0 to 1, and how much of an article it reads.

    `propose`: an event where no frame fired, for the judge to weigh; `role`: somebody takes part in a role. The first
    `sentences` of those parsed are read, of articles in which frames fire `fired` times, or once in two sentences.
    """

    propose: float = 0.15
    role: float = 0.35
    sentences: int = 30
    fired: int = 2


THRESHOLDS = Thresholds()


class Tried(NamedTuple):
    """A parsed sentence, its number in the article, and what became of its triggers."""

    number: int
    sentence: Sentence
    tree: Tree
    trials: tuple[Trial, ...]


class Proposals:
    """Joins scorer and frames. Nothing in it changes after it is made."""

    def __init__(self, frames: Frames, matcher: Matcher, scorer: Scorer, thresholds: Thresholds) -> None:
        self._matcher = matcher
        self._scorer = scorer
        self._at = thresholds
        self._usual = {event_type: usual_frame(frames, event_type) for event_type in scorer.event_types}

    def added(self, tried: Sequence[Tried], cast: Cast) -> tuple[list[Tried], dict[int, Scored]]:
        """The parsed sentences of an article, with what the scorer says to them; and its scores by number of sentence.
        Where frames fire too seldom it reads only where they do, for the judge, and proposes nothing."""
        fired = [one for one in tried if any(_fires(t) for t in one.trials)]
        times = sum(_fires(t) for one in fired for t in one.trials)
        if times < min(self._at.fired, len(tried) // 2):
            scores = self._scorer.read([one.sentence.text for one in fired])
            return list(tried), {one.number: scored for one, scored in zip(fired, scores, strict=True)}
        read, rest = tried[: self._at.sentences], tried[self._at.sentences :]
        scores = self._scorer.read([one.sentence.text for one in read])
        told = [self._with_proposals(one, cast, scored) for one, scored in zip(read, scores, strict=True)]
        return [*told, *rest], {one.number: scored for one, scored in zip(read, scores, strict=True)}

    def _with_proposals(self, one: Tried, cast: Cast, scored: Scored) -> Tried:
        """The trials of a sentence, and behind them the proposals of types that no frame found there, the likeliest
        first."""
        best = scored.types.max(axis=0)
        found = list(one.trials)
        told = {t.match.type for t in found if t.match is not None}
        for n in best.argsort(kind="stable")[::-1]:
            event_type = self._scorer.event_types[n]
            if best[n] < self._at.propose:
                break
            proposed = self._proposal(one, cast, scored, event_type) if event_type not in told else None
            if proposed is not None:
                found.append(proposed)
        return one._replace(trials=tuple(found))

    def _proposal(self, one: Tried, cast: Cast, scored: Scored, event_type: str) -> Trial | None:
        """An event of the type at the piece that tells it best; None where no word does."""
        sentence, tree, frame = one.sentence, one.tree, self._usual[event_type]
        n = self._scorer.number(event_type)
        piece = int(scored.types[:, n].argmax())
        score = float(scored.types[piece, n])
        i = _trigger(tree, *scored.spans[piece])
        if i is None:
            return None
        factuality = self._matcher.factuality
        tell = factuality.of_verb if tree[i].is_verb else factuality.of_noun
        telling = tell(tree, i, sentence.field == "title")
        if telling.time == "planned" and not frame.speech and not event_type.endswith(("_planned", "_threatened")):
            telling = replace(telling, time="held")  # so that its day is looked for in the past
        taking_part = self._taking_part(one, cast, scored, event_type, piece)
        parties = self._matcher.filled(sentence, tree, cast, frame, i, taking_part)
        sure = replace(frame, confidence=round(_LEAST_SURE * score, 3))
        match = Match(sure, event_type, i, None, telling, tuple(parties))
        return Trial(sure, i, match, f"proposed by the scorer ({score:.2f})")

    def _taking_part(
        self, one: Tried, cast: Cast, scored: Scored, event_type: str, piece: int
    ) -> list[tuple[Party, str]]:
        """Whoever stands in a role by the scorer's judgement, in the order of the text; each once, in the likeliest."""
        likely = self._scorer.roles_of(scored, piece, event_type)
        usual = {*self._usual[event_type].roles.values(), "mediator", "host"}
        found: dict[str, tuple[float, Party, str]] = {}
        for token in one.tree.tokens:
            pieces = scored.pieces(token.start, token.end)
            if not pieces or not (token.is_noun or token.tag in ("PRP", "PRP$", "JJ", "CD", "DT")):
                continue
            scores = likely[pieces].max(axis=0)
            n = int(scores.argmax())
            role = self._scorer.roles[n]
            if role == "host" and event_type.startswith("visit_"):
                role = "target"  # whom a visit is to receives it
            if scores[n] < self._at.role or role not in usual:
                continue
            for party in cast.parties(one.sentence, one.tree, token.i, expand=False):
                known = found.get(party.key)
                if party.acts and (known is None or known[0] < scores[n]):
                    found[party.key] = (float(scores[n]), party, role)
        return [(party, role) for _, party, role in sorted(found.values(), key=lambda f: f[1].start)]


def _fires(trial: Trial) -> bool:
    """Whether a frame fires that tells something by itself."""
    return trial.match is not None and not trial.match.anaphoric


def _trigger(tree: Tree, start: int, end: int) -> int | None:
    """The verb or noun of these code points: their own token, or the nearest above."""
    at = next((t.i for t in tree.tokens if t.start < end and start < t.end), None)
    if at is None:
        return None
    for i in (at, *tree.ancestors(at)):
        if tree[i].is_noun or (tree[i].is_verb and tree[i].dep not in ("aux", "auxpass")):
            return i
    return None


def usual_frame(frames: Frames, event_type: str) -> Frame:
    """A frame as most frames of a type are: their family, their roles, and what most of them complete from the article.

    Raises `LookupError` where no frame tells the type.
    """
    own = [f for f in frames.frames if event_type in f.types.values()]
    if not own:
        raise LookupError(f"no frame tells {event_type!r}: the scorer needs one for every type")
    places: dict[str, Counter[str]] = {}
    for frame in own:
        for place, role in frame.roles.items():
            places.setdefault(place, Counter())[role] += 1
    return replace(
        own[0],
        id=f"{PREFIX}{event_type}",
        family=Counter(f.family for f in own).most_common(1)[0][0],
        verbs=(),
        nouns=frozenset(),
        topics=(),
        types={"held": event_type},
        roles={place: counts.most_common(1)[0][0] for place, counts in places.items()},
        needs=frozenset(),
        fallback=frozenset(x for f in own for x in f.fallback),
        speech=Counter(f.speech for f in own).most_common(1)[0][0],
        scope=None,
        modality=None,
        confidence=_LEAST_SURE,
    )
