"""Train the coder's scorer: `python -m training.train_scorer [--out FILE]`; training/README.md says where.

The encoder's own weights stay as they are. Learned are additions of low rank to the matrices of its layers, biases and
norms, and two heads: which piece of a word tells which type of event, and who takes part in which role. Where a
sentence's trigger is not marked, the words that tell the event count together. The same seed and data on the same
machine give the same file.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as f

from ingest.code.encoder import Pieces, Vocabulary, read_tensors
from ingest.code.scorer import LEARNED, encoder_folder
from schemas.world import EVENT_TYPES
from training.marked import Marked, held_out_set, training_set

ROLES = ("actor", "target", "party", "mediator", "host", "beneficiary")
WIDTH, HEADS, WITHIN = 384, 12, 64
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "o": "attention.output.dense",
    "f": "intermediate.dense",
    "g": "output.dense",
}
DROPOUT = 0.1
AVERAGED = 0.998
"""How much of the running average of the weights each step leaves: the average tells more than the last step's."""
WARMUP = 200
"""Steps in which the rate rises: a faster start leaves the heads where they never learn again."""
POSITIVE = 2.0
"""Weight of a trigger against that of any other piece."""


@dataclass(frozen=True)
class Options:
    layers: int
    frozen: int
    rank: int
    epochs: int
    rate: float
    batch: int
    seed: int


