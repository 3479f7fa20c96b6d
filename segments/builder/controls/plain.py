"""One value each: texts, dates, keys and names, numbers, truths, choices."""

from __future__ import annotations

import dataclasses
import re
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils.formats import get_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles.columns.instants import parse_iso
from segments.builder.form_data import FormNode
from segments.builder.inputs import (
    Control,
    Input,
    InputPlace,
    Option,
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
    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
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
    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        text = text_of(value)
        kind = "date" if not text or _DAY.fullmatch(text) else "text"
        return place.input(kind, text=text, mark=mark_of(value))

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        if isinstance(value, str) and parse_iso(value) is not None:
            return message
        return gettext("A day is needed here, as 2026-03-01.")


_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@control(fields.MetricKey)
class MetricControl(Control):
    def show(self, type_: Any, value: Any, place: InputPlace) -> Input:
        key = text_of(value)
        words = place.desk.catalog.metric(key) if key else ""
        query, mark = suggest("metric", field=place.step), mark_of(value, None)
        return place.input("pick", text=key, words=words, mark=mark, suggest=query)


@control(fields.PropertyName)
class PropertyControl(Control):
    def show(self, type_: fields.PropertyName, value: Any, place: InputPlace) -> Input:
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

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        if not isinstance(value, str):
            return gettext("Choose a property.")
        return gettext("There is no property “%(name)s”.") % {"name": value}


# --- numbers, truths, choices --------------------------------------------------------------------

_SPACES = r"\s\u00a0\u2009\u202f\u2019'"
"""Separators of groups of three digits, besides a point or a comma."""
_NUMBER = re.compile(
    rf"(?P<sign>[+-]?)(?P<whole>\d{{1,300}}|\d{{1,3}}(?P<group>[{_SPACES}.,])\d{{3}}(?:(?P=group)\d{{3}})*)"
    r"(?:(?P<point>[.,])(?P<decimals>\d{1,300}))?(?P<power>[eE][+-]?\d{1,3})?",
    re.ASCII,
)
_TWO_READINGS = re.compile(r"([+-]?[1-9]\d{0,2})([.,])(\d{3})", re.ASCII)


def readings(text: str) -> tuple[str, ...]:
    """What a text may say in the active language, as Python writes it: mostly one number, or none.

    A single point or comma before three digits begins decimals or thousands. What the language
    writes settles it, unless the last digit is a zero, which nobody writes after a decimal sign.
    """
    plain = text.strip()
    own, thousands = get_format("DECIMAL_SEPARATOR"), get_format("THOUSAND_SEPARATOR")
    doubtful = _TWO_READINGS.fullmatch(plain)
    if doubtful:
        whole, sign, digits = doubtful.groups()
        if sign == thousands:
            return (whole + digits,)
        fraction = f"{whole}.{digits}"
        return (fraction,) if sign == own and digits[-1] != "0" else (fraction, whole + digits)
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return ()
    group, point = match["group"], match["point"]
    if point and (point == group or (point == "," != own and not group)):
        return ()
    whole, decimals = re.sub(r"\D", "", match["whole"]), match["decimals"]
    number = match["sign"] + whole + (f".{decimals}" if point else "") + (match["power"] or "")
    return (number,) if isfinite(float(number)) else ()


def _number(text: str) -> float:
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def read_number(text: str) -> Any:
    """The number in a text; the text itself if it is none, or may be two."""
    numbers = readings(text)
    return _number(numbers[0]) if len(numbers) == 1 else text


def number_text(value: Any) -> str:
    """A number as it is typed in the active language."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return text_of(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return text_of(value).replace(".", get_format("DECIMAL_SEPARATOR"))


def number_refusal(value: Any, message: str) -> str:
    """Why a text is no number; the message where it is a number that does not fit."""
    if not isinstance(value, str):
        return message
    params = {"text": value, "sign": get_format("DECIMAL_SEPARATOR")}
    numbers = readings(value.removesuffix("%"))
    if len(numbers) > 1:
        params["small"], params["large"] = (number_text(_number(each)) for each in numbers)
        text = gettext("“%(text)s” may be %(small)s or %(large)s. Write the one that you mean.")
        return text % params
    if re.fullmatch(r"\s*[+-]?\d+[.,]\d+\s*%?\s*", value):
        return gettext("Decimals are written with “%(sign)s” here.") % params
    return gettext("A number is needed here.")


PERCENT = "percent"
"""The mark of a number that is typed in percent and kept as a share."""


def read_percent(text: str) -> Any:
    """The share for a percentage, to its last digit; the text itself if it is none."""
    numbers = readings(text.strip().removesuffix("%"))
    if len(numbers) != 1:
        return text
    share = Decimal(numbers[0]).scaleb(-2)
    return int(share) if share == share.to_integral_value() else float(share)


def percent_text(share: Any) -> str:
    """A share as it is typed in percent."""
    if isinstance(share, bool) or not isinstance(share, int | float):
        return text_of(share)
    percent = Decimal(str(share)).scaleb(2).normalize() + 0
    return f"{percent:f}".replace(".", get_format("DECIMAL_SEPARATOR"))


@control(fields.Number)
class NumberControl(Control):
    def read(self, type_: fields.Number, node: FormNode) -> Any:
        if not node.text.strip():
            return ABSENT
        return read_percent(node.text) if node.mark == PERCENT else read_number(node.text)

    def show(self, type_: fields.Number, value: Any, place: InputPlace) -> Input:
        if (type_.least, type_.most, type_.whole) == (1, 12, True):
            return choice_of(place, value, [(str(n), name) for n, name in MONTHS])
        offer, filter_ = place.desk.offer, place.inside.rpartition("/")[0]
        if filter_ not in offer.percents:
            return place.input("number", text=number_text(value), mark=mark_of(value))
        bands = offer.bands.get(filter_, "")
        query = suggest(bands, field=filter_.rpartition("/")[2]) if bands else ""
        return place.input(PERCENT, text=percent_text(value), mark=PERCENT, suggest=query)

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        return number_refusal(value, message)


def read_truth(text: str) -> Any:
    return {"true": True, "false": False, "": ABSENT}.get(text, text)


@control(fields.Flag)
class FlagControl(Control):
    def read(self, type_: fields.Flag, node: FormNode) -> Any:
        return read_truth(node.text)

    def show(self, type_: fields.Flag, value: Any, place: InputPlace) -> Input:
        if type_.only is not None and (value is ABSENT or value is type_.only):
            only = Option(text_of(type_.only), place.label, value is type_.only)
            return place.input("check", text=text_of(value), options=(only,))
        return dataclasses.replace(
            choice_of(place, value, [("true", _("yes")), ("false", _("no"))]), kind="flag"
        )

    def refusal(self, type_: fields.Flag, value: Any, message: str) -> str:
        if type_.only is not None:
            return gettext("This can be ticked or not.")
        return message if isinstance(value, bool) else gettext("Choose yes or no.")


def choice_of(place: InputPlace, value: Any, words: list[tuple[str, str]]) -> Input:
    """A choice among (value, label) pairs. What is chosen is offered even if it does not fit."""
    text = number_text(value)
    fitting = place.desk.offer.choices.get(place.inside)
    is_predicted = place.inside in place.desk.offer.predicted
    closed = place.desk.catalog.closed_predictions if is_predicted else {}
    others = place.desk.offer.words.get(place.inside, {})
    options: list[Option] = []
    labels: set[str] = set()
    for name, label in words:
        fits = name == text or (label not in labels and (fitting is None or name in fitting))
        if fits:
            labels.add(label)
            why, current = closed.get(name, ""), name == text
            # A browser does not send what is chosen and disabled.
            words_here = gettext(others.get(name, label))
            options.append(Option(name, words_here, current, why, bool(why) and not current))
    options.sort(key=lambda option: option.group)
    if text and not any(option.chosen for option in options):
        options.append(Option(text, text, chosen=True))
    return place.input("choice", text=text, mark=mark_of(value), options=tuple(options))


@control(fields.Choice)
class ChoiceControl(Control):
    def show(self, type_: fields.Choice, value: Any, place: InputPlace) -> Input:
        return choice_of(place, value, list(type_.options))

    def refusal(self, type_: Any, value: Any, message: str) -> str:
        return gettext("Choose one of what is offered here.")
