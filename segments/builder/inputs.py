"""What the builder's form is made of: an input for each place of a definition.

Walks over declared structures. What each field type looks like is said in `controls`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import urlencode

from django.utils.translation import gettext

from segments.builder.form_data import MARK, FormNode, form_name
from segments.builder.offers import Offer
from segments.definition import fields
from segments.definition.fields import ABSENT, FieldType, Structure
from segments.engine.vocabulary import Catalog

NULL: Final = "null"
EMPTY: Final = "empty"


@dataclass(frozen=True)
class Option:
    """A word that can be chosen."""

    value: str
    label: str
    chosen: bool = False
    group: str = ""
    is_closed: bool = False
    """Whether it is shown, but cannot be chosen now; the group says why."""


@dataclass(frozen=True)
class Input:
    """One place of a definition, ready to be drawn by `builder/inputs/<kind>.html`."""

    kind: str
    pointer: str
    label: str = ""
    text: str = ""
    """What the form will send for it."""
    words: str = ""
    """What people read instead of `text`."""
    mark: str = ""
    optional: bool = False
    sends: bool = True
    """Whether it sends a text of its own."""
    options: tuple[Option, ...] = ()
    parts: Mapping[str, Input] = field(default_factory=dict)
    items: tuple[Input, ...] = ()
    fresh: str = ""
    """What a new item begins as: its JSON, or the mark of the next chip."""
    suggest: str = ""
    """The query by which suggestions are asked for."""
    is_free: bool = True
    """Whether what is typed counts, and not only what is chosen from suggestions."""
    body: str = ""
    """The template that lays out the parts."""
    ranges: tuple[Option, ...] = ()
    """Ranges of days that can be chosen with one press; their values are the JSON to set."""

    @property
    def name(self) -> str:
        return form_name(self.pointer)

    @property
    def is_empty(self) -> bool:
        """Whether the place is empty."""
        return not any(True for _leaf in self.leaves)

    @property
    def holder(self) -> str:
        """The pointer of the structure that the place belongs to."""
        return self.pointer.rpartition("/")[0]

    @property
    def filter_holder(self) -> str:
        """The pointer of the structure whose filter the place is a value of."""
        return self.holder.rpartition("/")[0]

    @property
    def step(self) -> str:
        """The last step of the pointer."""
        return self.pointer.rpartition("/")[2]

    @property
    def size(self) -> int:
        """Letters, where the browser cannot fit an input to its words by itself."""
        return min(max(len(self.words or self.text), len(self.label), 4) + 1, 40)

    @property
    def file(self) -> str:
        return f"segments/builder/inputs/{self.kind}.html"

    @property
    def mark_name(self) -> str:
        return self.name + MARK

    @property
    def next_pointer(self) -> str:
        """The place of one item more."""
        return f"{self.pointer}/{len(self.items)}"

    @property
    def next_name(self) -> str:
        return form_name(self.next_pointer)

    @property
    def leaves(self) -> Iterator[tuple[str, str]]:
        """(name, text) of all that the form sends for this place and below."""
        if self.sends and self.text:
            yield self.name, self.text
        if self.mark:
            yield self.mark_name, self.mark
        for part in (*self.parts.values(), *self.items):
            yield from part.leaves


@dataclass(frozen=True)
class Desk:
    """What is known while one condition is drawn. `base` is the condition's pointer."""

    catalog: Catalog
    offer: Offer
    base: str
    today: date | None = None
    """In the account's zone; None where no days are offered."""


@dataclass(frozen=True)
class InputPlace:
    """The place of an input, and the owner of the property there."""

    desk: Desk
    pointer: str
    label: str = ""
    optional: bool = False
    metric: str = ""
    of: str = ""
    property_name: str = ""

    def at(self, step: str | int, **changes: Any) -> InputPlace:
        pointer = f"{self.pointer}/{step}"
        return dataclasses.replace(self, pointer=pointer, label="", optional=False, **changes)

    @property
    def step(self) -> str:
        """The last step of the pointer."""
        return self.pointer.rpartition("/")[2]

    @property
    def inside(self) -> str:
        """The pointer relative to the condition."""
        return self.pointer.removeprefix(self.desk.base)

    def input(self, kind: str, **more: Any) -> Input:
        return Input(kind, self.pointer, label=self.label, optional=self.optional, **more)

    def suggest_values(self) -> str:
        """The query for values of the property of this place; empty if it has none."""
        if not self.property_name:
            return ""
        return suggest("value", of=self.of, property=self.property_name, metric=self.metric)


def suggest(what: str, **about: str) -> str:
    """The query for suggestions."""
    return urlencode({"what": what, **{name: text for name, text in about.items() if text}})


class Control:
    """Draws and reads one field type."""

    empty: ClassVar[Any] = ""
    """What a mark "empty" stands for."""

    def read(self, type_: Any, node: FormNode) -> Any:
        """The JSON value that was sent; ABSENT if nothing was."""
        return node.text or ABSENT

    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        """The input that sends `value` (ABSENT for none)."""
        return place.input("text", text=text_of(value), mark=mark_of(value))

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        """What people read where the definition refuses a value with a message for programs."""
        return message


controls: dict[type[FieldType], Control] = {}

C = TypeVar("C", bound=type[Control])


def control(*types: type[FieldType]) -> Callable[[C], C]:
    """Register a control for field types."""

    def register(cls: C) -> C:
        for type_ in types:
            controls[type_] = cls()
        return cls

    return register


def read_value(type_: FieldType, node: FormNode) -> Any:
    """What was sent for a field type, nothing included: null, empty or ABSENT."""
    value = controls[type(type_)].read(type_, node)
    if value is not ABSENT:
        return value
    if node.mark == NULL:
        return None
    return copy(controls[type(type_)].empty) if node.mark == EMPTY else ABSENT


def read_structure(cls: type[Structure], node: FormNode) -> dict[str, Any]:
    """The JSON of a structure as far as it was sent."""
    values = {field.name: read_value(field.type, node.part(field.name)) for field in cls.declared()}
    return {name: value for name, value in values.items() if value is not ABSENT}


def show_structure(cls: type[Structure], value: Any, place: InputPlace) -> dict[str, Input]:
    """The inputs of a structure's fields, without those that do not belong here."""
    holder: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    place = _scoped(cls, holder, place)
    inputs: dict[str, Input] = {}
    for each in cls.declared():
        at = dataclasses.replace(
            place.at(each.name),
            label=gettext(each.label) if each.label else "",
            optional=each.optional,
        )
        if each.name in holder or at.inside not in place.desk.offer.without:
            inputs[each.name] = show_value(each.type, holder.get(each.name, ABSENT), at)
    return inputs


def show_value(type_: FieldType, value: Any, place: InputPlace) -> Input:
    """The input for a value of a field type."""
    return controls[type(type_)].show(type_, value, place)


def _scoped(cls: type[Structure], holder: Mapping[str, Any], place: InputPlace) -> InputPlace:
    """The place with the metric and the property that the structure names."""
    for each in cls.declared():
        name = holder.get(each.name)
        if not isinstance(name, str):
            continue
        if isinstance(each.type, fields.MetricKey):
            place = dataclasses.replace(place, metric=name)
        if isinstance(each.type, fields.PropertyName) and not each.optional:
            place = dataclasses.replace(place, of=each.type.of, property_name=name)
    return place


def mark_of(value: Any, empty: Any = "") -> str:
    if value is None:
        return NULL
    return EMPTY if type(value) is type(empty) and value == empty else ""


def text_of(value: Any) -> str:
    if value is ABSENT or value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
