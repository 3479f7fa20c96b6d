"""Checks of single values that come in: what can be kept goes through, the rest is refused.

Pure: touches no database. Refusing raises Invalid with a JSON pointer to the place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from profiles.columns.instants import parse_iso
from segmenter.kernel.errors import Invalid, Problem
from segmenter.kernel.json_limits import (
    LEAST_INTEGER,
    MOST_INTEGER,
    MOST_LEVELS,
    UNSTORABLE,
    check,
)
from segmenter.kernel.json_pointer import child
from segmenter.kernel.storable_text import is_storable

MOST_TEXT = 100_000
MOST_PROPERTIES_BYTES = 100_000
MOST_NAME = 255
"""Characters of a property's name and of an identifier."""


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
    if not is_storable(value):
        refuse(pointer, "invalid", UNSTORABLE)
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
        if type(name) is not str or not 0 < len(name) <= MOST_NAME:
            refuse(pointer, "invalid", f"A property's name has 1 to {MOST_NAME} characters.")
        if not ((name.isascii() and "\0" not in name) or is_storable(name)):
            refuse(child(pointer, name), "invalid", UNSTORABLE)
        size += len(name)
        if type(value) is str and len(value) <= MOST_TEXT and is_storable(value):
            size += len(value) + 2
        elif type(value) is int and LEAST_INTEGER <= value <= MOST_INTEGER:
            size += 8
        else:
            at = child(pointer, name)
            size += check(value, at, levels=MOST_LEVELS - 1, most_text=MOST_TEXT)
        if size > MOST_PROPERTIES_BYTES:
            message = f"The properties are larger than {MOST_PROPERTIES_BYTES} characters."
            refuse(child(pointer, name), "too_large", message)
    return dict(properties)


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
