"""Attributes that blocks, rules and triggers declare: how each is read, and what the editor asks.

JSON, validation, the editor's inputs and translations are walkers over these declarations. Pure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from segmenter.kernel.errors import Invalid, Problem

MOST_ENTRIES = 100
"""Most entries of a list of texts or options."""
_COLOR = re.compile(r"#[0-9a-f]{6}", re.ASCII)
Words = str | Promise


class Kind(StrEnum):
    """What a value is, and so which input the editor shows."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    URL = "url"
    IMAGE = "image"
    """The address of an image, whose size belongs into `width` and `height` beside it."""
    COLOR = "color"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    """A list of some of the choices."""
    TEXTS = "texts"
    """A list of texts."""
    OPTIONS = "options"
    """A list of {value, label}."""
    PROPERTY = "property"
    """A field or a property of people, such as `email` or `properties.Shoe size`."""
    SEGMENTS = "segments"
    """Keys of segments."""
    LISTS = "lists"
    """Keys of lists."""
    STEP = "step"
    """The id of a step of the same form; empty: the next one."""


_LISTS = {Kind.CHOICES, Kind.TEXTS, Kind.SEGMENTS, Kind.LISTS}


@dataclass(frozen=True)
class Attribute:
    """One value of a block, a rule or a trigger."""

    name: str
    label: Words
    kind: Kind = Kind.TEXT
    default: Any = ""
    required: bool = False
    choices: tuple[tuple[str, Words], ...] = ()
    translates: bool = False
    """Whether each language has words of its own."""
    least: float = 0
    most: float = 500
    """Most characters of a text; range of a number."""
    hint: Words = ""
    only_if: tuple[str, tuple[Any, ...]] | None = None
    """Another attribute and its values for which this one matters; the editor asks only then."""

    def matters(self, values: Mapping[str, Any]) -> bool:
        """Whether the attribute means anything beside these values of the others."""
        return self.only_if is None or values.get(self.only_if[0]) in self.only_if[1]

    @property
    def empty(self) -> Any:
        """The value where none is stated."""
        return [] if self.kind in _LISTS or self.kind is Kind.OPTIONS else self.default


def read_values(
    attributes: Sequence[Attribute], record: Mapping[str, Any], pointer: str
) -> dict[str, Any]:
    """Return the value of each attribute, the default where it is absent.

    Raises Invalid with all problems; names that no attribute has are left to the caller.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for attribute in attributes:
        place = f"{pointer}/{attribute.name}"
        try:
            values[attribute.name] = _read(attribute, record.get(attribute.name), place)
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(*problems)
    return values


def _read(attribute: Attribute, value: Any, pointer: str) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if value is None or value == "" or value == []:
        if attribute.required:
            raise Invalid(Problem(pointer, "required", _("This is needed.")))
        return attribute.empty
    if attribute.kind is Kind.FLAG:
        if not isinstance(value, bool):
            raise _invalid(pointer, _("Yes or no is needed here."))
        return value
    if attribute.kind is Kind.NUMBER:
        return _number(attribute, value, pointer)
    if attribute.kind in _LISTS:
        return [_entry(attribute, each, place) for place, each in _entries(value, pointer)]
    if attribute.kind is Kind.OPTIONS:
        return _options(attribute, value, pointer)
    return _checked(attribute, _text(attribute, value, pointer), pointer)


def _entry(attribute: Attribute, value: Any, pointer: str) -> str:
    text = _text(attribute, value, pointer)
    if not text:
        raise Invalid(Problem(pointer, "required", _("This is needed.")))
    if attribute.kind is Kind.CHOICES and text not in dict(attribute.choices):
        raise _invalid(pointer, _("This is not one of the choices."))
    return text


def _checked(attribute: Attribute, text: str, pointer: str) -> str:
    if attribute.kind is Kind.CHOICE and text not in dict(attribute.choices):
        raise _invalid(pointer, _("This is not one of the choices."))
    if attribute.kind is Kind.COLOR and not _COLOR.fullmatch(text.lower()):
        raise _invalid(pointer, _("A color is written as #rrggbb."))
    if attribute.kind in {Kind.URL, Kind.IMAGE} and not is_web_address(text):
        raise _invalid(pointer, _("An address begins with https:// or with /."))
    return text.lower() if attribute.kind is Kind.COLOR else text


def is_web_address(text: str) -> bool:
    """Whether a text is an absolute web address, or a path on the same site."""
    if any(ord(character) <= 32 or character == "\\" for character in text):
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    if parts.scheme or parts.netloc:
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    return text.startswith("/") and not text.startswith("//")


def _text(attribute: Attribute, value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise _invalid(pointer, _("A text is needed here."))
    text = value.strip()
    if len(text) > attribute.most:
        message = _("At most %(most)d characters fit here.") % {"most": attribute.most}
        raise Invalid(Problem(pointer, "too_long", message))
    return text


def _number(attribute: Attribute, value: Any, pointer: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _invalid(pointer, _("A number is needed here."))
    if not attribute.least <= value <= attribute.most:
        message = _("The number must lie between %(least)g and %(most)g.")
        about = {"least": attribute.least, "most": attribute.most}
        raise Invalid(Problem(pointer, "out_of_range", message % about))
    return value


def _options(attribute: Attribute, value: Any, pointer: str) -> list[dict[str, str]]:
    options: list[dict[str, str]] = []
    for place, each in _entries(value, pointer):
        if not isinstance(each, Mapping):
            raise _invalid(place, _("An option has a value and a label."))
        text = _text(attribute, each.get("value", ""), f"{place}/value")
        if not text:
            raise Invalid(Problem(f"{place}/value", "required", _("This is needed.")))
        label = _text(attribute, each.get("label") or text, f"{place}/label")
        options.append({"value": text, "label": label})
    if len({option["value"] for option in options}) < len(options):
        raise Invalid(Problem(pointer, "duplicate", _("Two options have the same value.")))
    return options


def _entries(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list):
        raise _invalid(pointer, _("A list is needed here."))
    if len(value) > MOST_ENTRIES:
        message = _("At most %(most)d entries fit here.") % {"most": MOST_ENTRIES}
        raise Invalid(Problem(pointer, "too_many", message))
    return ((f"{pointer}/{index}", each) for index, each in enumerate(value))


def _invalid(pointer: str, message: str) -> Invalid:
    return Invalid(Problem(pointer, "invalid", message))
