"""Definitions from JSON and back: the only place that reads or writes them.

Iterates over the declared fields. Knows no kind and no filter by name. Reading is in `decoding`.
"""

from __future__ import annotations

import json
from typing import Any as Json
from typing import cast

from segmenter.kernel.errors import Invalid
from segments.definition import conditions as _registered  # noqa: F401
from segments.definition.decoding import Reader
from segments.definition.decoding_values import Frozen
from segments.definition.fields import ABSENT, Structure
from segments.definition.limits import count_conditions, too_deep, too_many
from segments.definition.operators import Filter
from segments.definition.tree import All, Any, Condition, Node, Not


def decode(definition: Json) -> All:
    """Read a definition. Raises Invalid with every problem, each with its JSON pointer.

    A definition that is too deep or has too many conditions is rejected at once, for that alone.
    """
    refusal = too_deep(definition) or too_many(count_conditions(definition))
    if refusal is not None:
        raise Invalid(refusal)
    reader = Reader()
    tree = reader.definition(definition, "", 1, 1)
    if reader.problems or tree is None:
        raise Invalid(*reader.problems)
    return tree


def encode(tree: All) -> dict[str, Json]:
    """Write a tree as JSON, the inverse of `decode`."""
    return cast(dict[str, Json], _encode_node(tree))


def encode_part(structure: Structure) -> dict[str, Json]:
    """Write a condition, a filter or another structure as JSON."""
    document: dict[str, Json] = {}
    if isinstance(structure, Condition | Filter):
        document["type"] = structure.type
    for field in structure.declared():
        value = getattr(structure, field.name)
        if value is not ABSENT:
            document[field.name] = _encode_value(value)
    return document


def _encode_node(node: Node) -> Json:
    match node:
        case All(groups):
            return {"condition_groups": [_encode_node(group) for group in groups]}
        case Any(members):
            return {"conditions": [_encode_node(member) for member in members]}
        case Not(child):
            return {"not": _encode_node(child)}
    return encode_part(node)


def _encode_value(value: Json) -> Json:
    if isinstance(value, Structure):
        return encode_part(value)
    if isinstance(value, tuple):
        return [_encode_value(item) for item in value]
    return json.loads(value.text) if isinstance(value, Frozen) else value
