"""What has parts of its own: nested structures, lists of them, and filters."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.day_presets import day_presets
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
from segments.builder.operator_groups import AHEAD, in_groups
from segments.definition import fields
from segments.definition.fields import ABSENT
from segments.definition.operators import Filter, StaticRange, filters


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
        ranges = tuple(_ranges(place)) if cls is StaticRange else ()
        layout = f"segments/builder/filters/{(cls or Filter).layout}.html"
        parts["operator"] = self._operators(type_, current if holder else None, place)
        return place.input(
            "filter",
            mark=mark_of(value),
            sends=False,
            parts=parts,
            body="segments/builder/filters/days.html" if ranges else layout,
            ranges=ranges,
        )

    def refusal(self, type_: fields.FilterOf, value: Any, message: str) -> str:
        holder: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        cls = filters.get((str(holder.get("type")), str(holder.get("operator"))))
        return message if cls in type_.classes else gettext("Choose how this is compared.")

    def _operators(
        self, type_: fields.FilterOf, current: tuple[str, str] | None, place: InputPlace
    ) -> Input:
        offered = self._fitting(type_.classes, place)
        is_ahead = place.property_name or place.inside in place.desk.offer.ahead
        if not is_ahead:
            offered -= AHEAD
        if current in filters:
            offered |= {current}
        choices = in_groups(offered)
        titles = {title for title, _operator in choices}
        words = place.desk.offer.words.get(place.inside, {} if is_ahead else _WHEN)
        options = [
            Option(
                f"{kind}:{operator}",
                gettext(words.get(operator) or filters[kind, operator].labels[operator]),
                (kind, operator) == current,
                gettext(title) if len(titles) > 1 else "",
            )
            for title, (kind, operator) in choices
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


_WHEN = {"before": _("before"), "after": _("after"), "between-static": _("between the dates")}
"""Words for the operators of dates, where they follow what happened then."""


def _ranges(place: InputPlace) -> Iterator[Option]:
    today = place.desk.today
    for days in day_presets(today) if today else ():
        start, end = days.texts
        yield Option(json.dumps({"start": start, "end": end}), days.words)
