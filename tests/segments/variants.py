"""Conditions and filters made from what they declare, so that no test lists the kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any as Json

from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.fields import (
    Absent,
    Choice,
    DateText,
    Declared,
    FieldType,
    FilterOf,
    Flag,
    GroupKeys,
    Many,
    MetricKey,
    Nested,
    Number,
    Pattern,
    PropertyName,
    Scalar,
    Scalars,
    Structure,
    Text,
    Texts,
)
from segments.definition.operators import Filter, filters
from segments.definition.paths import parse_path
from segments.definition.tree import Condition, conditions, kinds

_STARTS = {DateText: "2026-03-02", Number: 4}
"""The values of the first of two ends, so that it differs from the second."""
_VALUES: dict[type[FieldType], list[Json]] = {
    DateText: ["2027-05-08"],
    Number: [7],
    Pattern: ["spring"],
    Text: ["spring"],
    Texts: [["spring", "autumn"]],
    Scalars: [["spring", 9, True]],
    Scalar: ["spring", 9, True],
}


def filter_variants(cls: type[Filter], operator: str) -> Iterator[dict[str, Json]]:
    """Filters with the operator: one for each unit, boolean and shape of value."""
    variants: list[dict[str, Json]] = [{"type": cls.type, "operator": operator}]
    for field in cls.declared():
        if field.name != "operator" and not field.optional:
            variants = [{**f, field.name: value} for f in variants for value in _values(field)]
    yield from variants


def _values(field: Declared) -> list[Json]:
    if isinstance(field.type, Choice):
        return [name for name, _label in field.type.options]
    if isinstance(field.type, Flag):
        return [True, False] if field.type.only is None else [field.type.only]
    if field.name == "start":
        return [_STARTS[type(field.type)]]
    return _VALUES[type(field.type)]


def condition_variants(name: str) -> list[Condition]:
    """The examples of a kind, and all that differ from one in a single choice, flag or filter."""
    kind = kinds[name]
    variants: dict[Condition, None] = {}
    for example in kind.examples:
        whole = {"type": name, **example}
        variants[as_condition(whole)] = None
        for variant in _variants(kind, whole):
            try:
                variants[as_condition(variant)] = None
            except Invalid:
                continue  # what is chosen does not go together with the rest
    return list(variants)


def as_condition(condition: dict[str, Json]) -> Condition:
    """Read a condition from JSON. Raises Invalid."""
    tree = decode({"condition_groups": [{"conditions": [condition]}]})
    return next(node for _pointer, node in conditions(tree))


def _variants(structure: type[Structure], whole: dict[str, Json]) -> Iterator[dict[str, Json]]:
    for field in structure.declared():
        if field.name not in whole:
            continue

        def with_value(value: Json, name: str = field.name) -> dict[str, Json]:
            return {**deepcopy(whole), name: value}

        yield from _other_values(field.type, whole[field.name], with_value)


def _other_values(
    type_: FieldType, value: Json, with_value: Callable[[Json], dict[str, Json]]
) -> Iterator[dict[str, Json]]:
    match type_:
        case Choice(options):
            yield from (with_value(name) for name, _label in options)
        case Flag(only=None):
            yield with_value(not value)
        case FilterOf(classes):
            for (_type, operator), cls in filters.items():
                if cls in classes:
                    yield from (with_value(other) for other in filter_variants(cls, operator))
        case Nested(structure):
            yield from (with_value(other) for other in _variants(structure, value))
        case Many(item):
            for i, each in enumerate(value):
                yield from _other_values(item, each, _put_at(with_value, value, i))


def _put_at(
    with_value: Callable[[Json], dict[str, Json]], items: list[Json], i: int
) -> Callable[[Json], dict[str, Json]]:
    return lambda other: with_value([*items[:i], other, *items[i + 1 :]])


def literals(structure: Structure) -> Iterator[tuple[FieldType, Json]]:
    """What a person put into the structure and all below it, each with its type."""
    for field in structure.declared():
        value = getattr(structure, field.name)
        if value is not None and not isinstance(value, Absent):
            yield from _literals(field.type, value)


def _literals(type_: FieldType, value: Json) -> Iterator[tuple[FieldType, Json]]:
    match type_:
        case FilterOf() | Nested():
            yield from literals(value)
        case Many(item):
            for each in value:
                yield from _literals(item, each)
        case Texts() | Scalars() | GroupKeys():
            yield from ((Scalar(), each) for each in value)
        case PropertyName(of="profile"):
            path = parse_path(value)
            assert path is not None
            if path.custom:
                yield Text(), path.name
        case Text() | Pattern() | MetricKey() | PropertyName():
            yield Text(), value
        case Scalar() | Number() | DateText():
            yield type_, value
