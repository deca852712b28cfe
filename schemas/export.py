"""The published JSON Schemas: one file an event type and version, held to the code by a test."""

import json
from pathlib import Path
from typing import Any

from schemas.facts import FACT_TYPES, Fact
from schemas.world import EVENT_TYPES, WorldEvent

FOLDER = Path(__file__).parent / "json"
_WORLD_STORED = "As stored: words that have a span beside them are left out, and cut from the texts by the views."

STORED_BESIDE: dict[str, dict[str, Any]] = {
    "claim_id": {"type": "string", "format": "uuid", "description": "The same across coder versions."},
    "coding_id": {"type": "string", "format": "uuid", "description": "The coding_completed that it belongs to."},
    "occurred_from": {"type": "string", "format": "date", "description": "First day of occurred_on."},
    "occurred_to": {"type": "string", "format": "date", "description": "Last day of occurred_on."},
    "date_precision": {"enum": ["day", "week", "month", "year", "interval"]},
}
"""What the envelope adds to a world event's payload."""


def schemas() -> dict[str, dict[str, Any]]:
    """File name to JSON Schema (draft 2020-12), for every type."""
    types: list[type[Fact] | type[WorldEvent]] = [*FACT_TYPES.values(), *EVENT_TYPES.values()]
    return {f"{cls.model_fields['type'].default}.v{cls.version}.json": _schema(cls) for cls in types}


def export(folder: Path = FOLDER) -> list[Path]:
    """Write all schemas into `folder`; the files that changed come back."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, schema in schemas().items():
        file, text = folder / name, text_of(schema)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")
            changed.append(file)
    return changed


def text_of(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _schema(cls: type[Fact] | type[WorldEvent]) -> dict[str, Any]:
    schema = cls.model_json_schema()
    del schema["properties"]["type"]  # the log's own column
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    if issubclass(cls, WorldEvent):
        spec = cls.spec
        schema["$comment"] = _WORLD_STORED
        schema["properties"].update(STORED_BESIDE)
        schema["required"] = [*schema["required"], "claim_id", "coding_id"]
        schema["x-family"], schema["x-core"] = spec.family, spec.core
        schema["x-plover"], schema["x-cameo"] = spec.plover, list(spec.cameo)
        schema["x-quad-class"], schema["x-intensity"] = spec.quad_class, spec.intensity
    return schema
