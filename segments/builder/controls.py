"""How each declared field type stands in the builder's form: what is drawn, and what is read back.

The one place that knows the field types, one class each. A value that cannot be read stays as it
was typed, so that the definition's own validation says at its place what is wrong with it.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.inputs import (
    EMPTY,
    NULL,
    Control,
    Input,
    Option,
    Place,
    control,
    mark_of,
    read_structure,
    read_value,
    show_structure,
    show_value,
    suggest,
    text_of,
)
from segments.builder.offers import Operators, operators_of
from segments.builder.sent import Sent
from segments.builder.starts import fitting_operators, new_item
from segments.definition import fields
from segments.definition.conditions.funnel import COMPLETION_WINDOWS
from segments.definition.fields import ABSENT
from segments.definition.operators import Filter, filters
from segments.definition.operators.dates import MONTHS

# --- texts ---------------------------------------------------------------------------------------


@control(fields.Text, fields.Pattern)
class TextControl(Control):
    def show(self, type_: Any, value: Any, place: Place) -> Input:
        if place.inside in place.desk.offer.picks:
            what, words = place.desk.offer.picks[place.inside]
            query = suggest(what, field=place.step)
            return place.input(
                "pick", text=text_of(value), words=words, mark=mark_of(value), suggest=query
            )
        kind = "lines" if isinstance(value, str) and "\n" in value else "text"
        suggestions = place.suggest_values()
        return place.input(kind, text=text_of(value), mark=mark_of(value), suggest=suggestions)


@control(fields.DateText)
class DateControl(Control):
    def show(self, type_: Any, value: Any, place: Place) -> Input:
        text = text_of(value)
        kind = "date" if not text or _DAY.fullmatch(text) else "text"
        return place.input(kind, text=text, mark=mark_of(value))


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@control(fields.MetricKey)
class MetricControl(Control):
    def show(self, type_: Any, value: Any, place: Place) -> Input:
        key = text_of(value)
        words = place.desk.catalog.metric(key) if key else ""
        query, mark = suggest("metric", field=place.step), mark_of(value, None)
        return place.input("pick", text=key, words=words, mark=mark, suggest=query)


@control(fields.PropertyName)
class PropertyControl(Control):
    def show(self, type_: fields.PropertyName, value: Any, place: Place) -> Input:
        name = text_of(value)
        words = place.desk.catalog.label(type_.of, name) if name else ""
        query = suggest(
            "property",
            of=type_.of,
            metric=place.metric if type_.of == "event" else "",
            field=place.step,
            filter="" if place.optional else "1",
        )
        mark = mark_of(value, None)
        return place.input("pick", text=name, words=words, mark=mark, suggest=query)


# --- numbers, truths, choices --------------------------------------------------------------------

_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?", re.ASCII)


def read_number(text: str) -> Any:
    """The number a text says; the text itself if it says none."""
    plain = re.sub(r"[\s\u00a0\u202f]", "", text)
    if get_format("DECIMAL_SEPARATOR") == "," and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain):
        return text
    number = float(plain)
    if number in (float("inf"), float("-inf")):
        return text
    return int(plain) if re.fullmatch(r"[+-]?\d+", plain) else number


def number_text(value: Any) -> str:
    """A number as it is typed."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return text_of(value)


@control(fields.Number)
class NumberControl(Control):
    def read(self, type_: fields.Number, sent: Sent) -> Any:
        return read_number(sent.text) if sent.text.strip() else ABSENT

    def show(self, type_: fields.Number, value: Any, place: Place) -> Input:
        if (type_.least, type_.most, type_.whole) == (1, 12, True):
            return _chosen(place, value, [(str(n), name) for n, name in MONTHS])
        return place.input("number", text=number_text(value), mark=mark_of(value))


def _read_truth(text: str) -> Any:
    return {"true": True, "false": False, "": ABSENT}.get(text, text)


@control(fields.Flag)
class FlagControl(Control):
    def read(self, type_: fields.Flag, sent: Sent) -> Any:
        return _read_truth(sent.text)

    def show(self, type_: fields.Flag, value: Any, place: Place) -> Input:
        if type_.only is not None and (value is ABSENT or value is type_.only):
            only = Option(text_of(type_.only), place.label, value is type_.only)
            return place.input("check", text=text_of(value), options=(only,))
        return dataclasses.replace(
            _chosen(place, value, [("true", _("yes")), ("false", _("no"))]), kind="flag"
        )


def _chosen(place: Place, value: Any, words: list[tuple[str, str]]) -> Input:
    """A choice among (value, label) pairs. What is chosen is offered even if it does not fit."""
    text = number_text(value)
    fitting = place.desk.offer.choices.get(place.inside)
    options: list[Option] = []
    labels: set[str] = set()
    for name, label in words:
        fits = name == text or (label not in labels and (fitting is None or name in fitting))
        if fits:
            labels.add(label)
            options.append(Option(name, gettext(label), name == text))
    if text and not any(option.chosen for option in options):
        options.append(Option(text, text, chosen=True))
    return place.input("choice", text=text, mark=mark_of(value), options=tuple(options))


