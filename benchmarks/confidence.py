"""Whether confidence is the share that proves right: `python -m benchmarks.confidence GOLD SCORER`.

GOLD holds articles with every event marked, SCORER is the program that scores them: its matching decides what is right.
The articles are split by the SHA-256 of their id: frames were made on those where it is even, so that nearly all is
right there; what counts are the others. Printed for these are the reliability table, the expected calibration error and
the Brier score; and the same figures had the confidence been corrected by a table, fitted on the half that was read, or
on other articles of the half that was not (five parts, each by the other four). A table is worth having where it beats
the confidence as it is.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ingest.code.coder import Coder, load_coder
from ingest.code.lines import read_article

EDGES = (0.0, 0.45, 0.55, 0.65, 0.75, 0.85, 1.01)
"""Borders of the bins that scores are put into."""
PRIOR = 4
"""Events, right as often as all are, that each bin is thought to hold beside its own: few events prove little."""

Outcome = tuple[float, bool]
"""An event's confidence, and whether it proved right."""
Table = list[tuple[float, float]]
"""Points (confidence, share right), neither ever falling."""
PARTS = 5


def halves(gold: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The articles that frames were made on, and the others."""
    records = [json.loads(line) for line in gold.read_text("utf-8").splitlines() if line.strip()]
    read = [record for record in records if _hash(record["id"]) % 2 == 0]
    return read, [record for record in records if _hash(record["id"]) % 2 == 1]


def outcomes(records: Sequence[dict[str, Any]], coder: Coder, matching: Any) -> Iterator[Outcome]:
    """Every event coded in the articles, but for those that match an optional one."""
    for gold in records:
        found = coder.code(read_article(json.dumps(gold))).to_json()["events"]
        marked = [matching.places(gold, event["mentions"]) for event in gold["events"]]
        told = [matching.places(gold, [event["evidence"], *event["mentions"]]) for event in found]
        fitting = sorted(
            (
                (len(marked[i] & told[j]), len(matching.who(wanted) & matching.who(event)), -i, -j)
                for i, wanted in enumerate(gold["events"])
                for j, event in enumerate(found)
                if wanted["type"] == event["type"] and marked[i] & told[j]
            ),
            reverse=True,
        )
        taken: dict[int, int] = {}
        for *_, i, j in fitting:
            if -i not in taken.values() and -j not in taken:
                taken[-j] = -i
        for j, event in enumerate(found):
            touched = taken.get(j, next((-i for *_, i, k in fitting if -k == j), None))
            if touched is not None and gold["events"][touched].get("optional"):
                continue
            yield event["confidence"], j in taken


def fit(told: Sequence[Outcome]) -> Table:
    """Shares by bin, drawn towards the share of all and made never to fall (pool adjacent violators, Ayer 1955)."""
    overall = sum(right for _, right in told) / max(1, len(told))
    pools: list[list[float]] = []  # sum of scores, events, events right (both with the prior)
    for low, high in pairwise(EDGES):
        bin_ = [(score, right) for score, right in told if low <= score < high]
        if not bin_:
            continue
        mean = sum(score for score, _ in bin_) / len(bin_)
        pools.append([mean, len(bin_) + PRIOR, sum(right for _, right in bin_) + PRIOR * overall])
        while len(pools) > 1 and pools[-2][2] / pools[-2][1] >= pools[-1][2] / pools[-1][1]:
            last, before = pools.pop(), pools.pop()
            weight = before[1] + last[1]
            pools.append([(before[0] * before[1] + last[0] * last[1]) / weight, weight, before[2] + last[2]])
    return [(round(mean, 3), round(right / events, 3)) for mean, events, right in pools]


def share(table: Table, confidence: float) -> float:
    """The table's share; between its points the line counts, beyond its ends the end."""
    n = bisect_right([x for x, _ in table], confidence)
    if n in (0, len(table)):
        return table[0 if n == 0 else -1][1]
    (a, low), (b, high) = table[n - 1], table[n]
    return low + (high - low) * (confidence - a) / (b - a)


def by_others(parts: Sequence[Sequence[Outcome]]) -> list[Outcome]:
    """Each part's outcomes with the shares of a table that was fitted on the other parts."""
    corrected = []
    for n, part in enumerate(parts):
        table = fit([outcome for m, other in enumerate(parts) if m != n for outcome in other])
        corrected += [(share(table, confidence), right) for confidence, right in part]
    return corrected


def error(told: Sequence[Outcome]) -> float:
    """Expected calibration error: how far shares are from confidences, by bins of a tenth, weighted by events."""
    bins: dict[float, list[Outcome]] = {}
    for confidence, right in told:
        bins.setdefault(round(confidence, 1), []).append((confidence, right))
    gaps = (abs(sum(c for c, _ in b) - sum(r for _, r in b)) for b in bins.values())
    return sum(gaps) / max(1, len(told))


def brier(told: Sequence[Outcome]) -> float:
    """Mean squared distance of confidence from what proved right (Brier 1950): lower is better."""
    return sum((confidence - right) ** 2 for confidence, right in told) / max(1, len(told))


def reliability(told: Sequence[Outcome]) -> str:
    lines = ["| confidence given, rounded | events | share right |", "|---|---|---|"]
    for value in sorted({round(confidence, 1) for confidence, _ in told}):
        bin_ = [right for confidence, right in told if round(confidence, 1) == value]
        lines.append(f"| {value:.1f} | {len(bin_)} | {sum(bin_) / len(bin_):.2f} |")
    return "\n".join(lines)


def _hash(name: str) -> int:
    return int(hashlib.sha256(name.encode()).hexdigest(), 16)


def scorer(file: Path) -> Any:
    """The program that scores the gold articles, as a module."""
    spec = importlib.util.spec_from_file_location("gold_scorer", file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is no Python program")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("scorer", type=Path)
    options = parser.parse_args(arguments)
    coder, matching = load_coder("frames"), scorer(options.scorer)
    read, others = halves(options.gold)
    parts = [[r for r in others if _hash(r["id"]) // 2 % PARTS == n] for n in range(PARTS)]
    told = [list(outcomes(part, coder, matching)) for part in parts]
    given = [outcome for part in told for outcome in part]
    seen = fit(list(outcomes(read, coder, matching)))
    rows = {
        "confidence as it is": given,
        "by a table of the half that was read": [(share(seen, confidence), right) for confidence, right in given],
        "by tables of other articles": by_others(told),
    }
    print(reliability(given), "", "| | calibration error | Brier score |", "|---|---|---|", sep="\n")
    for name, row in rows.items():
        print(f"| {name} | {error(row):.3f} | {brier(row):.3f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
