"""What stands in the gaps of a template: the symbols of the grammar. Values only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from segments.definition.fields import Structure
from segments.definition.operators import Filter

Path = tuple[str | int, ...]
"""Where a value belongs in the JSON of a condition."""


@dataclass(frozen=True)
class Symbol:
    """Something that a text is read as."""


@dataclass(frozen=True)
class NumberText(Symbol):
    """A number; it counts units of `scale`."""

    scale: int = 1


@dataclass(frozen=True)
class PercentText(Symbol):
    """A share in percent."""


@dataclass(frozen=True)
class DateWords(Symbol):
    """A date, perhaps with a time."""


@dataclass(frozen=True)
class QuotedText(Symbol):
    """A text in quotation marks, or the label of a known value."""

    labels: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class NameText(Symbol):
    """A name, in quotation marks if it has to be."""


@dataclass(frozen=True)
class JsonText(Symbol):
    """JSON in quotation marks."""


@dataclass(frozen=True)
class LiteralText(Symbol):
    """A quoted text, a number or a truth."""


@dataclass(frozen=True)
class MetricName(Symbol):
    """The name of a metric of the account."""


@dataclass(frozen=True)
class GroupName(Symbol):
    """The name of a list or a segment of the account."""


@dataclass(frozen=True)
class ProfilePropertyName(Symbol):
    """The label of a profile's property."""


@dataclass(frozen=True)
class EventPropertyName(Symbol):
    """The label of an event's property."""


@dataclass(frozen=True)
class Templates(Symbol):
    """A symbol that has templates."""


@dataclass(frozen=True)
class ClauseText(Templates):
    """A condition; `short` if its pronoun is left out."""

    short: bool


@dataclass(frozen=True)
class PhraseOf(Templates):
    """The phrase of a structure."""

    structure: type[Structure]


@dataclass(frozen=True)
class Rendering(Templates):
    """One of several filters, as one of its methods writes it."""

    classes: tuple[type[Filter], ...]
    method: str
    say: Callable[[float], str] | None = None
    labels: tuple[tuple[str, str], ...] = ()
