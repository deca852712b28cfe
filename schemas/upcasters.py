"""Old events in the terms of today: pure functions from one version of a type's payload to the next.

Events are never rewritten. Whoever reads a payload brings it up with `upcast`; a type whose class has version n has an
upcaster from each version below it. A field that is added with a default needs no new version; one that goes, changes
its meaning, or becomes required does.
"""

from collections.abc import Callable, Mapping
from typing import Any

from schemas.facts import FACT_TYPES, Fact
from schemas.world import EVENT_TYPES, WorldEvent

Payload = dict[str, Any]
UPCASTERS: dict[tuple[str, int], Callable[[Payload], Payload]] = {}
"""(type, version) to the function that gives the next version's payload. All types are at version 1 so far."""


class SchemaError(ValueError):
    """The payload is of a type or version that this program does not know."""


def model_of(type_: str) -> type[Fact] | type[WorldEvent]:
    """The class of a type. Raises SchemaError."""
    model = FACT_TYPES.get(type_) or EVENT_TYPES.get(type_)
    if model is None:
        raise SchemaError(f"no event type is called {type_}: the log was written by a newer Courant, upgrade this one")
    return model


def upcast(
    type_: str,
    version: int,
    payload: Payload,
    *,
    current: int | None = None,
    upcasters: Mapping[tuple[str, int], Callable[[Payload], Payload]] = UPCASTERS,
) -> Payload:
    """`payload` of `version` as one of the current version. Raises SchemaError for a newer one than this program's."""
    target = model_of(type_).version if current is None else current
    if version > target:
        raise SchemaError(f"{type_} version {version} is newer than {target}, which this Courant knows: upgrade it")
    for step in range(version, target):
        payload = upcasters[type_, step](payload)
    return payload
