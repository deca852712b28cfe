"""The frames' own examples: sentences that must yield a type and sentences that must not, kept beside the frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from ingest.code.article import Article
from ingest.code.coder import Coder
from schemas.world import EVENT_TYPES

PUBLISHED = "2025-05-21T10:00:00+00:00"
"""The day on which every example is read, so that "on Saturday" means a day and offices have their holders."""


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, the type it is about, whether it tells such an event, and the codes of those that must take part.

    `gap` says why a sentence that should be coded right is not yet.
    """

    type: str
    text: str
    tells: bool
    who: frozenset[str]
    gap: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a coder made of an example: `fault` says what is wrong, and is None where nothing is."""

    example: Example
    fault: str | None

    @property
    def failed(self) -> bool:
        """Whether it is wrong and nobody said that it would be."""
        return self.fault is not None and self.example.gap is None


def examples(own: Path | None = None) -> Iterator[Example]:
    """All examples of `frames/examples/*.yaml`, and those of `examples/` in the user's folder of frames `own`.

    Raises `ValueError` naming a file that is no list of examples, or speaks of an unknown type.
    """
    folders: list[Traversable] = [resources.files("ingest.code") / "frames" / "examples"]
    if own is not None and (own / "examples").is_dir():
        folders.append(own / "examples")
    for folder in folders:
        for file in sorted(folder.iterdir(), key=lambda f: f.name):
            if file.name.endswith(".yaml"):
                yield from _read(file.name, file.read_text("utf-8"))


def tried(coder: Coder, listed: Iterable[Example]) -> Iterator[Outcome]:
    """Each example coded by itself, as an article of one sentence published on `PUBLISHED`."""
    for example in listed:
        events = coder.code(Article("example", "", example.text, PUBLISHED)).events
        told = [event for event in events if event.type == example.type]
        fault = None
        if bool(told) != example.tells:
            fault = "coded though it should not be" if told else "not coded as this type"
        elif missing := example.who - {p.code for event in told for p in event.participants if p.code}:
            fault = f"coded without {', '.join(sorted(missing))}"
        yield Outcome(example, fault)


def _read(name: str, text: str) -> Iterator[Example]:
    try:
        listed: Any = yaml.safe_load(text) or {}
        for type_, entry in listed.items():
            if type_ not in EVENT_TYPES:
                raise ValueError(f"{name}: the catalogue has no type {type_!r}")
            for told in entry.get("positive", ()):
                yield Example(type_, told["text"], True, frozenset(told.get("who", ())), told.get("gap"))
            for untold in entry.get("negative", ()):
                said = untold if isinstance(untold, dict) else {"text": untold}
                yield Example(type_, said["text"], False, frozenset(), said.get("gap"))
    except yaml.YAMLError as fault:
        raise ValueError(f"{name} is not YAML: {fault}") from fault
    except (AttributeError, KeyError, TypeError) as fault:
        raise ValueError(f"{name} is no list of examples, as docs/coder.md shows one") from fault
