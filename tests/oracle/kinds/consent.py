"""What the kinds about consent share: which statements exist, and their methods.

A consent or suppression dated after `at` does not exist yet, and nothing is known of what it
replaced.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools
from ..dice import Dice
from ..world import Json, World, instant

# A method "x" takes an optional filter "in", "x=" an optional "equals", "x!" none at all.
_DATA_CHANNELS = {
    "email": ("email", "marketing"),
    "sms": ("sms", "marketing"),
    "push": ("mobile_push", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_transactional": ("whatsapp", "transactional"),
}


def by_method(test: Json, row: Json, world: World, at: datetime) -> bool:
    if (row.get("method") or "").lower() != test["method"].lower():
        return False
    detail = test.get("filter")
    return detail is None or filters.passes(row.get("method_detail"), detail, at, world.tz)


def row_of(world: World, person: int, channel: str, at: datetime) -> Json:
    row = _subscription(world, person, channel)
    stamp = row.get("consent_timestamp")
    return {} if stamp is not None and instant(stamp) > at else row


def suppressions_of(world: World, person: int, channel: str, at: datetime) -> list[Json]:
    return [
        one
        for one in _subscription(world, person, channel).get("suppression") or []
        if one.get("timestamp") is None or instant(one["timestamp"]) <= at
    ]


def _subscription(world: World, person: int, channel: str) -> Json:
    facts: Any = world.people[person].get("subscriptions") or {}
    for name in _DATA_CHANNELS[channel]:
        facts = facts.get(name) or {}
    row: Json = facts
    return row


def draw_method(dice: Dice, field: str, choices: list[str]) -> Json:
    name, _, integration = dice.one(choices).partition(":")
    test: Json = {"field": field, "method": name.rstrip("=!")}
    if integration:
        return test | {"filter": {"type": "string", "operator": "in", "value": [integration]}}
    if name.endswith("!") or not dice.chance(2):
        return test
    if name.endswith("="):
        detail = dice.one(pools.METHOD_DETAILS)
        return test | {"filter": {"type": "string", "operator": "equals", "value": detail}}
    details = dice.some(pools.METHOD_DETAILS, 1, 3)
    return test | {"filter": {"type": "string", "operator": "in", "value": details}}


def draw_dated(dice: Dice, field: str, at: datetime, zone: str) -> Json:
    return {"field": field, "filter": draw_filters.date(dice, at, zone)}
