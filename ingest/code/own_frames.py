"""Frames of one's own over the built-in ones: files of the same shape in a folder of the user's.

Words of `words.yaml` and `gate.yaml` add to the class of that name; topics and stances of a known name gain nouns,
verbs and clauses; a frame with the id of a built-in one in the file of that name takes its place, any other is added.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

CLASSES = frozenset({"words.yaml", "gate.yaml"})
BY_NAME = frozenset({"topics.yaml", "stances.yaml"})


def frame_files(folder: Path) -> dict[str, str]:
    """Contents of the YAML files of `folder` by name. Raises `ValueError` naming what cannot be read."""
    try:
        found = sorted(file for file in folder.iterdir() if file.name.endswith(".yaml"))
        return {file.name: file.read_text("utf-8") for file in found}
    except OSError as error:
        raise ValueError(f"cannot read frames in {folder} ({error.strerror}): name a folder of .yaml files") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"a frame file in {folder} is not UTF-8 (byte {error.start})") from None


def put_over(built_in: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Parsed files by name, `own` over `built_in`. Raises `ValueError` for a file of another shape."""
    merged = dict(built_in)
    for name, entries in own.items():
        shape: type[Any] = dict if name in CLASSES | BY_NAME else list
        if not isinstance(entries, shape):
            raise ValueError(f"{name} must hold a {'mapping' if shape is dict else 'list of frames'}")  # noqa: TRY004
        known = merged.get(name) or shape()
        if name in CLASSES:
            merged[name] = {**known, **{key: [*known.get(key, ()), *words] for key, words in entries.items()}}
        elif name in BY_NAME:
            merged[name] = {**known, **{key: _extended(known.get(key, {}), entry) for key, entry in entries.items()}}
        else:
            merged[name] = _replaced(known, entries)
    return merged


def _extended(known: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Lists grow, anything else is said anew."""
    grown = {key: [*known.get(key, ()), *value] if isinstance(value, list) else value for key, value in more.items()}
    return {**known, **grown}


def _replaced(known: list[Any], own: list[Any]) -> list[Any]:
    ids = {entry.get("id"): entry for entry in own if isinstance(entry, dict)}
    kept = [ids.get(entry.get("id"), entry) for entry in known]
    built_in = {entry.get("id") for entry in known}
    return [*kept, *(entry for entry in own if not isinstance(entry, dict) or entry.get("id") not in built_in)]
