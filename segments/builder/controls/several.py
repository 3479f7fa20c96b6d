"""Several values: texts, keys of groups, and items of any type."""

from __future__ import annotations

from typing import Any, ClassVar

from segments.builder.controls.plain import (
    number_refusal,
    number_text,
    read_number,
    read_truth,
)
from segments.builder.form_data import FormNode
from segments.builder.inputs import (
    EMPTY,
    Control,
    Input,
    InputPlace,
    control,
    mark_of,
    suggest,
    text_of,
)
from segments.definition import fields
from segments.definition.fields import ABSENT


@control(fields.Texts)
class TextsControl(Control):
    empty: ClassVar[Any] = []
    is_free: ClassVar[bool] = True

    def read(self, type_: Any, node: FormNode) -> Any:
        texts = [item.text for item in node.items if item.text or item.mark == EMPTY]
        return texts or ABSENT

    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        texts = value if isinstance(value, list) else []
        items = tuple(self.item(each, place.at(i)) for i, each in enumerate(texts))
        return place.input(
            "chips",
            mark=mark_of(value, []),
            sends=False,
            items=items,
            fresh=self.next_mark(place),
            is_free=self.is_free,
            suggest=self.suggest(place),
        )

    def item(self, value: Any, place: InputPlace) -> Input:
        return place.input("chip", text=text_of(value), words=text_of(value), mark=mark_of(value))

    def suggest(self, place: InputPlace) -> str:
        return place.suggest_values()

    def next_mark(self, place: InputPlace) -> str:
        """The mark of the text typed for one more item."""
        return ""


@control(fields.GroupKeys)
class GroupsControl(TextsControl):
    is_free: ClassVar[bool] = False

    def item(self, value: Any, place: InputPlace) -> Input:
        words = place.desk.catalog.group(text_of(value))
        return place.input("chip", text=text_of(value), words=words, mark=mark_of(value))

    def suggest(self, place: InputPlace) -> str:
        return suggest("group")


@control(fields.Scalar)
class ScalarControl(Control):
    """The mark says whether the text is a number or a boolean."""

    def read(self, type_: Any, node: FormNode) -> Any:
        if node.mark == "number" and node.text.strip():
            return read_number(node.text)
        if node.mark == "boolean":
            return read_truth(node.text)
        return node.text or ABSENT

    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        text = number_text(value)
        mark = _scalar_mark(value) if value is not ABSENT else _seen_mark(place)
        return place.input("scalar", text=text, mark=mark, suggest=place.suggest_values())

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        return message if isinstance(value, str) else number_refusal(value, message)


@control(fields.Scalars)
class ScalarsControl(TextsControl):
    def read(self, type_: Any, node: FormNode) -> Any:
        scalar = ScalarControl()
        values = [scalar.read(type_, item) for item in node.items]
        marks = [item.mark for item in node.items]
        scalars = [
            "" if value is ABSENT else value
            for value, mark in zip(values, marks, strict=True)
            if value is not ABSENT or mark == EMPTY
        ]
        return scalars or ABSENT

    def item(self, value: Any, place: InputPlace) -> Input:
        text = number_text(value)
        return place.input("chip", text=text, words=text, mark=_scalar_mark(value))

    def next_mark(self, place: InputPlace) -> str:
        return _seen_mark(place)


def _scalar_mark(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return mark_of(value)


def _seen_mark(place: InputPlace) -> str:
    """What is typed counts as a number where only numbers are known."""
    types = place.desk.catalog.types(place.of, place.property_name, place.metric)
    return "number" if types == {"number"} else ""
