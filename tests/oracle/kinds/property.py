"""profile-property: what is known about someone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools
from ..dice import Dice
from ..world import Json, World
from .kind import IS_SET, OLD, WEEK, Kind, Row, text

_FIELDS = frozenset(
    [
        "email",
        "phone_number",
        "external_id",
        "anonymous_id",
        "first_name",
        "last_name",
        "organization",
        "title",
        "locale",
        "image",
        "created",
        "updated",
        "first_active",
        "last_active",
    ]
)
_PATH = re.compile(r"(location|properties)\['((?:[^'\\]|\\.)*)'\]")


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test one property of the person."""
    value = property_value(world.people[person], condition["property"])
    return filters.passes(value, condition["filter"], at, world.tz)


def property_value(person: Json, path: str) -> Any:
    """Return what a property path names in a person, None when unset."""
    if path in _FIELDS:
        return person.get(path)
    match = _PATH.fullmatch(path)
    if match is None:
        raise ValueError(f"not a property: {path!r}")
    branch, name = match.groups()
    return (person.get(branch) or {}).get(re.sub(r"\\(.)", r"\1", name))


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-property condition on any built-in or custom property."""
    dated = ["Birthday", "created"] * 5
    name = dice.one([*pools.PROPERTIES * 2, *dated, *_BUILT_IN, "Never used"])
    if name in _BUILT_IN:
        unset = dice.chance(5)
        filter_ = draw_filters.existence(dice) if unset else _BUILT_IN[name](dice, at, zone)
        path, filter_ = name, draw_filters.with_unset(dice, filter_)
    else:
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        path, filter_ = f"properties['{quoted}']", draw_filters.suited(dice, name, at, zone)
    return {"type": "profile-property", "property": path, "filter": filter_}


def _text(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw_filters.string(dice)


def _phone(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw_filters.phone(dice)


def _name(dice: Dice, _at: datetime, _zone: str) -> Json:
    filter_: Json = {
        "type": "string",
        "operator": dice.one(["equals", "not-equals", "starts-with", "not-contains", "ends-with"]),
        "value": dice.one(["Ann", "Bo", "Åsa", "ann"]),
    }
    return filter_ | {"ignore_case": True} if dice.chance(2) else filter_


def _city(dice: Dice, _at: datetime, _zone: str) -> Json:
    cities = dice.some(list(pools.POINTS), 1, 4)
    return {"type": "string", "operator": dice.one(["in", "not-in"]), "value": cities}


def _zip(dice: Dice, _at: datetime, _zone: str) -> Json:
    operators = ["starts-with", "equals", "not-contains", "not-equals"]
    literal = dice.one(["1", "02108", "111 20", "0"])
    return {"type": "string", "operator": dice.one(operators), "value": literal}


def _latitude(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw_filters.number(dice, [0, 20, 42.3601, 58, -33.8688])


def _organization(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw_filters.existence(dice)


_BUILT_IN: dict[str, Callable[[Dice, datetime, str], Json]] = {
    "email": _text,
    "phone_number": _phone,
    "first_name": _name,
    "title": _text,
    "created": draw_filters.date,
    "organization": _organization,
    "location['city']": _city,
    "location['zip']": _zip,
    "location['latitude']": _latitude,
}


def prop(path: str, filter_: Json) -> Json:
    return {"type": "profile-property", "property": path, "filter": filter_}


ANN: Json = {
    "email": "ann@example.com",
    "first_name": "Ann",
    "created": "2026-03-09T10:00:00Z",
    "location": {"city": "Boston", "latitude": 42.36, "longitude": -71.06},
    "properties": {"Favourite colour": "blue", "Tom's": 1, "a\\b": 2, "none": None, "a": {"b": 1}},
}
BIG = {"type": "numeric", "operator": "greater-than", "value": 0}
ROWS = [
    ("email", text("ends-with", "@example.com"), True),
    ("first_name", text("equals", "ann"), False),
    ("last_name", {"type": "existence", "operator": "not-set"}, True),
    ("last_name", text("not-equals", "Smith"), False),
    ("created", WEEK, True),
    ("created", OLD, False),
    ("location['city']", text("equals", "Boston"), True),
    ("location['latitude']", BIG, True),
    ("location['zip']", IS_SET, False),
    ("properties['Favourite colour']", text("in", ["red", "blue"]), True),
    (r"properties['Tom\'s']", BIG, True),
    (r"properties['a\\b']", BIG, True),
    ("properties['none']", IS_SET, False),
    ("properties['missing']", IS_SET, False),
    ("properties['a']", IS_SET, True),
    ("properties['a']", BIG, False),
]

KIND = Kind(
    "profile-property",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"identity", "address", "properties"}),
    rows=[Row(prop(path, filter_), inside, ANN) for path, filter_, inside in ROWS],
)
