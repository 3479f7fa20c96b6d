"""Inputs for the attributes of rules and triggers, made from their declarations, and read back.

A kind of rule or trigger that is added needs nothing here. Names in the HTML form are
"<group>.<row>.<attribute>"; a row's name is random, its place is that of its marker "<group>".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.http import QueryDict

from forms_targeting.attributes import MOST_ENTRIES, Attribute, Kind
from profiles.models import List
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Problem
from segmenter.kernel.keys import new_key
from segments.models import Segment

_NUMBER = re.compile(r"-?\d{1,15}(?:[.,]\d{1,10})?", re.ASCII)
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2},\d{3}", re.ASCII)
CHECKED_LISTS = {Kind.CHOICES, Kind.SEGMENTS, Kind.LISTS}
"""Kinds whose values are checkboxes."""
_TEXT = "forms_targeting/pages/inputs/text.html"
_LINES = "forms_targeting/pages/inputs/lines.html"
CONTROLS = {
    Kind.LONG_TEXT: "forms_targeting/pages/inputs/long_text.html",
    Kind.NUMBER: "forms_targeting/pages/inputs/number.html",
    Kind.FLAG: "forms_targeting/pages/inputs/flag.html",
    Kind.CHOICE: "forms_targeting/pages/inputs/choice.html",
    Kind.TEXTS: _LINES,
    Kind.OPTIONS: _LINES,
    **dict.fromkeys(CHECKED_LISTS, "forms_targeting/pages/inputs/checked_list.html"),
}
"""The template of each kind's control; all others are one line of text."""


@dataclass(frozen=True)
class InputOption:
    """One of several that can be chosen."""

    value: str
    label: str
    is_chosen: bool
    size: int | None = None
    """How many people are in it."""


@dataclass(frozen=True)
class AttributeInput:
    """An input of one attribute."""

    attribute: Attribute
    name: str
    """In the HTML form."""
    value: Any
    options: list[InputOption] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.name.replace(".", "-")

    @property
    def template(self) -> str:
        return CONTROLS.get(self.attribute.kind, _TEXT)

    @property
    def is_group(self) -> bool:
        """Whether it consists of several controls, which a legend names."""
        return self.attribute.kind in CHECKED_LISTS

    @property
    def text(self) -> str:
        """The value as the text of a control."""
        return _text(self.attribute, self.value)


@dataclass(frozen=True)
class InputRow:
    """A rule or a trigger with its inputs."""

    group: str
    name: str
    kind: str
    label: Any
    inputs: list[AttributeInput]
    errors: list[str] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        return f"{self.group}.{self.name}"