@control(fields.Choice)
class ChoiceControl(Control):
    def show(self, type_: fields.Choice, value: Any, place: Place) -> Input:
        return _chosen(place, value, list(type_.options))


# --- lists of values -----------------------------------------------------------------------------


@control(fields.Texts)
class TextsControl(Control):
    empty: ClassVar[Any] = []
    is_free: ClassVar[bool] = True

    def read(self, type_: Any, sent: Sent) -> Any:
        texts = [item.text for item in sent.items if item.text or item.mark == EMPTY]
        return texts or ABSENT

    def show(self, type_: Any, value: Any, place: Place) -> Input:
        given = value if isinstance(value, list) else []
        items = tuple(self.item(each, place.at(i)) for i, each in enumerate(given))
        return place.input(
            "chips",
            mark=mark_of(value, []),
            sends=False,
            items=items,
            fresh=self.next_mark(place),
            is_free=self.is_free,
            suggest=self.suggest(place),
        )

    def item(self, value: Any, place: Place) -> Input:
        return place.input("chip", text=text_of(value), words=text_of(value), mark=mark_of(value))

    def suggest(self, place: Place) -> str:
        return place.suggest_values()

    def next_mark(self, place: Place) -> str:
        """How what is typed for one item more is to be understood."""
        return ""


@control(fields.GroupKeys)
class GroupsControl(TextsControl):
    is_free: ClassVar[bool] = False

    def item(self, value: Any, place: Place) -> Input:
        words = place.desk.catalog.group(text_of(value))
        return place.input("chip", text=text_of(value), words=words, mark=mark_of(value))

    def suggest(self, place: Place) -> str:
        return suggest("group")


@control(fields.Scalar)
class ScalarControl(Control):
    """The mark says whether the text is a number or a boolean."""

    def read(self, type_: Any, sent: Sent) -> Any:
        if sent.mark == "number" and sent.text.strip():
            return read_number(sent.text)
        if sent.mark == "boolean":
            return _read_truth(sent.text)
        return sent.text or ABSENT

    def show(self, type_: Any, value: Any, place: Place) -> Input:
        text = number_text(value)
        mark = _scalar_mark(value) if value is not ABSENT else _seen_mark(place)
        return place.input("scalar", text=text, mark=mark, suggest=place.suggest_values())


@control(fields.Scalars)
class ScalarsControl(TextsControl):
    def read(self, type_: Any, sent: Sent) -> Any:
        scalar = ScalarControl()
        read = [scalar.read(type_, item) for item in sent.items]
        marks = [item.mark for item in sent.items]
        found = [
            "" if value is ABSENT else value
            for value, mark in zip(read, marks, strict=True)
            if value is not ABSENT or mark == EMPTY
        ]
        return found or ABSENT

    def item(self, value: Any, place: Place) -> Input:
        text = number_text(value)
        return place.input("chip", text=text, words=text, mark=_scalar_mark(value))

    def next_mark(self, place: Place) -> str:
        return _seen_mark(place)


