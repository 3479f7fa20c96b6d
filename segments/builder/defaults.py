"""Initial values of a new part of a definition, and how gaps are filled.

A gap is filled only where there is one sensible value; what people must choose stays missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from segments.builder.kinds.base import builder_kind_of
from segments.builder.offers import Offer, Operators, operators_of
from segments.builder.operator_groups import NEXT
from segments.definition.fields import (
    Choice,
    Declared,
    FieldType,
    FilterOf,
    Flag,
    Many,
    MetricKey,
    Nested,
    PropertyName,
    Structure,
)
from segments.definition.operators import Filter, filters
from segments.definition.tree import Condition, kinds
from segments.engine.vocabulary import Catalog, Types

Partial = dict[str, Any]

_PREFERRED: tuple[Partial, ...] = (
    {"type": "date", "operator": "alltime"},
    {"type": "numeric", "operator": "greater-than-or-equal"},
    {"type": "string", "operator": "equals"},
    {"type": "boolean", "operator": "equals", "value": True},
    {"type": "list", "operator": "contains-any"},
    {"type": "date", "operator": "in-the-last", "quantity": 30, "unit": "day"},
    {"type": "string", "operator": "in"},
    {"type": "existence", "operator": "is-set"},
)
"""Filters to begin with, the best first."""
_FITTING: Mapping[str, tuple[str, ...]] = {
    "text": ("string",),
    "date": ("date", "string"),
    "instant": ("date",),
    "number": ("numeric",),
    "boolean": ("boolean",),
    "list": ("list",),
    "object": (),
}
"""Type of a property to the types of filters that fit it."""
_PHONE_NUMBER = "phone_number"
_COMES_AGAIN = re.compile(
    r"birth ?_?(day|date)|anniversary|födelse(dag|datum)|namnsdag|urodzin|rocznic|imienin",
    re.IGNORECASE,
)
"""Names of dates that are asked for because they come again each year, in three languages."""
_PASSES = 5


def start(kind: str) -> Partial:
    """A new condition of a kind. Raises KeyError for an unknown kind."""
    return {"type": kind, **_start_structure(kinds[kind], builder_kind_of(kind).start)}


def _start_structure(cls: type[Structure], fields: Mapping[str, Any]) -> Partial:
    document: Partial = {}
    for field in cls.declared():
        if field.name in fields:
            document[field.name] = fields[field.name]
        elif not field.optional:
            value = _start_value(field.type)
            if value is not None:
                document[field.name] = value
    return document


def _start_value(type_: FieldType) -> Any:
    match type_:
        case Choice(options):
            return options[0][0]
        case Flag():
            return True
        case FilterOf(classes):
            return start_filter(operators_of(classes)) if len(classes) < _MANY else None
        case Nested(structure):
            return _start_structure(structure, {})
        case Many(item, least) if least:
            return [_start_value(item)] * least
    return None


_MANY = 10
"""A filter of so many classes depends on a property that must be chosen first."""


def new_item(type_: FieldType) -> Any:
    """A new item of a list: what it is about is left to be chosen."""
    if isinstance(type_, Nested):
        structure: type[Structure] = type_.structure
        flags = (f for f in structure.declared() if isinstance(f.type, Flag))
        return {field.name: True for field in flags if not field.optional}
    return ""


def start_filter(fitting: Operators) -> Partial | None:
    """The filter to begin with among operators; None if there are none."""
    for preferred in _PREFERRED:
        if (preferred["type"], preferred["operator"]) in fitting:
            return dict(preferred)
    for type_, operator in filters:
        if (type_, operator) in fitting:
            return {"type": type_, "operator": operator}
    return None


def fitting_operators(types: Types, classes: tuple[type[Filter], ...], name: str) -> Operators:
    """The operators that fit a property of some types; all of them if its type is not known."""
    allowed = operators_of(classes)
    if name != _PHONE_NUMBER:
        allowed = frozenset(each for each in allowed if not each[1].startswith("phone-"))
    if not types:
        return allowed
    filter_types = {"existence", *(filter_type for t in types for filter_type in _FITTING[t])}
    if "date" not in types and "instant" not in types:
        filter_types.discard("date")
    never = {("date", "alltime"), *(NEXT if types == {"instant"} else ())}
    return frozenset(each for each in allowed if each[0] in filter_types and each not in never)


def property_filter(types: Types, name: str, classes: tuple[type[Filter], ...]) -> Partial | None:
    """The filter to begin with for a property."""
    fitting = fitting_operators(types, classes, name)
    if "date" in types and "text" not in types:
        fitting = frozenset(each for each in fitting if each[0] != "string")
        if _COMES_AGAIN.search(name):
            return {"type": "date", "operator": "anniversary-next", "quantity": 7, "unit": "day"}
    if not types:
        fitting = frozenset({("string", "equals")})
    first = start_filter(fitting)
    return {**first, "ignore_case": True} if first and first["type"] == "string" else first


def settled(partial: Partial, catalog: Catalog) -> Partial:
    """A condition after a choice: without fields that do not belong, and with gaps filled."""
    kind = partial.get("type")
    if not isinstance(kind, str) or kind not in kinds:
        return partial
    cls: type[Condition] = kinds[kind]
    for _pass in range(_PASSES):
        settling = _Settling(catalog, builder_kind_of(kind).offer(partial))
        new = {"type": kind, **settling.structure(cls, partial, "", "")}
        if new == partial:
            break
        partial = new
    return partial


class _Settling:
    """One pass over a condition."""

    def __init__(self, catalog: Catalog, offer: Offer) -> None:
        self._catalog, self._offer = catalog, offer

    def structure(
        self, cls: type[Structure], partial: Mapping[str, Any], pointer: str, metric: str
    ) -> Partial:
        values = {type(field.type): partial.get(field.name) for field in cls.declared()}
        metric = str(values.get(MetricKey) or metric)
        done: Partial = {}
        for field in cls.declared():
            place = f"{pointer}/{field.name}"
            if place in self._offer.without:
                continue
            value = self._value(field, cls, partial, place, metric)
            if value is not _LEFT_AWAY:
                done[field.name] = value
        return done

    def _value(
        self,
        field: Declared,
        cls: type[Structure],
        holder: Mapping[str, Any],
        place: str,
        metric: str,
    ) -> Any:
        value = holder.get(field.name, _LEFT_AWAY)
        match field.type:
            case Choice() if place in self._offer.choices:
                fitting = self._offer.choices[place]
                if value is not _LEFT_AWAY and value not in fitting and fitting:
                    return fitting[0]
            case FilterOf(classes):
                return self._filter(classes, value, field, cls, holder, place, metric)
            case Nested(structure) if isinstance(value, Mapping):
                return self.structure(structure, value, place, metric)
            case Many(Nested(structure)) if isinstance(value, list):
                return [
                    self.structure(structure, item, f"{place}/{i}", metric)
                    if isinstance(item, Mapping)
                    else item
                    for i, item in enumerate(value)
                ]
        return value

    def _filter(
        self,
        classes: tuple[type[Filter], ...],
        value: Any,
        field: Declared,
        cls: type[Structure],
        holder: Mapping[str, Any],
        place: str,
        metric: str,
    ) -> Any:
        if place in self._offer.operators:
            return self._fitting_filter(value, place)
        if value is not _LEFT_AWAY or field.optional:
            return value
        properties = [
            (f.name, f.type.of) for f in cls.declared() if isinstance(f.type, PropertyName)
        ]
        if not properties:
            return start_filter(operators_of(classes)) or value
        name, of = holder.get(properties[0][0]), properties[0][1]
        if not isinstance(name, str) or not name:
            return value
        return property_filter(self._catalog.types(of, name, metric), name, classes) or value

    def _fitting_filter(self, value: Any, place: str) -> Any:
        """The filter if it fits what is offered, else the one to begin with."""
        fitting = self._offer.operators[place]
        current = value if isinstance(value, Mapping) else {}
        if (current.get("type"), current.get("operator")) in fitting:
            return value
        if not current and place in self._offer.may_lack:
            return value
        return self._offer.fills.get(place) or start_filter(fitting) or _LEFT_AWAY


_LEFT_AWAY = object()
