"""What someone agreed to: profile-marketing-consent and profile-permissions.

A consent or suppression dated after `at` does not exist yet, and nothing is known of what it
replaced.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from . import filters
from .world import Json, World, instant

_SUPPRESSION_FIELDS = {
    "bounce_date": "HARD_BOUNCE",
    "manual_suppression_date": "USER_SUPPRESSED",
    "invalid_email_date": "INVALID_EMAIL",
}
_DATA_CHANNELS = {
    "email": ("email", "marketing"),
    "sms": ("sms", "marketing"),
    "push": ("mobile_push", "marketing"),
    "whatsapp_marketing": ("whatsapp", "marketing"),
    "whatsapp_transactional": ("whatsapp", "transactional"),
}


def marketing_consent(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test whether someone can receive marketing on a channel, and how that came about."""
    consent = condition["consent"]
    channel, wanted = consent["channel"], consent["consent_status"]
    row = _row(world, person, channel, at)
    suppressions = _suppressions(world, person, channel, at)
    status = str(row.get("consent") or "NEVER_SUBSCRIBED").lower()
    if (
        _can_receive(world.people[person], channel, status, suppressions)
        is not consent["can_receive_marketing"]
    ):
        return False
    if wanted["subscription"] not in ("any", status):
        return False
    return all(
        _consent_filter(test, row, suppressions, world, at) for test in wanted.get("filters") or []
    )


def _can_receive(person: Json, channel: str, status: str, suppressions: list[Json]) -> bool:
    if channel == "email":
        return bool(person.get("email")) and status != "unsubscribed" and not suppressions
    if channel == "sms":
        return bool(person.get("phone_number")) and status == "subscribed" and not suppressions
    return status == "subscribed" and not suppressions


def _consent_filter(
    test: Json, row: Json, suppressions: list[Json], world: World, at: datetime
) -> bool:
    field = test["field"]
    if field == "method":
        return _method(test, row, world, at)
    if field in _SUPPRESSION_FIELDS:
        return any(
            filters.passes(one.get("timestamp"), test["filter"], at, world.tz)
            for one in suppressions
            if one["reason"] == _SUPPRESSION_FIELDS[field]
        )
    names = {
        "status_date": "consent_timestamp",
        "is_double_opt_in": "double_optin",
        "custom_source": "custom_method_detail",
        "is_rcs_capable": "is_rcs_capable",
    }
    return filters.passes(row.get(names[field]), test["filter"], at, world.tz)


def _method(test: Json, row: Json, world: World, at: datetime) -> bool:
    if (row.get("method") or "").lower() != test["method"].lower():
        return False
    detail = test.get("filter")
    return detail is None or filters.passes(row.get("method_detail"), detail, at, world.tz)


def permissions(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test whether someone is reachable on WhatsApp, and since when and by which method."""
    row = _row(world, person, condition["channel"], at)
    reachability = row.get("reachability") or {
        "subscribed": "explicitly_reachable",
        "unsubscribed": "explicitly_unreachable",
    }.get(str(row.get("consent")).lower(), "implicitly_unreachable")
    wanted = condition["permission"]["reachable_status"]
    if reachability not in (
        wanted,
        wanted.replace("implicitly_or_", ""),
        wanted.replace("or_explicitly_", ""),
    ):
        return False
    return all(
        _permission_filter(test, row, world, at)
        for test in condition["permission"].get("filters") or []
    )


def _permission_filter(test: Json, row: Json, world: World, at: datetime) -> bool:
    if test["field"] == "subscribe_method":
        return _method(test, row, world, at)
    name = {"effective_date": "consent_timestamp", "recorded_date": "last_updated"}[test["field"]]
    return filters.passes(row.get(name), test["filter"], at, world.tz)


def _row(world: World, person: int, channel: str, at: datetime) -> Json:
    row = _stored(world, person, channel)
    stamp = row.get("consent_timestamp")
    return {} if stamp is not None and instant(stamp) > at else row


def _suppressions(world: World, person: int, channel: str, at: datetime) -> list[Json]:
    return [
        one
        for one in _stored(world, person, channel).get("suppression") or []
        if one.get("timestamp") is None or instant(one["timestamp"]) <= at
    ]


def _stored(world: World, person: int, channel: str) -> Json:
    found: Any = world.people[person].get("subscriptions") or {}
    for name in _DATA_CHANNELS[channel]:
        found = found.get(name) or {}
    row: Json = found
    return row
