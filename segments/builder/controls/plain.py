"""One value each: texts, dates, keys and names, numbers, truths, choices."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segments.builder.form_data import Sent
from segments.builder.inputs import (
    Control,
    Input,
    Option,
    Place,
    control,
    mark_of,
    suggest,
    text_of,
)
from segments.definition import fields
from segments.definition.fields import ABSENT
from segments.definition.operators.dates import MONTHS


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
            return choice_of(place, value, [(str(n), name) for n, name in MONTHS])
        return place.input("number", text=number_text(value), mark=mark_of(value))


def read_truth(text: str) -> Any:
    return {"true": True, "false": False, "": ABSENT}.get(text, text)


@control(fields.Flag)
class FlagControl(Control):
    def read(self, type_: fields.Flag, sent: Sent) -> Any:
        return read_truth(sent.text)

    def show(self, type_: fields.Flag, value: Any, place: Place) -> Input:
        if type_.only is not None and (value is ABSENT or value is type_.only):
            only = Option(text_of(type_.only), place.label, value is type_.only)
            return place.input("check", text=text_of(value), options=(only,))
        return dataclasses.replace(
            choice_of(place, value, [("true", _("yes")), ("false", _("no"))]), kind="flag"
        )


def choice_of(place: Place, value: Any, words: list[tuple[str, str]]) -> Input:
    """A choice among (value, label) pairs. What is chosen is offered even if it does not fit."""
    text = number_text(value)
    fitting = place.desk.offer.choices.get(place.inside)
    is_predicted = place.inside in place.desk.offer.predicted
    closed = place.desk.catalog.closed_predictions if is_predicted else {}
    options: list[Option] = []
    labels: set[str] = set()
    for name, label in words:
        fits = name == text or (label not in labels and (fitting is None or name in fitting))
        if fits:
            labels.add(label)
            why, chosen = closed.get(name, ""), name == text
            # A browser does not send what is chosen and disabled.
            options.append(Option(name, gettext(label), chosen, why, bool(why) and not chosen))
    options.sort(key=lambda option: option.group)
    if text and not any(option.chosen for option in options):
        options.append(Option(text, text, chosen=True))
    return place.input("choice", text=text, mark=mark_of(value), options=tuple(options))


@control(fields.Choice)
class ChoiceControl(Control):
    def show(self, type_: fields.Choice, value: Any, place: Place) -> Input:
        return choice_of(place, value, list(type_.options))
