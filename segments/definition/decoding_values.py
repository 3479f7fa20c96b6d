"""Reading one value of a declared type from JSON: a text, a number, a date, a list of these.

Part of the codec. Used by `decoding`, which reads structures of fields; knows no structure.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any as Json
from typing import NoReturn, cast

from django.utils.translation import gettext

from profiles.columns.instants import parse_iso
from segmenter.kernel.errors import Problem
from segmenter.kernel.storable_text import is_storable
from segments.definition import words
from segments.definition.fields import (
    COMPLETION_WINDOWS,
    Choice,
    CompletionWindow,
    DateText,
    FieldType,
    Flag,
    GroupKeys,
    MetricKey,
    Number,
    Pattern,
    PropertyName,
    Raw,
    Scalar,
    Scalars,
    Text,
    Texts,
)
from segments.definition.paths import parse_path
from segments.definition.patterns import pattern_problem


class Frozen:
    """Any JSON as a hashable value."""

    def __init__(self, value: Json) -> None:
        self.text = json.dumps(value, sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Frozen) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class RefusedValue(Exception):
    """A value could not be read. Its problem is already in the list."""


class Problems(list[Problem]):
    """The problems of a document, as far as it has been read."""

    def note(self, pointer: str, code: str, message: str) -> None:
        self.append(Problem(pointer, code, message))

    def refuse(self, pointer: str, code: str, message: str) -> NoReturn:
        """Add the problem that makes a value unreadable. Raises RefusedValue."""
        self.note(pointer, code, message)
        raise RefusedValue


def read_value(problems: Problems, type_: FieldType, value: Json, pointer: str) -> Json:
    """Read a value of a declared type without structures. Raises RefusedValue."""
    return _READERS[type(type_)](problems, type_, value, pointer)


def read_pattern(
    problems: Problems, type_: Pattern, value: Json, pointer: str, operator: object
) -> str:
    """Read a text that some operators use as a regular expression. Raises RefusedValue."""
    text = _checked_text(problems, value, pointer, type_.most)
    if operator in type_.when:
        message = pattern_problem(text)
        if message is not None:
            problems.refuse(pointer, "invalid_pattern", message)
    return text


def read_items(
    problems: Problems,
    read: Callable[[Json, str], Json],
    value: Json,
    pointer: str,
    *,
    least: int = 1,
    most: int,
) -> tuple[Json, ...]:
    """Read every item of a list and collect all problems. Raises RefusedValue if there are any."""
    if not isinstance(value, list):
        problems.refuse(pointer, "invalid", "A list is needed here.")
    if not least <= len(value) <= most:
        template = gettext("The list must have %(least)s to %(most)s items.")
        problems.refuse(pointer, "invalid", template % {"least": least, "most": most})
    items: list[Json] = []
    failed = False
    for i, item in enumerate(value):
        try:
            items.append(read(item, f"{pointer}/{i}"))
        except RefusedValue:
            failed = True
    if failed:
        raise RefusedValue
    return tuple(items)


def _text(problems: Problems, type_: Text, value: Json, pointer: str) -> str:
    return _checked_text(problems, value, pointer, type_.most, type_.least)


def _checked_text(problems: Problems, value: Json, pointer: str, most: int, least: int = 0) -> str:
    if not isinstance(value, str):
        problems.refuse(pointer, "invalid", "A text is needed here.")
    if not is_storable(value):
        message = gettext("The text has a character that cannot be kept.")
        problems.refuse(pointer, "invalid", message)
    if not least <= len(value) <= most:
        template = gettext("The text must have %(least)s to %(most)s characters.")
        problems.refuse(pointer, "invalid", template % {"least": least, "most": most})
    return value


def _date(problems: Problems, type_: DateText, value: Json, pointer: str) -> str:
    if not isinstance(value, str) or parse_iso(value) is None:
        message = gettext("A date as 2026-03-01 or 2026-03-01T14:00:00Z is needed.")
        problems.refuse(pointer, "invalid", message)
    return value


def _number(problems: Problems, type_: Number, value: Json, pointer: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.refuse(pointer, "invalid", gettext("A number is needed here."))
    if isinstance(value, float) and not math.isfinite(value):
        problems.refuse(pointer, "invalid", gettext("The number must be finite."))
    if type_.whole and value != int(value):
        problems.refuse(pointer, "invalid", gettext("A whole number is needed here."))
    if not type_.least <= value <= type_.most:
        least, most = words.number(type_.least), words.number(type_.most)
        template = gettext("The number must lie between %(least)s and %(most)s.")
        problems.refuse(pointer, "out_of_range", template % {"least": least, "most": most})
    return int(value) if type_.whole else value


def _flag(problems: Problems, type_: Flag, value: Json, pointer: str) -> bool:
    if not isinstance(value, bool):
        problems.refuse(pointer, "invalid", "true or false is needed here.")
    if type_.only is not None and value is not type_.only:
        literal = str(type_.only).lower()
        problems.refuse(pointer, "invalid", f"This can only be {literal}, or left away.")
    return value


def _choice(problems: Problems, type_: Choice, value: Json, pointer: str) -> str:
    value = dict(type_.spellings).get(value, value) if isinstance(value, str) else value
    allowed = [name for name, _ in type_.options]
    if value not in allowed:
        problems.refuse(pointer, "invalid", f"This must be one of: {', '.join(allowed)}.")
    return cast(str, value)


def _texts(problems: Problems, type_: Texts, value: Json, pointer: str) -> tuple[Json, ...]:
    def read(item: Json, at: str) -> str:
        return _checked_text(problems, item, at, 1_000)

    return read_items(problems, read, value, pointer, most=type_.most)


def _scalars(problems: Problems, type_: Scalars, value: Json, pointer: str) -> tuple[Json, ...]:
    def read(item: Json, at: str) -> Json:
        return _scalar(problems, Scalar(), item, at)

    return read_items(problems, read, value, pointer, most=type_.most)


def _scalar(problems: Problems, type_: Scalar, value: Json, pointer: str) -> Json:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(problems, Number(), value, pointer)
    return _checked_text(problems, value, pointer, 1_000)


def _metric(problems: Problems, type_: MetricKey, value: Json, pointer: str) -> str:
    return _checked_text(problems, value, pointer, 100, 1)


def _groups(problems: Problems, type_: GroupKeys, value: Json, pointer: str) -> tuple[Json, ...]:
    def read(item: Json, at: str) -> str:
        return _checked_text(problems, item, at, 100, 1)

    return read_items(problems, read, value, pointer, most=type_.most)


def _property(problems: Problems, type_: PropertyName, value: Json, pointer: str) -> str:
    text = _checked_text(problems, value, pointer, 500, 1)
    if type_.of == "profile" and parse_path(text) is None:
        template = gettext(
            "No profile has “%(name)s”; a property of your own is written properties['its name']."
        )
        problems.refuse(pointer, "unknown_property", template % {"name": text})
    return text


def _window(problems: Problems, type_: CompletionWindow, value: Json, pointer: str) -> str | int:
    if isinstance(value, str):
        if value not in COMPLETION_WINDOWS:
            names = ", ".join(sorted(COMPLETION_WINDOWS))
            message = f"This must be a number of seconds or one of: {names}."
            problems.refuse(pointer, "invalid", message)
        return value
    seconds = Number(least=1, most=3_200_000_000, whole=True)
    return int(_number(problems, seconds, value, pointer))


def _raw(problems: Problems, type_: Raw, value: Json, pointer: str) -> Frozen:
    return Frozen(value)


_READERS: dict[type[FieldType], Callable[..., Json]] = {
    Text: _text,
    DateText: _date,
    Number: _number,
    Flag: _flag,
    Choice: _choice,
    Texts: _texts,
    Scalars: _scalars,
    Scalar: _scalar,
    MetricKey: _metric,
    GroupKeys: _groups,
    PropertyName: _property,
    CompletionWindow: _window,
    Raw: _raw,
}
