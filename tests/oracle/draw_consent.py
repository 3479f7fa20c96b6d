"""Drawing consent and permission conditions, by the literals of the grammar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from . import draw_filters as draw
from . import pools
from .dice import Dice
from .world import Json

# A method "x" takes an optional filter "in", "x=" an optional "equals", "x!" none at all.
_EMAIL_ON = [
    "form",
    "preference_page=",
    "api",
    "manual_import",
    "manual_add",
    "inbound_message!",
    "back_in_stock!",
    "sftp!",
    "integration:shopify",
]
_EMAIL_OFF = [
    "api",
    "inbound_message!",
    "preference_page!",
    "manual_remove!",
    "spam_complaint!",
    "mailbox_provider!",
    "one_click_unsubscribe!",
    "manual_import!",
    "sftp!",
    "data_warehouse_import!",
    "profile_modification!",
    "integration:constant_contact",
]
_SMS_ON = [
    "form",
    "manual_import",
    "manual_add",
    "checkout!",
    "inbound_message!",
    "preference_page=",
    "sftp!",
    "integration:shopify",
]
_SMS_OFF = [
    "form",
    "manual_import",
    "manual_add",
    "manual_remove!",
    "bulk_remove!",
    "checkout!",
    "carrier_deactivation!",
    "provided_landline!",
    "message_blocked!",
    "provided_no_age!",
    "failed_age_gate!",
    "inbound_message!",
    "preference_page!",
    "sftp!",
    "integration:shopify",
]
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
_STATUSES = [
    *[("email", True, "subscribed", "email on")] * 3,
    ("email", True, "any", ""),
    ("email", True, "never_subscribed", ""),
    ("email", False, "any", "suppression"),
    ("email", False, "never_subscribed", "suppression"),
    ("email", False, "subscribed", "suppression"),
    ("email", False, "unsubscribed", "suppression"),
    ("email", False, "unsubscribed", "email off"),
    ("sms", True, "subscribed", "sms on"),
    ("sms", False, "any", ""),
    ("sms", False, "never_subscribed", ""),
    ("sms", False, "unsubscribed", "sms off"),
    ("push", True, "any", "date"),
    ("push", False, "any", ""),
]
_SUPPRESSION_FIELDS = ["bounce_date", "manual_suppression_date", "invalid_email_date"]


def marketing_consent(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-marketing-consent condition of any channel and status."""
    channel, receives, subscription, tests = dice.one(_STATUSES)
    status: Json = {"subscription": subscription}
    needed = (channel, receives) == ("email", False) and subscription in (
        "never_subscribed",
        "subscribed",
    )
    if tests and (needed or not dice.chance(3)):
        status["filters"] = [
            _tests(tests)(dice, at, zone)
            for _ in range(1 if tests == "date" or not dice.chance(3) else 2)
        ]
    return {
        "type": "profile-marketing-consent",
        "consent": {
            "channel": channel,
            "can_receive_marketing": receives,
            "consent_status": status,
        },
    }


def _tests(name: str) -> Callable[[Dice, datetime, str], Json]:
    def on(dice: Dice, at: datetime, zone: str) -> Json:
        kind = dice.up_to(3 if name == "email on" else 2)
        if kind == 0:
            return _method(dice, "method", _EMAIL_ON if name == "email on" else _SMS_ON)
        if kind == 1:
            return _dated(dice, "status_date", at, zone)
        if kind == 2:
            flag = "is_double_opt_in" if name == "email on" else "is_rcs_capable"
            return {"field": flag, "filter": draw.boolean(dice)}
        source = {"type": "string", "operator": "equals", "value": dice.one(pools.SOURCES)}
        return {"field": "custom_source", "filter": source}

    def off(dice: Dice, at: datetime, zone: str) -> Json:
        if dice.chance(2):
            return _dated(dice, "status_date", at, zone)
        return _method(dice, "method", _EMAIL_OFF if name == "email off" else _SMS_OFF)

    def date(dice: Dice, at: datetime, zone: str) -> Json:
        return _dated(dice, "status_date", at, zone)

    kinds = {"suppression": _suppression, "date": date}
    return kinds.get(name) or (on if name.endswith("on") else off)


def _method(dice: Dice, field: str, choices: list[str]) -> Json:
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


def _dated(dice: Dice, field: str, at: datetime, zone: str) -> Json:
    return {"field": field, "filter": draw.date(dice, at, zone)}


def _suppression(dice: Dice, at: datetime, zone: str) -> Json:
    field = dice.one(_SUPPRESSION_FIELDS)
    if dice.chance(2):
        return {"field": field, "filter": {"type": "existence", "operator": "is-set"}}
    return _dated(dice, field, at, zone)


def permissions(dice: Dice, at: datetime, zone: str) -> Json:
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
        return _method(dice, "subscribe_method", _WHATSAPP)
    return _dated(dice, dice.one(["effective_date", "recorded_date"]), at, zone)
