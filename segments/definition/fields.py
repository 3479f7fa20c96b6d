"""Declared fields: what each part of a definition consists of, as data.

JSON, validation, form fields, the API's catalogue and the docs iterate over these declarations.
Nothing here reads or writes any of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

from segmenter.kernel.errors import Problem


class Absent(Enum):
    """The value of an optional field that is absent, which is not the same as null."""

    ABSENT = "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True)
class FieldType:
    """The type of a declared field."""


@dataclass(frozen=True)
class Text(FieldType):
    """Any text up to a length."""

    most: int = 1_000
    least: int = 0


@dataclass(frozen=True)
class Pattern(FieldType):
    """A text that must be a regular expression when the operator is one of `when`."""

    when: tuple[str, ...]
    most: int = 1_000


@dataclass(frozen=True)
class DateText(FieldType):
    """An ISO 8601 date or date-time."""


@dataclass(frozen=True)
class Number(FieldType):
    """A finite number; `whole` allows integers only."""

    least: float = -1e15
    most: float = 1e15
    whole: bool = False


@dataclass(frozen=True)
class Flag(FieldType):
    """true or false; `only` if just one of them is valid."""

    only: bool | None = None


@dataclass(frozen=True)
class Choice(FieldType):
    """One of several identifiers, each with the label in the builder."""

    options: tuple[tuple[str, str], ...]
    spellings: tuple[tuple[str, str], ...] = ()
    """Older spellings to the current ones. They are read, but not written."""


@dataclass(frozen=True)
class Texts(FieldType):
    """A list of texts, at least one."""

    most: int = 1_000
    options: tuple[tuple[str, str], ...] = ()
    """The common texts with their labels, if there are any."""


@dataclass(frozen=True)
class Scalars(FieldType):
    """A list of texts, numbers and booleans, at least one."""

    most: int = 1_000


@dataclass(frozen=True)
class Scalar(FieldType):
    """A text, number or boolean."""


@dataclass(frozen=True)
class MetricKey(FieldType):
    """The key of a metric of the account."""


@dataclass(frozen=True)
class GroupKeys(FieldType):
    """Keys of lists and segments of the account, at least one."""

    most: int = 50


@dataclass(frozen=True)
class PropertyName(FieldType):
    """The name of a property: of a `profile` (a path) or of an `event` (a plain name)."""

    of: str


@dataclass(frozen=True)
class FilterOf(FieldType):
    """One of these filter classes."""

    classes: tuple[type, ...]


@dataclass(frozen=True)
class Nested(FieldType):
    """Another declared structure."""

    structure: type


@dataclass(frozen=True)
class Many(FieldType):
    """A list of another type."""

    item: FieldType
    least: int = 0
    most: int = 100


@dataclass(frozen=True)
class CompletionWindow(FieldType):
    """A completion window: one of Klaviyo's names, any number of seconds, or null for none."""


_DAY = 86_400
COMPLETION_WINDOWS = {
    "HOURS_1": 3_600,
    "DAYS_1": _DAY,
    "DAYS_3": 3 * _DAY,
    "DAYS_5": 5 * _DAY,
    "WEEKS_1": 7 * _DAY,
    "DAYS_30": 30 * _DAY,
    "DAYS_90": 90 * _DAY,
    "DAYS_180": 180 * _DAY,
    "YEARS_1": 365 * _DAY,
}
"""Klaviyo's names to seconds."""


@dataclass(frozen=True)
class Raw(FieldType):
    """Any JSON, stored as it is (frozen)."""


@dataclass(frozen=True)
class Declared:
    """A field of a structure: its Python name is its JSON name."""

    name: str
    type: FieldType
    label: str
    optional: bool
    nullable: bool
    spellings: tuple[str, ...]
    """Older names of the field. They are read, but not written."""


def declare(
    type: FieldType,
    label: str = "",
    *,
    optional: bool = False,
    nullable: bool = False,
    spellings: tuple[str, ...] = (),
) -> Any:
    """Declare a field of a structure. An optional field that is absent is ABSENT."""
    metadata = {"declared": (type, label, optional, nullable, spellings)}
    if optional:
        return dataclasses.field(default=ABSENT, metadata=metadata, kw_only=True)
    return dataclasses.field(metadata=metadata, kw_only=True)


@dataclass(frozen=True)
class Structure:
    """A part of a definition that consists of declared fields."""

    @classmethod
    @cache
    def declared(cls) -> tuple[Declared, ...]:
        """The fields, in the order of the JSON."""
        return tuple(
            Declared(f.name, *f.metadata["declared"])
            for f in dataclasses.fields(cls)
            if "declared" in f.metadata
        )

    def problems(self) -> Iterator[Problem]:
        """Problems between fields that are valid alone. Pointers are below this structure."""
        return iter(())
