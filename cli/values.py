"""Values of a result as text and as JSON, the same in every format."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple, cast


def plain(value: object) -> str:
    """A value as text: nothing for NULL, ISO 8601 for dates and times (UTC with a Z), JSON for lists and structs."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return json.dumps(json_value(value), ensure_ascii=False)
    return str(json_value(value)) if not isinstance(value, float | Decimal) else str(value)


def json_value(value: object) -> Any:
    """A value as JSON can hold it: numbers stay numbers, NaN and infinities are null, bytes are hexadecimal."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return _instant(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if _is_map(value):
        return {plain(key): json_value(item) for key, item in cast("list[tuple[object, object]]", value)}
    if isinstance(value, list):
        return [json_value(item) for item in value]
    if isinstance(value, tuple) and hasattr(value, "nanoseconds"):
        return _duration(cast("_Interval", value))
    return str(value)


def json_document(text: object) -> Any:
    """What a column of DuckDB's type JSON holds, as a value; text that is no JSON stays text."""
    try:
        return json.loads(str(text)) if text is not None else None
    except ValueError:
        return text


class _Interval(NamedTuple):
    """The shape of Arrow's calendar interval."""

    months: int
    days: int
    nanoseconds: int


def _is_map(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(item) is tuple and len(item) == 2 for item in value)


def _instant(value: datetime) -> str:
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _duration(value: _Interval) -> str:
    """ISO 8601: `P1M2DT3.5S`."""
    seconds = f"{Decimal(value.nanoseconds) / 10**9:f}" if value.nanoseconds else ""
    parts = [f"{value.months}M" if value.months else "", f"{value.days}D" if value.days else ""]
    return "P" + "".join(parts) + (f"T{seconds}S" if seconds else "") if any(parts) or seconds else "PT0S"