def _scalar_mark(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return mark_of(value)


def _seen_mark(place: Place) -> str:
    """What is typed counts as a number where only numbers are known."""
    types = place.desk.catalog.types(place.of, place.property_name, place.metric)
    return "number" if types == {"number"} else ""


# --- structures ----------------------------------------------------------------------------------


@control(fields.Nested)
class NestedControl(Control):
    def read(self, type_: fields.Nested, sent: Sent) -> Any:
        return read_structure(type_.structure, sent) or ABSENT

    def show(self, type_: fields.Nested, value: Any, place: Place) -> Input:
        parts = show_structure(type_.structure, value, place)
        return place.input("nested", parts=parts, mark=mark_of(value), sends=False)


@control(fields.Many)
class ManyControl(Control):
    empty: ClassVar[Any] = []

    def read(self, type_: fields.Many, sent: Sent) -> Any:
        read = (read_value(type_.item, item) for item in sent.items)
        return [{} if value is ABSENT else value for value in read] or ABSENT

    def show(self, type_: fields.Many, value: Any, place: Place) -> Input:
        given = value if isinstance(value, list) else []
        items = [show_value(type_.item, each, place.at(i)) for i, each in enumerate(given)]
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

    def read(self, type_: Any, sent: Sent) -> Any:
        kind, sign, operator = sent.part("operator").text.partition(":")
        if not sign:
            return ABSENT
        cls = filters.get((kind, operator))
        read = read_structure(cls, sent) if cls else {}
        return {"type": kind, **read, "operator": operator}

    def show(self, type_: fields.FilterOf, value: Any, place: Place) -> Input:
        held: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        chosen = (str(held.get("type")), str(held.get("operator")))
        parts: dict[str, Input] = {}
        cls = filters.get(chosen)
        if cls:
            parts = show_structure(cls, held, place)
            if not place.property_name and "include_unset" not in held:
                del parts["include_unset"]
        parts["operator"] = self._operators(type_, chosen if held else None, place)
        return place.input(
            "filter",
            mark=mark_of(value),
            sends=False,
            parts=parts,
            body=_template("operators", chosen[1] if cls else ""),
        )

    def _operators(
        self, type_: fields.FilterOf, chosen: tuple[str, str] | None, place: Place
    ) -> Input:
        fitting = self._fitting(type_.classes, place)
        offered = [each for each in filters if each in fitting or each == chosen]
        types = {kind for kind, _operator in offered} - {"existence"}
        options = [
            Option(
                f"{kind}:{operator}",
                gettext(filters[kind, operator].labels[operator]),
                (kind, operator) == chosen,
                gettext(FILTER_TYPES[kind]) if len(types) > 1 else "",
            )
            for kind, operator in sorted(
                offered, key=lambda each: list(FILTER_TYPES).index(each[0])
            )
        ]
        text = ":".join(chosen) if chosen else ""
        if chosen and chosen not in filters:
            options.append(Option(text, chosen[1], chosen=True))
        at = dataclasses.replace(place.at("operator"), optional=place.optional)
        return dataclasses.replace(
            at.input("choice", text=text, options=tuple(options)), label=place.label
        )

    def _fitting(self, classes: tuple[type[Filter], ...], place: Place) -> Operators:
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


@cache
def _template(folder: str, name: str) -> str:
    """The template made for a name, or the one that lays out any."""
    file = f"builder/{folder}/{name}.html"
    try:
        get_template(file)
    except TemplateDoesNotExist:
        return f"builder/{folder}/_any.html"
    return file


def kind_template(kind: str) -> str:
    """The template that lays out a kind's condition."""
    return _template("kinds", kind)


# --- what is left --------------------------------------------------------------------------------

_WINDOW_WORDS = {
    "HOURS_1": _("1 hour"),
    "DAYS_1": _("1 day"),
    "DAYS_3": _("3 days"),
    "DAYS_5": _("5 days"),
    "WEEKS_1": _("1 week"),
    "DAYS_30": _("30 days"),
    "DAYS_90": _("90 days"),
    "DAYS_180": _("180 days"),
    "YEARS_1": _("1 year"),
}
_SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
_SECONDS_WORDS = {
    "second": _("seconds"),
    "minute": _("minutes"),
    "hour": _("hours"),
    "day": _("days"),
}
_CUSTOM = "custom"


@control(fields.Window)
class WindowControl(Control):
    """One of the named windows, or a number of a unit, which is stored as seconds."""

    def read(self, type_: Any, sent: Sent) -> Any:
        if sent.text == _CUSTOM:
            quantity = read_number(sent.part("quantity").text)
            seconds = _SECONDS.get(sent.part("unit").text, 1)
            return quantity if isinstance(quantity, str) else quantity * seconds
        return None if sent.text == NULL else sent.text or ABSENT

    def show(self, type_: Any, value: Any, place: Place) -> Input:
        named = isinstance(value, str) and value in COMPLETION_WINDOWS
        custom = not named and value is not ABSENT and value is not None
        none = "" if value is ABSENT else NULL
        text = str(value) if named else _CUSTOM if custom else none
        options = [
            *((name, gettext(_WINDOW_WORDS[name])) for name in COMPLETION_WINDOWS),
            (_CUSTOM, gettext("another time")),
            (none, gettext("however long it takes")),
        ]
        parts: dict[str, Input] = {}
        if custom:
            amount, unit = _in_units(value)
            parts["quantity"] = place.at("quantity").input("number", text=amount)
            units = [(name, _SECONDS_WORDS[name]) for name in _SECONDS_WORDS]
            parts["unit"] = _chosen(place.at("unit"), unit, units)
        return place.input(
            "window",
            text=text,
            options=tuple(Option(name, label, name == text) for name, label in options),
            parts=parts,
        )


def _in_units(value: Any) -> tuple[str, str]:
    """A number of seconds as a number of the largest unit that divides it."""
    if not isinstance(value, int) or isinstance(value, bool):
        return number_text(value), "second"
    if value == 0:
        return "0", "second"
    unit = next(name for name, seconds in _SECONDS.items() if value % seconds == 0)
    return str(value // _SECONDS[unit]), unit


@control(fields.Raw)
class RawControl(Control):
    def read(self, type_: Any, sent: Sent) -> Any:
        try:
            return json.loads(sent.text) if sent.text else ABSENT
        except (ValueError, RecursionError):
            return sent.text

    def show(self, type_: Any, value: Any, place: Place) -> Input:
        return place.input("raw", text="" if value is ABSENT else json.dumps(value))
