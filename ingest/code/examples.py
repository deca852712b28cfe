"""The frames' own examples: sentences that must yield a type and sentences that must not, kept beside the frames."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

import yaml

from schemas.world import EVENT_TYPES


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence, the type it is about, whether it tells such an event, and the codes of those that must take part."""

    type: str
    text: str
    tells: bool
    who: frozenset[str]


def examples() -> Iterator[Example]:
    """All examples of `frames/examples/*.yaml`. Raises `ValueError` naming a file that speaks of an unknown type."""
    folder = resources.files("ingest.code") / "frames" / "examples"
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if not file.name.endswith(".yaml"):
            continue
        listed: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
        for type_, entry in listed.items():
            if type_ not in EVENT_TYPES:
                raise ValueError(f"{file.name}: the catalogue has no type {type_!r}")
            for positive in entry["positive"]:
                yield Example(type_, positive["text"], True, frozenset(positive.get("who", ())))
            for negative in entry["negative"]:
                yield Example(type_, negative, False, frozenset())
