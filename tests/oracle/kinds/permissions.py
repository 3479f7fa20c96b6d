"""profile-permissions: who is reachable on WhatsApp, since when and by which method."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .. import filters
from ..dice import Dice
from ..world import Json, World
from .consent import by_method, draw_dated, draw_method, row_of
from .kind import OLD, WEEK, Kind, Row

_WHATSAPP = [
    "form",
    "api!",
    "preference_page!",
    "manual_import!",
    "manual_add!",
    "integration!",
    "sftp!",
    "checkout!",
    "woocommerce!",
]


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test whether someone is reachable on WhatsApp, and since when and by which method."""
    row = row_of(world, person, condition["channel"], at)
    reachability = row.get("reachability") or {
        "subscribed": "explicitly_reachable",
        "unsubscribed": "explicitly_unreachable",
    }.get(str(row.get("consent")).lower(), "implicitly_unreachable")
    status = condition["permission"]["reachable_status"]
    if reachability not in (
        status,
        status.replace("implicitly_or_", ""),
        status.replace("or_explicitly_", ""),
    ):
        return False
    return all(
        _permission_filter(test, row, world, at)
        for test in condition["permission"].get("filters") or []
    )


def _permission_filter(test: Json, row: Json, world: World, at: datetime) -> bool:
    if test["field"] == "subscribe_method":
        return by_method(test, row, world, at)
    name = {"effective_date": "consent_timestamp", "recorded_date": "last_updated"}[test["field"]]
    return filters.passes(row.get(name), test["filter"], at, world.tz)


def draw(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-permissions condition; only explicit ones carry filters."""
    explicit = ["explicitly_reachable", "explicitly_unreachable"]
    others = ["reachable", "unreachable"]
    status = dice.one(
        [
            *explicit * 2,
            *(f"implicitly_{other}" for other in others),
            *(f"implicitly_or_explicitly_{other}" for other in others),
        ]
    )
    permission: Json = {"reachable_status": status}
    if status in explicit:
        permission["filters"] = [
            _permission_test(dice, at, zone) for _ in range(2 if dice.chance(4) else 1)
        ]
    return {
        "type": "profile-permissions",
        "channel": dice.one(["whatsapp_marketing", "whatsapp_transactional"]),
        "permission": permission,
    }


def _permission_test(dice: Dice, at: datetime, zone: str) -> Json:
    if dice.chance(2):
        return draw_method(dice, "subscribe_method", _WHATSAPP)
    return draw_dated(dice, dice.one(["effective_date", "recorded_date"]), at, zone)


def reachable(status: str, *filters: Json, channel: str = "whatsapp_marketing") -> Json:
    permission: Json = {"reachable_status": status, "filters": list(filters)}
    return {"type": "profile-permissions", "channel": channel, "permission": permission}


def whatsapp(reachability: str | None, **more: Any) -> Json:
    row = {"reachability": reachability, "consent_timestamp": "2026-03-09T00:00:00Z", **more}
    return {"subscriptions": {"whatsapp": {"marketing": row}}}


EFFECTIVE = {"field": "effective_date", "filter": WEEK}
ROWS: list[tuple[Json, Json, bool]] = [
    (reachable("explicitly_reachable", EFFECTIVE), whatsapp("explicitly_reachable"), True),
    (reachable("explicitly_reachable"), whatsapp("implicitly_reachable"), False),
    (reachable("implicitly_reachable"), whatsapp("implicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("explicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("implicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("explicitly_unreachable"), False),
    (reachable("implicitly_or_explicitly_unreachable"), whatsapp("implicitly_unreachable"), True),
    # Where no permission is stored: by the consent; without one nobody is reachable.
    (reachable("implicitly_unreachable"), {}, True),
    (reachable("implicitly_reachable"), {}, False),
    (reachable("explicitly_reachable"), whatsapp(None, consent="SUBSCRIBED"), True),
    (reachable("explicitly_unreachable"), whatsapp(None, consent="UNSUBSCRIBED"), True),
    (reachable("implicitly_unreachable"), whatsapp(None, consent="NEVER_SUBSCRIBED"), True),
    (reachable("implicitly_reachable"),
        whatsapp("implicitly_reachable", consent="SUBSCRIBED"), True),
    (reachable("explicitly_reachable", channel="whatsapp_transactional"),
        whatsapp("explicitly_reachable"), False),
    (reachable("explicitly_reachable"),
        whatsapp("explicitly_reachable", consent_timestamp="2026-03-11T00:00Z"), False),
    (reachable("explicitly_reachable", {"field": "recorded_date", "filter": OLD}),
        whatsapp("explicitly_reachable", last_updated="2026-01-01T00:00Z"), True),
    (reachable("explicitly_reachable", {"field": "subscribe_method", "method": "checkout"}),
        whatsapp("explicitly_reachable", method="CHECKOUT"), True),
]  # fmt: skip  # fmt: skip

KIND = Kind(
    "profile-permissions",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"consent"}),
    rows=[Row(condition, inside, person) for condition, person, inside in ROWS],
)
