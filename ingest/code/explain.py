"""Why the coder coded what it did: which frame fired on which words; and why every other trigger yielded nothing."""

from dataclasses import dataclass

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, load_coder


@dataclass(frozen=True, slots=True)
class Reason:
    """What became of one trigger word under one frame. `start` and `end` are code points of the trigger in `field`.

    `type` is the event type where the frame fired; otherwise None, and `reason` says why not.
    """

    sentence: str
    field: str
    start: int
    end: int
    word: str
    frame: str
    type: str | None
    roles: tuple[tuple[str, str], ...]
    reason: str


def explain(article: Article, coder: FramesCoder | None = None) -> tuple[Reason, ...]:
    """Every trigger of `article` with its outcome, in reading order. Raises `TypeError` for a coder without frames."""
    chosen = coder or load_coder()
    if not isinstance(chosen, FramesCoder):
        raise TypeError("only the coder 'frames' can explain itself")
    reading = chosen.read(article)
    trees = dict(reading.parsed)
    found = []
    for number, trial in reading.trials:
        sentence, token = reading.sentences[number], trees[number][trial.trigger]
        match = trial.match
        found.append(
            Reason(
                sentence=sentence.text,
                field=sentence.field,
                start=sentence.start + token.start,
                end=sentence.start + token.end,
                word=token.text,
                frame=trial.frame.id,
                type=match.type if match else None,
                roles=tuple((p.name, r) for p, r in match.parties) if match else (),
                reason=trial.reason,
            )
        )
    return tuple(found)