class Choosable:
    """The segments and lists of an account, each with its size, read when first needed."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._rows: dict[Kind, list[tuple[str, str, int | None]]] = {}

    def options(self, kind: Kind, selection: Sequence[str]) -> list[InputOption]:
        """Those that can be chosen, the chosen ones first; a deleted one by its key."""
        if kind not in self._rows:
            self._rows[kind] = list(self._read(kind))
        known = {key for key, _name, _size in self._rows[kind]}
        missing = [(key, key, None) for key in selection if key not in known]
        options = [
            InputOption(key, name, key in selection, size)
            for key, name, size in [*missing, *self._rows[kind]]
        ]
        return sorted(options, key=lambda option: not option.is_chosen)

    def _read(self, kind: Kind) -> Iterator[tuple[str, str, int | None]]:
        if kind is Kind.SEGMENTS:
            rows = Segment.objects.filter(account=self._account).order_by("name")
            return iter(rows.values_list("key", "name", "size"))
        lists = List.objects.filter(account=self._account).order_by("name")
        counts = lists.annotate(size=Count("members"))
        return iter(counts.values_list("key", "name", "size"))


def new_row(
    group: str, kind: str, label: Any, attributes: Sequence[Attribute], choosable: Choosable
) -> InputRow:
    """Return a row with the defaults of its attributes."""
    values = {attribute.name: attribute.empty for attribute in attributes}
    return make_row(group, new_key(), kind, label, attributes, values, choosable, [])


def make_row(
    group: str,
    name: str,
    kind: str,
    label: Any,
    attributes: Sequence[Attribute],
    values: Mapping[str, Any],
    choosable: Choosable,
    problems: Sequence[Problem],
) -> InputRow:
    """Return a row with its values and what is wrong with them; pointers are below the row."""
    inputs = make_inputs(f"{group}.{name}", attributes, values, choosable, problems)
    places = {attribute.name for attribute in attributes}
    others = [p.message for p in problems if _first(p) not in places]
    return InputRow(group, name, kind, label, inputs, others)


def make_inputs(
    prefix: str,
    attributes: Sequence[Attribute],
    values: Mapping[str, Any],
    choosable: Choosable,
    problems: Sequence[Problem] = (),
) -> list[AttributeInput]:
    """Return the inputs of some attributes."""
    inputs = []
    for attribute in attributes:
        value = values.get(attribute.name, attribute.empty)
        errors = [p.message for p in problems if _first(p) == attribute.name]
        inputs.append(
            AttributeInput(
                attribute,
                f"{prefix}.{attribute.name}",
                value,
                _options(attribute, value, choosable),
                list(dict.fromkeys(errors)),
            )
        )
    return inputs


def _first(problem: Problem) -> str:
    return problem.pointer.strip("/").partition("/")[0]


def _options(attribute: Attribute, value: Any, choosable: Choosable) -> list[InputOption]:
    if attribute.kind in (Kind.SEGMENTS, Kind.LISTS):
        return choosable.options(attribute.kind, value if isinstance(value, list) else [])
    selection = value if isinstance(value, list) else [value]
    return [
        InputOption(choice, str(label), choice in selection) for choice, label in attribute.choices
    ]


# --- reading back --------------------------------------------------------------------------------


def row_names(data: QueryDict, group: str) -> list[str]:
    """Return the names of a group's rows in the order of the page."""
    return [name for name in data.getlist(group) if name.isalnum() and len(name) <= 12]


def kind_of_row(data: QueryDict, group: str, name: str) -> str:
    return data.get(f"{group}.{name}", "")


def read_inputs(attributes: Sequence[Attribute], data: QueryDict, prefix: str) -> dict[str, Any]:
    """Return the values of some attributes as JSON has them, valid or not."""
    return {
        attribute.name: _value(attribute, data, f"{prefix}.{attribute.name}")
        for attribute in attributes
    }


def _value(attribute: Attribute, data: QueryDict, name: str) -> Any:
    if attribute.kind in CHECKED_LISTS:
        return data.getlist(name)[:MOST_ENTRIES]
    text = data.get(name, "").strip()
    if attribute.kind is Kind.FLAG:
        return name in data
    if attribute.kind is Kind.NUMBER:
        return _number(text)
    if attribute.kind is Kind.TEXTS:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if attribute.kind is Kind.OPTIONS:
        return [_option(line) for line in text.splitlines() if line.strip()]
    return text


def _number(text: str) -> Any:
    """The number that a text says; the text itself if it says none, which is refused later.

    A comma is a decimal one, except where it may divide thousands.
    """
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS.fullmatch(text):
        return text
    value = float(text.replace(",", "."))
    return int(value) if value.is_integer() else value


def _option(line: str) -> dict[str, str]:
    """An option from a line "value" or "value = label"."""
    value, _equals, label = line.partition("=")
    return {"value": value.strip(), "label": label.strip()}


def _text(attribute: Attribute, value: Any) -> str:
    if attribute.kind is Kind.TEXTS and isinstance(value, list):
        return "\n".join(map(str, value))
    if attribute.kind is Kind.OPTIONS and isinstance(value, list):
        return "\n".join(f"{each['value']} = {each['label']}" for each in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
