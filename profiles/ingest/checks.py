"""Checks of single values that come in: what can be kept goes through, the rest is refused.

Pure: touches no database. Refusing raises Invalid with a JSON pointer to the place.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from profiles.columns.instants import parse_iso
from segmenter.kernel.errors import Invalid, Problem

MOST_TEXT = 100_000
MOST_PROPERTIES_BYTES = 100_000
MOST_DEPTH = 32
MOST_KEY = 255
_MOST_INTEGER = 2**63

_SURROGATE = re.compile("[\ud800-\udfff]")


def refuse(pointer: str, code: str, message: str) -> NoReturn:
    raise Invalid(Problem(pointer, code, message))


def read_value(value: Any, pointer: str) -> float | None:
    """An event's value: a finite number or nothing."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        refuse(pointer, "invalid", "The value must be a number.")
    if not abs(value) <= 1e15:  # neither NaN nor an infinity
        refuse(pointer, "out_of_range", "The value must be a finite number below 1e15.")
    return float(value)


def read_time(value: Any, pointer: str, zone: Any = UTC) -> datetime:
    """A time as ISO 8601 text, Unix seconds, or an aware datetime. Raises Invalid."""
    if isinstance(value, datetime):
        return value
    if value is None or value == "":
        refuse(pointer, "required", "The time is missing.")
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC)
        except (ValueError, OverflowError, OSError):
            refuse(pointer, "invalid", f"{value!r} is not a time.")
    moment = parse_iso(value.strip()) if isinstance(value, str) else None
    if moment is None:
        refuse(pointer, "invalid", f"{short(value)} is not a time as 2026-03-01T14:00:00Z.")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        refuse(pointer, "out_of_range", f"{short(value)} is before the year 1 or after 9999.")


def maybe_time(value: Any, pointer: str) -> datetime | None:
    return None if value is None else read_time(value, pointer)


def check_text(value: Any, pointer: str, most: int = MOST_TEXT) -> str:
    """A text that the database can keep, up to a length. Raises Invalid."""
    if type(value) is not str:
        refuse(pointer, "invalid", "A text is needed here.")
    if len(value) > most:
        refuse(pointer, "too_long", f"The text has {len(value)} characters; at most {most} fit.")
    if "\0" in value or (not value.isascii() and _SURROGATE.search(value)):
        refuse(pointer, "invalid", "The text has a character that cannot be kept.")
    return value


def maybe_text(value: Any, pointer: str) -> str | None:
    return None if value is None else check_text(value, pointer, 1_000)


def read_properties(properties: Any, pointer: str) -> dict[str, Any]:
    """Custom properties of a person or an event: any JSON, within limits. Raises Invalid."""
    if properties is None:
        return {}
    if type(properties) is not dict and not isinstance(properties, Mapping):
        refuse(pointer, "invalid", "Properties are an object.")
    size = 0
    for name, value in properties.items():
        if type(name) is not str or not 0 < len(name) <= MOST_KEY:
            refuse(pointer, "invalid", f"A property's name has 1 to {MOST_KEY} characters.")
        if not name.isascii() or "\0" in name:
            check_text(name, below(pointer, name))
        if type(value) is str and value.isascii() and len(value) <= MOST_TEXT:
            if "\0" in value:
                at = below(pointer, name)
                refuse(at, "invalid", "The text has a character that cannot be kept.")
            size += len(name) + len(value) + 2
        elif type(value) is int and -_MOST_INTEGER <= value < _MOST_INTEGER:
            size += len(name) + 8
        else:
            size += len(name) + check_json(value, below(pointer, name), 1)
        if size > MOST_PROPERTIES_BYTES:
            message = f"The properties are larger than {MOST_PROPERTIES_BYTES} characters."
            refuse(below(pointer, name), "too_large", message)
    return dict(properties)


def below(pointer: str, name: str) -> str:
    told = name.replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{told}".encode("utf-8", "backslashreplace").decode()  # half a character


def check_json(value: Any, pointer: str, depth: int) -> int:
    """Check that a JSON value can be kept, and say about how large it is."""
    if isinstance(value, str):
        check_text(value, pointer)
        return len(value) + 2
    if value is None or isinstance(value, bool):
        return 4
    if isinstance(value, int):
        if not -_MOST_INTEGER <= value < _MOST_INTEGER:
            refuse(pointer, "out_of_range", "The number does not fit into 64 bits.")
        return 8
    if isinstance(value, float):
        if not math.isfinite(value):
            refuse(pointer, "invalid", "The number must be finite.")
        return 8
    if depth >= MOST_DEPTH:
        refuse(pointer, "too_deep", f"JSON is nested at most {MOST_DEPTH} deep.")
    if isinstance(value, list | tuple):
        return 2 + sum(check_json(v, f"{pointer}/{i}", depth + 1) for i, v in enumerate(value))
    if isinstance(value, Mapping):
        return 2 + sum(
            len(check_text(k, pointer)) + check_json(v, f"{pointer}/{k}", depth + 1)
            for k, v in value.items()
        )
    refuse(pointer, "invalid", f"{type(value).__name__} is not JSON.")


def maybe_truth(value: Any, pointer: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        refuse(pointer, "invalid", "true or false is needed here.")
    return value


def json_type(value: Any) -> str:
    """The word for a JSON value's type, as kept with the properties that occur."""
    if isinstance(value, str):
        return "date" if value[4:5] == "-" and parse_iso(value) is not None else "text"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list | tuple) else "object"


def dump(value: Any) -> str:
    """JSON text of what has been checked."""
    return _encode(value)


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
