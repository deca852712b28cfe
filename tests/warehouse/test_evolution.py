"""Guarantee 7: old events stay readable, and no published schema changes incompatibly without a new version."""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.export import schemas
from schemas.facts import FACT_TYPES
from schemas.upcasters import UPCASTERS, SchemaError, model_of, upcast
from schemas.world import EVENT_TYPES

GOLDEN = Path(__file__).parent / "golden"
TYPES = [*FACT_TYPES, *EVENT_TYPES]


def incompatible(old: dict[str, Any], new: dict[str, Any], where: str = "") -> list[str]:
    """What old events or their readers could trip over: fields that go, change, or become required."""
    found = []
    before, after = old.get("properties", {}), new.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            found.append(f"{where}{name} is gone")
        elif _type(schema) != _type(after[name]):
            found.append(f"{where}{name} has another type")
    found += [f"{where}{name} became required" for name in set(new.get("required", ())) - set(old.get("required", ()))]
    for name, schema in old.get("$defs", {}).items():
        if name not in new.get("$defs", {}):
            found.append(f"{where}{name} is gone")
        else:
            found += incompatible(schema, new["$defs"][name], f"{where}{name}.")
    return sorted(found)


def _type(schema: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in ("description", "title", "default", "examples")}


def test_g7_published_schemas_have_not_changed_incompatibly() -> None:
    """Where this fails, give the type a new version with an upcaster; the old file stays as it is."""
    current = schemas()
    kept = {file.name: json.loads(file.read_text()) for file in sorted((GOLDEN / "schemas").glob("*.json"))}
    assert kept
    changed = {name: incompatible(old, current[name]) for name, old in kept.items() if name in current}
    assert {name: what for name, what in changed.items() if what} == {}
    assert set(current) <= set(kept), "a new type or version: keep its schema under golden/schemas"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s["properties"].pop("reason"), "reason is gone"),
        (lambda s: s["properties"]["attempt"].update(type="string"), "attempt has another type"),
        (lambda s: s["required"].append("http_status"), "http_status became required"),
    ],
)
def test_g7_an_incompatible_change_is_noticed(change: Any, said: str) -> None:
    old = schemas()["capture_failed.v1.json"]
    new = json.loads(json.dumps(old))
    change(new)
    assert incompatible(old, new) == [said]


def test_g7_a_new_optional_field_is_compatible() -> None:
    old = schemas()["capture_failed.v1.json"]
    new = json.loads(json.dumps(old))
    new["properties"]["what_comes"] = {"type": "string", "default": ""}
    assert incompatible(old, new) == []


@pytest.mark.parametrize("type_", TYPES)
def test_g7_golden_old_events_are_read_by_todays_classes(type_: str) -> None:
    files = sorted((GOLDEN / "events").glob(f"{type_}.v*.json"))
    assert [int(f.stem.split(".v")[1]) for f in files] == list(range(1, model_of(type_).version + 1))
    for file in files:
        payload = upcast(type_, int(file.stem.split(".v")[1]), json.loads(file.read_text()))
        model_of(type_).model_validate({**payload, "type": type_})


def test_g7_every_older_version_has_an_upcaster() -> None:
    needed = {(type_, version) for type_ in TYPES for version in range(1, model_of(type_).version)}
    assert set(UPCASTERS) == needed


def test_g7_upcasters_run_one_after_the_other() -> None:
    steps = {("call_held", 1): lambda p: {**p, "b": p["a"]}, ("call_held", 2): lambda p: {"b": p["b"] + 1}}
    assert upcast("call_held", 1, {"a": 1}, current=3, upcasters=steps) == {"b": 2}
    assert upcast("call_held", 3, {"b": 5}, current=3, upcasters=steps) == {"b": 5}


def test_g7_a_newer_version_or_type_names_the_way_out() -> None:
    with pytest.raises(SchemaError, match="upgrade it"):
        upcast("call_held", 99, {})
    with pytest.raises(SchemaError, match="newer Courant"):
        upcast("call_of_the_future", 1, {})
