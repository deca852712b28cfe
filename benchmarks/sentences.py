"""Sentence sets of other systems, scored by class: `python -m benchmarks.sentences FOLDER [--json FILE]`.

FOLDER holds sets as JSON lines (`id`, `text`, `coarse` or `gold` classes): PLOVER's gold standard, the examples of the
CAMEO manual, PETRARCH's tests, WikiEvents. `crosswalk.csv` says to which of their classes each of our types belongs; of
several, the one that the sentence is marked with counts, else the first. Classes that the event catalogue does not
cover are left out on both sides. A sentence counts as found in a class where any event of the class is coded in it.

A class is wider than the types in it: `outside.csv` lists CAMEO codes, and sentences without one, of which the
catalogue has no type (resignations, curfews, asylum ...). "Within the catalogue" leaves these sentences out, whatever
was coded. PLOVER's sentences have the codes of the CAMEO manual where their words are the manual's.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest.code.article import Article
from ingest.code.coder import Coder, load_coder
from schemas.ids import normal_words

CROSSWALK = Path(__file__).with_name("crosswalk.csv")
OUTSIDE = Path(__file__).with_name("outside.csv")
SETS = ("plover_gsr", "cameo_manual", "petrarch", "wikievents")
WIKIEVENTS = {
    "Conflict.Attack": "Attack",
    "Contact.Contact.Meet": "Contact",
    "Contact.RequestCommand": "Request",
    "Contact.ThreatenCoerce": "Threaten",
    "Justice.ArrestJailDetain": "Arrest",
    "Justice.ReleaseParole": "Release",
}
"""Classes of WikiEvents that the catalogue covers at least in part, by how their names begin."""
WIDER = {"wikievents": frozenset({"Movement", "Impede", "Threaten", "Request", "Contact", "Release"})}
"""Classes that are far wider than ours in a set (any movement, any talk): left out of its figures."""


@dataclass(slots=True)
class Score:
    """Counts of sentences by class: found rightly, found wrongly, missed; and of those that hold no event."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    empty: int = 0
    empty_coded: int = 0

    def figures(self, classes: Iterable[str] | None = None) -> tuple[float, float]:
        """Precision and recall over `classes`, all where none are named."""
        chosen = list(classes) if classes is not None else [*(self.right + self.wrong + self.missed)]
        right = sum(self.right[c] for c in chosen)
        found = right + sum(self.wrong[c] for c in chosen)
        marked = right + sum(self.missed[c] for c in chosen)
        return right / max(1, found), right / max(1, marked)

    @property
    def classes(self) -> list[str]:
        return sorted(self.right + self.wrong + self.missed)

    def to_json(self) -> dict[str, Any]:
        precision, recall = self.figures()
        by_class = {c: {"right": self.right[c], "wrong": self.wrong[c], "missed": self.missed[c]} for c in self.classes}
        return {
            "sentences": self.sentences,
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "empty": self.empty,
            "empty_coded": self.empty_coded,
            "classes": by_class,
        }


def crosswalk(name: str) -> dict[str, list[str]]:
    """The classes of a set that each type may stand for, the usual one first."""
    column = "wikievents" if name == "wikievents" else "coarse"
    with CROSSWALK.open(encoding="utf-8", newline="") as file:
        return {row["type"]: list(filter(None, row[column].split("|"))) for row in csv.DictReader(file)}


def records(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def marked(record: dict[str, Any], name: str) -> set[str]:
    """The classes that a sentence is marked with, in the crosswalk's words."""
    if name != "wikievents":
        return set(record["coarse"])
    return {ours for code in record["gold"] for begins, ours in WIKIEVENTS.items() if code.startswith(begins)}


def found(types: Iterable[str], gold: set[str], walk: dict[str, list[str]]) -> set[str]:
    """The classes that coded types stand for in a sentence marked with `gold`."""
    chosen = set()
    for type_ in types:
        if classes := walk[type_]:
            chosen.add(next((c for c in classes if c in gold), classes[0]))
    return chosen


def outside(record: dict[str, Any], by_words: dict[str, list[str]], listed: Set[str]) -> bool:
    """Whether the catalogue has no type for what the sentence is marked with. `by_words`: codes of the manual's."""
    codes = record["gold"] if record["gold"] and record["gold"][0].isdigit() else by_words.get(_words(record), [])
    if record["id"] in listed:
        return True
    return bool(codes) and all(any(code.startswith(prefix) for prefix in listed) for code in codes)


def codes_by_words(folder: Path) -> dict[str, list[str]]:
    """The codes of the CAMEO manual's sentences by their words."""
    manual = folder / "cameo_manual.jsonl"
    return {_words(record): record["gold"] for record in records(manual)} if manual.is_file() else {}


def _words(record: dict[str, Any]) -> str:
    return normal_words(record["text"])


def score(coder: Coder, file: Path, *, within: bool = False) -> Score:
    """One set, scored; `within`: without the sentences that lie outside the catalogue."""
    name, total = file.stem, Score()
    walk = crosswalk(name)
    with OUTSIDE.open(encoding="utf-8", newline="") as lines:
        listed = {row["what"] for row in csv.DictReader(lines)}
    by_words = codes_by_words(file.parent)
    covered = {c for classes in walk.values() for c in classes} - WIDER.get(name, frozenset())
    for record in records(file):
        if within and outside(record, by_words, listed):
            continue
        events = coder.code(Article(record["id"], "", record["text"], published(record))).events
        gold = marked(record, name)
        predicted = found((event.type for event in events), gold, walk) & covered
        total.sentences += 1
        if not record["gold"]:
            total.empty += 1
            total.empty_coded += bool(events)
        gold &= covered
        total.right.update(gold & predicted)
        total.wrong.update(predicted - gold)
        total.missed.update(gold - predicted)
    return total


def published(record: dict[str, Any]) -> str | None:
    """The day that a set gives for a sentence, ISO 8601."""
    day = record.get("date")
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}" if day and len(day) == len("20080804") else None


def table(scores: dict[str, Score]) -> str:
    lines = ["| set | class | marked | right | wrong | precision | recall |", "|---|---|---|---|---|---|---|"]
    for name, total in scores.items():
        for c in [None, *total.classes]:
            classes = total.classes if c is None else [c]
            precision, recall = total.figures(classes)
            right, wrong, missed = (
                sum(counts[x] for x in classes) for counts in (total.right, total.wrong, total.missed)
            )
            lines.append(
                f"| {name if c is None else ''} | {c or 'all'} | {right + missed} | {right} | {wrong}"
                f" | {precision:.2f} | {recall:.2f} |"
            )
        lines.append(f"| | without events, coded | {total.empty} | | {total.empty_coded} | | |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="folder of the sets")
    parser.add_argument("--json", type=Path, help="write the counts into this file")
    options = parser.parse_args(arguments)
    files = [options.folder / f"{name}.jsonl" for name in SETS]
    coder = load_coder("frames")
    scores = {}
    for file in filter(Path.is_file, files):
        scores[file.stem] = score(coder, file)
        if file.stem != "wikievents":
            scores[f"{file.stem}, within the catalogue"] = score(coder, file, within=True)
    print(table(scores))
    if options.json:
        options.json.write_text(json.dumps({name: total.to_json() for name, total in scores.items()}, indent=1) + "\n")
    return 0 if scores else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
