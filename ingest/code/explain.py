"""Why the coder coded what it did: which frame fired on which words; and why every other trigger yielded nothing."""

from dataclasses import dataclass

from ingest.code.article import Article
from ingest.code.coder import FramesCoder, load_coder
from ingest.code.proposals import PREFIX


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
    verdicts = {
        (t.type, t.field, t.trigger[0]): verdict for verdict in reading.verdicts for t in verdict.happening.tellings
    }
    found = []
    for number, trial in reading.trials:
        sentence, token = reading.sentences[number], trees[number][trial.trigger]
        match, reason = trial.match, trial.reason
        verdict = verdicts.get((match.type, sentence.field, sentence.start + token.start)) if match else None
        if match is not None and verdict is None and match.frame.id.startswith(PREFIX):
            match, reason = None, reason + ", but the sentence says too little of it"
        if verdict is not None:
            reason += f"; the judge gives it {verdict.likely:.2f}"
            if verdict.left_out is not None:
                match, reason = None, f"{reason}, {verdict.left_out}"
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
                reason=reason,
            )
        )
    return tuple(found)
