"""The catalogue of all condition kinds, their fields and their filters, as Markdown.

Generated from the declarations alone. Always English.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any as Json

from django.utils import translation

from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.definition.fields import (
    Choice,
    CompletionWindow,
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
    Raw,
    Scalar,
    Scalars,
    Structure,
    Text,
    Texts,
)
from segments.definition.operators import ANY, Filter, filters
from segments.definition.tree import Condition, kinds

_INTRODUCTION = """\
<!-- Made by `python manage.py condition_catalogue`; a test holds the two equal. -->
# Conditions

A definition is groups joined by AND; a group is conditions joined by OR. A member of a group may
be a definition itself, or `{"not": member}`.

```json
{"condition_groups": [{"conditions": [{"type": "...", "...": "..."}]}]}
```

This page lists every kind of condition with its fields, and every filter with its operators. In a
file that is given to a command, `"metric": "Placed Order"` may stand for `metric_id` and
`"groups": ["Newsletter"]` for `group_ids`; the examples here have names in place of keys, too.
"""


def catalogue() -> str:
    """Everything that a definition can say, as one Markdown page."""
    with translation.override("en"):
        return "\n".join(
            [
                _INTRODUCTION,
                "## Kinds\n",
                *(_kind(kinds[name]) for name in kinds),
                "## Filters\n",
                "Any filter may carry `include_unset: true`: what is not set matches, too.\n",
                *(_filters(type_) for type_ in dict.fromkeys(type_ for type_, _ in filters)),
            ]
        )


def _kind(kind: type[Condition]) -> str:
    lines = [f"### {kind.title}\n", f"`{kind.type}`\n"]
    if kind.unsupported:
        lines.append(f"{kind.unsupported}\n")
    lines += _table(("field", "", "value"), _fields(kind))
    lines.append("")
    for example in kind.examples:
        condition = {"type": kind.type, **example}
        tree = decode({"condition_groups": [{"conditions": [condition]}]})
        lines.append(f"> {describe(tree, _ExampleNames())}\n")
        lines.append(f"```json\n{json.dumps(condition, indent=2, ensure_ascii=False)}\n```\n")
    return "\n".join(lines)


class _ExampleNames:
    """Names of the examples, which have names in place of keys."""

    def metric(self, key: str) -> str:
        return key

    def group(self, key: str) -> str:
        return key


def _fields(structure: type[Structure], path: str = "") -> Iterator[tuple[str, str, str]]:
    for field in structure.declared():
        place = path + field.name
        below = field.type
        if isinstance(below, Many):
            place, below = f"{place}[]", below.item
        yield f"`{place}`", field.label, _value(field)
        if isinstance(below, Nested):
            yield from _fields(below.structure, f"{place}.")


def _value(field: Declared) -> str:
    text = _TYPE_TEXTS[type(field.type)](field.type)
    notes = [text] if text else []
    if field.optional:
        notes.append("optional")
    elif field.nullable:
        notes.append("may be null")
    return "; ".join(notes)


def _codes(names: Iterator[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _number(type_: Number) -> str:
    text = "whole number" if type_.whole else "number"
    bounds = [f"{bound:,.0f}" for bound in (type_.least, type_.most)]
    return text if abs(type_.most) >= 1e15 else f"{text}, {bounds[0]} to {bounds[1]}"


def _filter_types(type_: FilterOf) -> str:
    if type_.classes == ANY:
        return "any filter"
    operators: dict[str, list[str]] = {}
    for (name, operator), cls in filters.items():
        if cls in type_.classes:
            operators.setdefault(name, []).append(operator)
    return "; ".join(f"{name} filter: {_codes(tuple(o))}" for name, o in operators.items())


def _many(type_: Many) -> str:
    item = _TYPE_TEXTS[type(type_.item)](type_.item)
    return f"list of {type_.least} to {type_.most}" + (f": {item}" if item else "")


_TYPE_TEXTS: dict[type[FieldType], Callable[[Json], str]] = {
    Choice: lambda type_: _codes(name for name, _label in type_.options),
    DateText: lambda type_: "date or date-time (ISO 8601)",
    FilterOf: _filter_types,
    Flag: lambda type_: "`true`" if type_.only else "`true`, `false`",
    GroupKeys: lambda type_: "keys of lists and segments",
    Many: _many,
    MetricKey: lambda type_: "key of a metric",
    Nested: lambda type_: "",
    Number: _number,
    Pattern: lambda type_: "text",
    PropertyName: lambda type_: f"name of a property of the {type_.of}",
    Raw: lambda type_: "anything",
    Scalar: lambda type_: "text, number or boolean",
    Scalars: lambda type_: "list of texts, numbers and booleans",
    Text: lambda type_: "text",
    Texts: lambda type_: "list of texts",
    CompletionWindow: lambda type_: (
        "a number of seconds, one of Klaviyo's names (`DAYS_30`), or null"
    ),
}


def _filters(type_: str) -> str:
    rows = []
    for (name, operator), cls in filters.items():
        if name == type_:
            fields = [f for f in cls.declared() if f.name not in ("operator", "include_unset")]
            values = "; ".join(f"`{f.name}`: {_value(f)}" for f in fields)
            rows.append((f"`{operator}`", values, _phrase(cls, operator)))
    return "\n".join([f"### {type_}\n", *_table(("operator", "fields", "reads"), rows), ""])


_EXAMPLES: dict[type[FieldType], Json] = {
    DateText: "2026-03-01",
    Flag: True,
    Number: 5,
    Pattern: "spring",
    Scalar: "spring",
    Scalars: ("spring", "autumn"),
    Text: "spring",
    Texts: ("SE", "PL"),
}


def _phrase(cls: type[Filter], operator: str) -> str:
    values: dict[str, Json] = {"operator": operator}
    for field in cls.declared():
        if field.name in values or field.optional:
            continue
        values[field.name] = (
            field.type.options[1][0]
            if isinstance(field.type, Choice)
            else _EXAMPLES[type(field.type)]
        )
    if "start" in values:
        values["start"] = 3 if isinstance(values["start"], int) else "2026-02-01"
    return f"… {cls(**values).phrase()}"


def _table(head: tuple[str, ...], rows: Json) -> list[str]:
    lines = [head, tuple("---" for _ in head), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines]
