"""Train the coder's judge, after the scorer: `python -m training.train_judge [--out FILE]` (see training/README.md).

Frames and scorer read the articles of `judged/`, which neither was made on; every happening that they find is compared
with the marks. Learned is a small network: is it right? How well it does on articles that it was not trained on is told
by parts, each left out in turn; the threshold is chosen there.
"""

import argparse
import hashlib
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as f

from ingest.code.actors import Lexicon
from ingest.code.clues import Read, event_clues
from ingest.code.coder import FramesCoder
from ingest.code.frameset import Frames
from ingest.code.judge import LEARNED, Judge, Verdict
from ingest.code.parse import SpacyParser
from ingest.code.places import Gazetteer
from ingest.code.scorer import LEARNED as SCORER
from ingest.code.scorer import Scorer, encoder_folder
from ingest.code.sentences import split
from tests.ingest.code.scoring import article_of, asked, places
from training.marked import JUDGED, records
from training.train_scorer import write

PARTS = 5
HIDDEN, EPOCHS, BATCH, STARTS = 24, 20, 64, 5
FLAT, STRICT = 0.003, 0.95
"""Thresholds whose F1 is as near to the best are as good. The one taken has this share of them below it: an event that
is wrong costs more trust than one that is left out. Set with the real articles and the sentence sets in view."""
RATE, DECAY = 3e-3, 0.1
Array = np.ndarray[Any, Any]


class Recorder(Judge):
    """Finds everything right and remembers what it was asked about."""

    name = "none"
    read: Read | None = None

    def __init__(self) -> None:
        pass

    def judged(self, read: Read) -> list[Verdict]:
        self.read = read
        return [Verdict(h, 1.0) for h in read.happenings]


@dataclass
class Found:
    """A happening of the coder: its clues, and whether the article is marked with it; None where experts may differ."""

    clues: Sequence[float]
    right: bool | None


@dataclass
class Judged:
    """An article: what the coder finds, and how many events it is marked with that count."""

    part: int
    found: list[Found]
    marked: int


