"""What has parts of its own: nested structures, lists of them, and filters."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.defaults import fitting_operators, new_item
from segments.builder.form_data import FormNode
from segments.builder.inputs import (
    Control,
    Input,
    InputPlace,
    Option,
    control,
    mark_of,
    read_structure,
    read_value,
    show_structure,
    show_value,
)
from segments.builder.offers import Operators, operators_of
from segments.definition import fields
from segments.definition.fields import ABSENT
from segments.definition.operators import Filter, filters


@control(fields.Nested)
class NestedControl(Control):
    empty: ClassVar[Any] = {}

    def read(self, type_: fields.Nested, node: FormNode) -> Any:
        return read_structure(type_.structure, node) or ABSENT

    def show(self, type_: fields.Nested, value: Any, place: InputPlace) -> Input:
        parts = show_structure(type_.structure, value, place)
        return place.input("nested", parts=parts, mark=mark_of(value, {}), sends=False)

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        return message if isinstance(value, Mapping) else gettext("This part cannot be read.")


@control(fields.Many)
class ManyControl(Control):
    empty: ClassVar[Any] = []

    def read(self, type_: fields.Many, node: FormNode) -> Any:
        values = (read_value(type_.item, item) for item in node.items)
        return [{} if value is ABSENT else value for value in values] or ABSENT

    def show(self, type_: fields.Many, value: Any, place: InputPlace) -> Input:
        values = value if isinstance(value, list) else []
        items = [show_value(type_.item, each, place.at(i)) for i, each in enumerate(values)]
        return place.input(
            "many",
            mark=mark_of(value, []),
            sends=False,
            items=tuple(dataclasses.replace(item, mark=item.mark or "item") for item in items),
            fresh=json.dumps(new_item(type_.item)),
        )


@control(fields.FilterOf)
class FilterControl(Control):
    """A filter's type and operator are one choice, `type:operator`."""

    def read(self, type_: Any, node: FormNode) -> Any:
        kind, sign, operator = node.part("operator").text.partition(":")
        if not sign:
            return ABSENT
        cls = filters.get((kind, operator))
        parts = read_structure(cls, node) if cls else {}
        return {"type": kind, **parts, "operator": operator}

    def show(self, type_: fields.FilterOf, value: Any, place: InputPlace) -> Input:
        holder: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        current = (str(holder.get("type")), str(holder.get("operator")))
        parts: dict[str, Input] = {}
        cls = filters.get(current)
        if cls:
            parts = show_structure(cls, holder, place)
            if not place.property_name and "include_unset" not in holder:
                del parts["include_unset"]
        parts["operator"] = self._operators(type_, current if holder else None, place)
        return place.input(
            "filter",
            mark=mark_of(value),
            sends=False,
            parts=parts,
            body=f"segments/builder/filters/{(cls or Filter).layout}.html",
        )

    def refusal(self, type_: fields.FilterOf, value: Any, message: str) -> str:
        holder: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        cls = filters.get((str(holder.get("type")), str(holder.get("operator"))))
        return message if cls in type_.classes else gettext("Choose how this is compared.")

    def _operators(
        self, type_: fields.FilterOf, current: tuple[str, str] | None, place: InputPlace
    ) -> Input:
        fitting = self._fitting(type_.classes, place)
        offered = [each for each in filters if each in fitting or each == current]
        types = {kind for kind, _operator in offered} - {"existence"}
        options = [
            Option(
                f"{kind}:{operator}",
                gettext(filters[kind, operator].labels[operator]),
                (kind, operator) == current,
                gettext(FILTER_TYPES[kind]) if len(types) > 1 else "",
            )
            for kind, operator in sorted(
                offered, key=lambda each: list(FILTER_TYPES).index(each[0])
            )
        ]
        text = ":".join(current) if current else ""
        if current and current not in filters:
            options.append(Option(text, current[1], chosen=True))
        at = dataclasses.replace(place.at("operator"), optional=place.optional)
        return dataclasses.replace(
            at.input("choice", text=text, options=tuple(options)), label=place.label
        )

    def _fitting(self, classes: tuple[type[Filter], ...], place: InputPlace) -> Operators:
        offered = place.desk.offer.operators.get(place.inside)
        if offered is not None:
            return offered
        if not place.property_name:
            return operators_of(classes)
        types = place.desk.catalog.types(place.of, place.property_name, place.metric)
        return fitting_operators(types, classes, place.property_name)


FILTER_TYPES = {
    "string": _("Text"),
    "numeric": _("Number"),
    "boolean": _("Yes or no"),
    "date": _("Date"),
    "list": _("List"),
    "existence": _("Set or not"),
}
"""Type of a filter to what the builder calls its operators."""