class Adapted(nn.Module):
    """A matrix of the encoder, which stays, and what is added to it."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, rank: int) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.bias = nn.Parameter(bias.clone())
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) * 0.02)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return f.linear(x, self.weight, self.bias) + 2 * f.linear(f.linear(x, self.down), self.up)


class Layer(nn.Module):
    def __init__(self, own: dict[str, torch.Tensor], number: int, rank: int) -> None:
        super().__init__()
        name = f"encoder.layer.{number}."
        self.parts = nn.ModuleDict(
            {p: Adapted(own[f"{name}{n}.weight"], own[f"{name}{n}.bias"], rank) for p, n in PARTS.items()}
        )
        self.attended = norm(own, f"{name}attention.output.LayerNorm")
        self.fed = norm(own, f"{name}output.LayerNorm")

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        sentences, pieces, _ = x.shape
        q, k, v = (self.parts[p](x).view(sentences, pieces, HEADS, -1).transpose(1, 2) for p in "qkv")
        dropout = DROPOUT if self.training else 0.0
        seen = f.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :], dropout_p=dropout)
        seen = self.parts["o"](seen.transpose(1, 2).reshape(sentences, pieces, WIDTH))
        x = self.attended(x + f.dropout(seen, DROPOUT, self.training))
        inner = self.parts["g"](f.gelu(self.parts["f"](x), approximate="tanh"))
        return self.fed(x + f.dropout(inner, DROPOUT, self.training))


def norm(own: dict[str, torch.Tensor], name: str) -> nn.LayerNorm:
    layer = nn.LayerNorm(WIDTH, eps=1e-12)
    layer.weight.data, layer.bias.data = own[f"{name}.weight"].clone(), own[f"{name}.bias"].clone()
    return layer


class Model(nn.Module):
    """The encoder's first layers and the two heads."""

    def __init__(self, folder: Path, options: Options, types: int) -> None:
        super().__init__()
        tensors = read_tensors(folder / "model.safetensors")
        own = {k: torch.tensor(np.array(v)) for k, v in tensors.items() if v.dtype == np.float32}
        self.register_buffer("words", own["embeddings.word_embeddings.weight"])
        self.register_buffer(
            "places", own["embeddings.position_embeddings.weight"] + own["embeddings.token_type_embeddings.weight"][0]
        )
        self.embedded = norm(own, "embeddings.LayerNorm")
        self.layers = nn.ModuleList(Layer(own, n, options.rank) for n in range(options.layers))
        self.frozen = options.frozen
        self.kinds = nn.Linear(WIDTH, types)
        nn.init.normal_(self.kinds.weight, std=0.02)
        nn.init.constant_(self.kinds.bias, -4.5)
        self.role_trigger, self.role_piece = nn.Linear(WIDTH, WITHIN), nn.Linear(WIDTH, WITHIN)
        self.role_type, self.role_out = nn.Embedding(types, WITHIN), nn.Linear(WITHIN, len(ROLES))
        nn.init.constant_(self.role_out.bias, -2.0)
        for part in (self.embedded, *self.layers[: self.frozen]):  # the embeddings stay in any case
            part.requires_grad_(False)

    def below(self, numbers: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """The vectors after the layers that stay as they are: the same in every epoch, so computed once."""
        x = self.embedded(self.words[numbers] + self.places[: numbers.shape[1]])
        for layer in self.layers[: self.frozen]:
            x = layer(x, mask)
        return x

    def above(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        x = f.dropout(x, DROPOUT, self.training)
        for layer in self.layers[self.frozen :]:
            x = layer(x, mask)
        return x

    def roles(
        self, x: torch.Tensor, sentence: torch.Tensor, trigger: torch.Tensor, types: torch.Tensor
    ) -> torch.Tensor:
        told = torch.tanh(self.role_trigger(x[sentence, trigger]) + self.role_type(types))[:, None]
        return self.role_out(torch.tanh(self.role_piece(x[sentence]) + told))


@dataclass
class Example:
    """A sentence as tensors: what to learn at each piece and type, and how much it counts."""

    pieces: Pieces
    wanted: torch.Tensor
    weight: torch.Tensor
    together: list[tuple[list[int], int]]
    roles: list[tuple[int, int, torch.Tensor]]
    told: set[int]
    optional: set[int]
    below: torch.Tensor


def example(marked: Marked, vocabulary: Vocabulary, types: dict[str, int]) -> Example:
    pieces = vocabulary.pieces(marked.text)
    count = len(pieces.numbers)

    def inside(span: tuple[int, int]) -> list[int]:
        return [n for n, (a, b) in enumerate(pieces.spans) if b > a and a < span[1] and span[0] < b]

    wanted = torch.zeros(count, len(types))
    weight = torch.ones(count, len(types))
    if marked.only is not None:
        weight[:] = 0
        weight[:, [types[t] for t in marked.only]] = 1
    optional = {types[m.type] for m in marked.marks if m.optional}
    weight[:, sorted(optional)] = 0
    told = {types[m.type] for m in marked.marks}
    together, roles = [], []
    for m in marked.marks:
        number, at = types[m.type], inside(m.at)
        trigger = inside(m.trigger) if m.trigger else []
        if trigger:
            part = torch.zeros(count, len(ROLES))
            for role, span in m.roles:
                part[inside(span), ROLES.index(role)] = 1
            roles.append((trigger[0], number, part))
        if number in optional:
            continue
        weight[at, number] = 0
        if trigger:
            wanted[trigger, number] = 1
            weight[trigger, number] = POSITIVE
        elif at:
            together.append((at, number))
    return Example(pieces, wanted, weight, together, roles, told, optional, torch.empty(0))


def batches(examples: Sequence[Example], size: int, shuffle: random.Random | None) -> list[list[Example]]:
    """Sentences of like length together."""
    spread = shuffle.random if shuffle else lambda: 0.0
    ordered = sorted(examples, key=lambda e: len(e.pieces.numbers) + 8 * spread())
    found = [ordered[n : n + size] for n in range(0, len(ordered), size)]
    if shuffle:
        shuffle.shuffle(found)
    return found


def padded(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    return nn.utils.rnn.pad_sequence(list(parts), batch_first=True)


def mask_of(batch: Sequence[Example]) -> torch.Tensor:
    return padded([torch.ones(len(e.pieces.numbers), dtype=torch.bool) for e in batch])


def loss_of(model: Model, batch: Sequence[Example]) -> torch.Tensor:
    mask = mask_of(batch)
    with torch.autocast("cpu", torch.bfloat16):
        x = model.above(padded([e.below for e in batch]).float(), mask)
        likely = model.kinds(f.dropout(x, 2 * DROPOUT, model.training))
    x, likely = x.float(), likely.float()
    cross = f.binary_cross_entropy_with_logits
    loss = cross(likely, padded([e.wanted for e in batch]), padded([e.weight for e in batch]), reduction="sum")
    sums = [torch.logsumexp(likely[n, at, number], 0) for n, e in enumerate(batch) for at, number in e.together]
    if sums:
        loss = loss + 2 * cross(torch.stack(sums), torch.ones(len(sums)), reduction="sum")
    told = [(n, *role) for n, e in enumerate(batch) for role in e.roles]
    if told:
        sentence, trigger, types = (torch.tensor([t[k] for t in told]) for k in range(3))
        found = model.roles(x, sentence, trigger, types)
        wanted = padded([t[3] for t in told])
        wanted = f.pad(wanted, (0, 0, 0, found.shape[1] - wanted.shape[1]))
        loss = loss + 0.5 * cross(found, wanted, mask[sentence][..., None].float(), reduction="sum")
    return loss / len(batch)


def figures(model: Model, examples: Sequence[Example]) -> str:
    """Precision, recall and F1 of "the sentence tells an event of the type", at a few thresholds."""
    model.eval()
    at = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    counts = {t: [0, 0, 0] for t in at}
    with torch.no_grad():
        for batch in batches(examples, 48, None):
            mask = mask_of(batch)
            x = model.above(padded([e.below for e in batch]).float(), mask)
            best = (torch.sigmoid(model.kinds(x)) * mask[..., None]).amax(1)
            for e, scores in zip(batch, best.tolist(), strict=True):
                for threshold in at:
                    found = {n for n, s in enumerate(scores) if s >= threshold} - e.optional
                    told = e.told - e.optional
                    for n, part in enumerate((found & told, found - told, told - found)):
                        counts[threshold][n] += len(part)
    shown = []
    for threshold, (right, wrong, missed) in counts.items():
        p, r = right / max(1, right + wrong), right / max(1, right + missed)
        shown.append(f"{threshold}: {p:.2f}/{r:.2f}/{2 * p * r / max(1e-9, p + r):.3f}")
    return "  ".join(shown)


def learned(model: Model) -> dict[str, np.ndarray[Any, Any]]:
    """What `ingest/code/encoder.py` and `scorer.py` read, in half precision: nothing of what stayed as it was."""
    found: dict[str, torch.Tensor] = {"role.type": model.role_type.weight}
    for number, layer in list(enumerate(model.layers))[model.frozen :]:
        for part, adapted in layer.parts.items():
            found[f"{number}.{part}.down"], found[f"{number}.{part}.up"] = adapted.down, 2 * adapted.up
            found[f"{number}.{part}.bias"] = adapted.bias
        for name in ("attended", "fed"):
            found[f"{number}.{name}.scale"] = getattr(layer, name).weight
            found[f"{number}.{name}.shift"] = getattr(layer, name).bias
    heads = {"type": model.kinds, "role.trigger": model.role_trigger, "role.piece": model.role_piece}
    for name, head in {**heads, "role.out": model.role_out}.items():
        found[f"{name}.weight"], found[f"{name}.bias"] = head.weight, head.bias
    return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in found.items()}


def write(tensors: dict[str, np.ndarray[Any, Any]], about: dict[str, str], file: Path) -> None:
    """A safetensors file, its entries in order of name; of half or single precision."""
    header: dict[str, Any] = {"__metadata__": about}
    at = 0
    for name in sorted(tensors):
        size = tensors[name].nbytes
        header[name] = {
            "dtype": f"F{8 * tensors[name].itemsize}",
            "shape": tensors[name].shape,
            "data_offsets": [at, at + size],
        }
        at += size
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    body = b"".join(np.ascontiguousarray(tensors[name]).tobytes() for name in sorted(tensors))
    file.write_bytes(len(head).to_bytes(8, "little") + head + body)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=LEARNED)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--frozen", type=int, default=1, help="first layers that nothing is added to")
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rate", type=float, default=8e-4)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--seed", type=int, default=2)
    given = vars(parser.parse_args(arguments))
    out = given.pop("out")
    options = Options(**given)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    shuffle = random.Random(options.seed)

    folder = encoder_folder()
    types = {name: n for n, name in enumerate(sorted(EVENT_TYPES))}
    vocabulary = Vocabulary((folder / "vocab.txt").read_text("utf-8").splitlines())
    train, held_out = ([example(m, vocabulary, types) for m in s] for s in (training_set(), held_out_set()))
    print(f"{len(train)} sentences to train on, {len(held_out)} held out", flush=True)
    torch.manual_seed(1)  # every seed starts from the same heads; it decides order and dropout
    model = Model(folder, options, len(types)).eval()
    torch.manual_seed(options.seed)
    with torch.no_grad():
        for batch in batches([*train, *held_out], 48, None):
            below = model.below(padded([torch.tensor(e.pieces.numbers) for e in batch]), mask_of(batch))
            for e, x in zip(batch, below, strict=True):
                e.below = x[: len(e.pieces.numbers)].to(torch.bfloat16)

    parameters = {n: p for n, p in model.named_parameters() if p.requires_grad}
    low_rank = [p for n, p in parameters.items() if n.endswith((".down", ".up"))]
    heads = [p for n, p in parameters.items() if not n.startswith("layers.")]
    rest = [p for n, p in parameters.items() if n.startswith("layers.") and not n.endswith((".down", ".up"))]
    rates = (options.rate, 2 * options.rate, options.rate / 3)
    groups = [{"params": part, "lr": rate} for part, rate in zip((low_rank, heads, rest), rates, strict=True)]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    average = {n: p.detach().clone() for n, p in parameters.items()}
    step, steps = 0, options.epochs * len(batches(train, options.batch, None))
    for epoch in range(options.epochs):
        model.train()
        total, started = 0.0, time.process_time()
        for batch in batches(train, options.batch, shuffle):
            share = min(1.0, step / WARMUP) * max(0.02, 1 - step / steps)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * share
            loss = loss_of(model, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(list(parameters.values()), 5.0)
            optimizer.step()
            step += 1
            with torch.no_grad():
                for name, p in parameters.items():
                    average[name].lerp_(p, 1 - min(AVERAGED, step / (step + 10)))
            total += loss.item()
            if step % 100 == 0:
                print(
                    f"step {step} of {steps}: loss {total / (step - epoch * (steps // options.epochs)):.2f}", flush=True
                )
        print(
            f"epoch {epoch + 1}: loss {total * options.epochs / steps:.3f}, {time.process_time() - started:.0f} s",
            flush=True,
        )
    with torch.no_grad():
        for name, p in parameters.items():
            p.copy_(average[name])
    if held_out:
        print(f"held out, P/R/F1 of types of sentences: {figures(model, held_out)}")
    about = {"types": " ".join(types), "roles": " ".join(ROLES), "layers": str(options.layers)}
    out.parent.mkdir(parents=True, exist_ok=True)
    write(learned(model), {**about, "trained": json.dumps(given)}, out)
    print(f"wrote {out}, {out.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
