"""Completion windows, and JSON that is kept as it is."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.controls.plain import (
    choice_of,
    number_refusal,
    number_text,
    read_number,
)
from segments.builder.form_data import FormNode
from segments.builder.inputs import (
    NULL,
    Control,
    Input,
    InputPlace,
    Option,
    control,
)
from segments.definition import fields
from segments.definition.fields import ABSENT, COMPLETION_WINDOWS

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
_TWO_WEEKS = 14 * _SECONDS["day"]
"""What a new condition begins with; offered beside Klaviyo's windows, which lack it."""
_FIRST_CUSTOM = 10 * _SECONDS["day"]
"""What "another time" begins with."""


@control(fields.CompletionWindow)
class WindowControl(Control):
    """One of the named windows, or a number of a unit, which is stored as seconds."""

    def read(self, type_: Any, node: FormNode) -> Any:
        if node.text == _CUSTOM:
            if "quantity" not in node.parts:
                return _FIRST_CUSTOM
            quantity = read_number(node.part("quantity").text)
            seconds = _SECONDS.get(node.part("unit").text, 1)
            return quantity if isinstance(quantity, str) else quantity * seconds
        if node.text == str(_TWO_WEEKS):
            return _TWO_WEEKS
        return None if node.text == NULL else node.text or ABSENT

    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        windows = {name: gettext(_WINDOW_WORDS[name]) for name in COMPLETION_WINDOWS}
        windows[str(_TWO_WEEKS)] = gettext("14 days")
        is_named = (isinstance(value, str) and value in COMPLETION_WINDOWS) or value == _TWO_WEEKS
        custom = not is_named and value is not ABSENT and value is not None
        none = "" if value is ABSENT else NULL
        text = str(value) if isinstance(value, str) else str(_TWO_WEEKS)
        if not is_named:
            text = _CUSTOM if custom else none
        in_order = sorted(windows, key=lambda name: COMPLETION_WINDOWS.get(name, _TWO_WEEKS))
        options = [
            *((name, windows[name]) for name in in_order),
            (_CUSTOM, gettext("another time")),
            (none, gettext("however long it takes")),
        ]
        parts: dict[str, Input] = {}
        if custom:
            amount, unit = _in_units(value)
            quantity = dataclasses.replace(place.at("quantity"), label=gettext("How long"))
            parts["quantity"] = quantity.input("number", text=amount)
            units = [(name, _SECONDS_WORDS[name]) for name in _SECONDS_WORDS]
            of_time = dataclasses.replace(place.at("unit"), label=gettext("Unit"))
            parts["unit"] = choice_of(of_time, unit, units)
        return place.input(
            "window",
            text=text,
            options=tuple(Option(name, label, name == text) for name, label in options),
            parts=parts,
        )

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        if isinstance(value, str):
            return number_refusal(value, message)
        return gettext("The time must be a whole number of seconds, at most 100 years.")


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
    def read(self, type_: Any, node: FormNode) -> Any:
        try:
            return json.loads(node.text) if node.text else ABSENT
        except (ValueError, RecursionError):
            return node.text

    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        return place.input("raw", text="" if value is ABSENT else json.dumps(value))