def alone(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every third sentence of a marked article as an article of its own: the judge meets such too, and no figure that
    counts sentences may weigh too much."""
    article = article_of(record)
    for sentence in split(article)[::3]:
        marks = [
            {**event, "at": here}
            for event in record["events"] or ()
            if (here := [words for words in event["at"] if words in sentence.text])
        ]
        yield {**record, "title": "", "text": sentence.text, "events": marks}


def judged(record: dict[str, Any], coder: FramesCoder, recorder: Recorder) -> Judged:
    """What the coder finds in a marked article, compared with its marks."""
    article = article_of(record)
    recorder.read = None
    coder.read(article)
    read = recorder.read
    marks = [(e, asked(article, e)) for e in record["events"] or ()]
    part = int(hashlib.sha256(record["id"].encode()).hexdigest(), 16) % PARTS
    result = Judged(part, [], sum(not e.get("optional") for e, _ in marks))
    if read is None:
        return result
    told = [places(article, [(t.field, t.start, t.end) for t in h.tellings]) for h in read.happenings]
    fitting = sorted(
        (
            -len(at & told[j]),
            -len({w.lower() for w in e["who"]} & {p.key for p, _ in read.happenings[j].best.parties}),
            i,
            j,
        )
        for i, (e, at) in enumerate(marks)
        for j, h in enumerate(read.happenings)
        if e["type"] == h.best.type and at & told[j]
    )
    mark_of: dict[int, int] = {}
    for *_, i, j in fitting:
        if i not in mark_of.values() and j not in mark_of:
            mark_of[j] = i
    touched = {j: i for *_, i, j in reversed(fitting)}
    for j in range(len(read.happenings)):
        mark = marks[mark_of.get(j, touched.get(j, 0))][0] if j in touched else None
        optional = mark is not None and bool(mark.get("optional"))
        result.found.append(Found(event_clues(read, j), None if optional else j in mark_of))
    return result


class Network(nn.Module):
    """As `ingest.code.judge.Net`, with what training needs."""

    def __init__(self, rows: Array, hidden: int) -> None:
        super().__init__()
        self.mean = torch.tensor(rows.mean(0))
        self.scale = torch.tensor(np.minimum(10, 1 / (rows.std(0) + 1e-3)))
        self.hidden, self.out = nn.Linear(rows.shape[1], hidden), nn.Linear(hidden, 1)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        x = ((rows - self.mean) * self.scale).float()
        x = torch.tanh(self.hidden(f.dropout(x, 0.1, self.training)))
        return self.out(f.dropout(x, 0.2, self.training))[:, 0]

    def likely(self, rows: Array) -> Array:
        self.eval()
        with torch.no_grad():
            return np.asarray(torch.sigmoid(self(torch.tensor(rows))).numpy())


def trained(articles: Iterable[Judged]) -> Network:
    """The network that tells right happenings of these articles from wrong ones: several, trained from different
    starts, side by side in one, whose outputs are averaged. One alone is a matter of luck."""
    decided = [one for a in articles for one in a.found if one.right is not None]
    rows, right = np.array([one.clues for one in decided]), np.array([bool(one.right) for one in decided])
    nets = [fitted(rows, right, seed) for seed in range(STARTS)]
    whole = Network(rows, STARTS * HIDDEN)
    with torch.no_grad():
        whole.hidden.weight.copy_(torch.cat([net.hidden.weight for net in nets]))
        whole.hidden.bias.copy_(torch.cat([net.hidden.bias for net in nets]))
        whole.out.weight.copy_(torch.cat([net.out.weight for net in nets], dim=1) / STARTS)
        whole.out.bias.copy_(torch.stack([net.out.bias for net in nets]).mean(0))
    return whole


def fitted(rows: Array, right: Array, seed: int) -> Network:
    """A network trained from one start."""
    torch.manual_seed(seed)
    net = Network(rows, HIDDEN)
    x, y = torch.tensor(rows), torch.tensor(right, dtype=torch.float32)
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(y) // BATCH)
    step = 0
    net.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(y)).split(BATCH):
            optimizer.param_groups[0]["lr"] = RATE * max(0.02, 1 - step / steps)
            loss = f.binary_cross_entropy_with_logits(net(x[batch]), y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    return net


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=LEARNED)
    parser.add_argument("--scorer", type=Path, default=SCORER)
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    recorder = Recorder()
    scorer = Scorer(options.scorer, encoder_folder())
    coder = FramesCoder(Frames.load(None), Lexicon.load(), Gazetteer.load(), SpacyParser(), scorer, recorder)
    articles = [judged(record, coder, recorder) for record in records(JUDGED)]
    singles = [judged(one, coder, recorder) for record in records(JUDGED) for one in alone(record)]
    marked = sum(a.marked for a in articles)
    print(
        f"{len(articles)} articles, {marked} events, {sum(len(a.found) for a in articles)} happenings found", flush=True
    )

    likely: list[tuple[float, bool]] = []
    for part in range(PARTS):
        net = trained(a for a in (*articles, *singles) if a.part != part)
        decided = [one for a in articles if a.part == part for one in a.found if one.right is not None]
        given = net.likely(np.array([one.clues for one in decided])).tolist()
        likely += [(score, bool(one.right)) for score, one in zip(given, decided, strict=True)]
    scores: dict[float, float] = {}
    for threshold in (0.0, *np.arange(0.2, 0.61, 0.02)):
        kept = [right for p, right in likely if p >= threshold]
        score = 2 * sum(kept) / (len(kept) + marked)
        scores[float(threshold)] = score
        print(f"kept from {threshold:.2f}: P {sum(kept) / len(kept):.3f} R {sum(kept) / marked:.3f} F1 {score:.3f}")
    keep = np.quantile([t for t, score in scores.items() if score >= max(scores.values()) - FLAT], STRICT)
    net = trained([*articles, *singles])
    parameters = {**dict(net.named_parameters()), "mean": net.mean, "scale": net.scale}
    tensors = {name: p.detach().numpy().astype(np.float32) for name, p in parameters.items()}
    write(tensors, {"keep": f"{keep:.2f}", "scorer": scorer.name}, options.out)
    print(f"wrote {options.out}: keeps from {keep:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
