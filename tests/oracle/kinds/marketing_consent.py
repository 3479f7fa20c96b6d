"""profile-marketing-consent: who may be written to on a channel, and how that came about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .. import draw_filters, filters, pools
from ..dice import Dice
from ..world import Json, World
from .consent import by_method, draw_dated, draw_method, row_of, suppressions_of
from .kind import IS_SET, OLD, WEEK, Kind, Row, text

_SUPPRESSION_FIELDS = {
    "bounce_date": "HARD_BOUNCE",
    "manual_suppression_date": "USER_SUPPRESSED",
    "invalid_email_date": "INVALID_EMAIL",
}
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


def meets(condition: Json, world: World, person: int, at: datetime) -> bool:
    """Test whether someone can receive marketing on a channel, and how that came about."""
    consent = condition["consent"]
    channel, statuses = consent["channel"], consent["consent_status"]
    row = row_of(world, person, channel, at)
    suppressions = suppressions_of(world, person, channel, at)
    status = str(row.get("consent") or "NEVER_SUBSCRIBED").lower()
    if (
        _can_receive(world.people[person], channel, status, suppressions)
        is not consent["can_receive_marketing"]
    ):
        return False
    if statuses["subscription"] not in ("any", status):
        return False
    return all(
        _consent_filter(test, row, suppressions, world, at)
        for test in statuses.get("filters") or []
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
        return by_method(test, row, world, at)
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


def draw(dice: Dice, at: datetime, zone: str) -> Json:
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
            return draw_method(dice, "method", _EMAIL_ON if name == "email on" else _SMS_ON)
        if kind == 1:
            return draw_dated(dice, "status_date", at, zone)
        if kind == 2:
            flag = "is_double_opt_in" if name == "email on" else "is_rcs_capable"
            return {"field": flag, "filter": draw_filters.boolean(dice)}
        source = {"type": "string", "operator": "equals", "value": dice.one(pools.SOURCES)}
        return {"field": "custom_source", "filter": source}

    def off(dice: Dice, at: datetime, zone: str) -> Json:
        if dice.chance(2):
            return draw_dated(dice, "status_date", at, zone)
        return draw_method(dice, "method", _EMAIL_OFF if name == "email off" else _SMS_OFF)

    def date(dice: Dice, at: datetime, zone: str) -> Json:
        return draw_dated(dice, "status_date", at, zone)

    kinds = {"suppression": _suppression, "date": date}
    return kinds.get(name) or (on if name.endswith("on") else off)


def _suppression(dice: Dice, at: datetime, zone: str) -> Json:
    field = dice.one(list(_SUPPRESSION_FIELDS))
    if dice.chance(2):
        return {"field": field, "filter": {"type": "existence", "operator": "is-set"}}
    return draw_dated(dice, field, at, zone)


def consent(channel: str, receives: bool, subscription: str, *filters: Json) -> Json:
    status: Json = {"subscription": subscription}
    if filters:
        status["filters"] = list(filters)
    return {
        "type": "profile-marketing-consent",
        "consent": {
            "channel": channel,
            "can_receive_marketing": receives,
            "consent_status": status,
        },
    }


def agreed(channel: str, status: str | None, reason: str | None = None, **more: Any) -> Json:
    row: Json = {"consent_timestamp": "2026-03-09T00:00:00Z", **more}
    if status:
        row["consent"] = status
    if reason:
        row["suppression"] = [{"reason": reason, "timestamp": "2026-03-09T00:00:00Z"}]
    return {"subscriptions": {channel: {"marketing": row}}}


MAIL, PHONE = {"email": "a@example.com"}, {"phone_number": "+46701740605"}
ON, OFF = "SUBSCRIBED", "UNSUBSCRIBED"
FORM = {"field": "method", "method": "form"}
SUMMER = FORM | {"filter": text("in", ["Summer"])}
BOUNCED = {"field": "bounce_date", "filter": IS_SET}
ROWS: list[tuple[Json, Json, bool]] = [
    (consent("email", True, "any"), MAIL, True),
    (consent("email", True, "never_subscribed"), MAIL, True),
    (consent("email", True, "subscribed"), MAIL, False),
    (consent("email", True, "any"), {}, False),
    (consent("email", False, "any"), {}, True),
    (consent("email", False, "any"), MAIL, False),
    (consent("email", True, "subscribed"), MAIL | agreed("email", ON), True),
    (consent("email", True, "any"), MAIL | agreed("email", OFF), False),
    (consent("email", False, "unsubscribed"), MAIL | agreed("email", OFF), True),
    (consent("email", True, "subscribed"), MAIL | agreed("email", ON, "HARD_BOUNCE"), False),
    (consent("email", False, "subscribed", BOUNCED),
        MAIL | agreed("email", ON, "HARD_BOUNCE"), True),
    (consent("email", False, "subscribed", BOUNCED),
        MAIL | agreed("email", ON, "SPAM_COMPLAINT"), False),
    (consent("email", False, "any", {"field": "manual_suppression_date", "filter": WEEK}),
        MAIL | agreed("email", None, "USER_SUPPRESSED"), True),
    (consent("email", False, "any", {"field": "invalid_email_date", "filter": OLD}),
        MAIL | agreed("email", None, "INVALID_EMAIL"), False),
    # What is dated after now does not exist yet.
    (consent("email", True, "never_subscribed"),
        MAIL | agreed("email", ON, consent_timestamp="2026-03-11T00:00:00Z"), True),
    (consent("email", True, "any"), MAIL | agreed(
        "email", None, suppression=[{"reason": "HARD_BOUNCE", "timestamp": "2026-03-11T00:00Z"}]),
        True),
    # A statement without a date holds, but is in no window.
    (consent("email", True, "subscribed"),
        MAIL | agreed("email", ON, consent_timestamp=None), True),
    (consent("email", False, "unsubscribed"),
        MAIL | agreed("email", OFF, consent_timestamp=None), True),
    (consent("email", True, "subscribed", {"field": "status_date", "filter": WEEK}),
        MAIL | agreed("email", ON, consent_timestamp=None), False),
    (consent("email", True, "subscribed", {"field": "status_date", "filter": OLD}),
        MAIL | agreed("email", ON, consent_timestamp=None), False),
    # Filters, all of which must hold.
    (consent("email", True, "subscribed", FORM), MAIL | agreed("email", ON, method="FORM"), True),
    (consent("email", True, "subscribed", FORM), MAIL | agreed("email", ON, method="API"), False),
    (consent("email", True, "subscribed", FORM), MAIL | agreed("email", ON), False),
    (consent("email", True, "subscribed", SUMMER),
        MAIL | agreed("email", ON, method="FORM", method_detail="Summer"), True),
    (consent("email", True, "subscribed", SUMMER),
        MAIL | agreed("email", ON, method="FORM", method_detail="summer"), False),
    (consent("email", True, "subscribed", FORM, {"field": "status_date", "filter": OLD}),
        MAIL | agreed("email", ON, method="FORM"), False),
    (consent("email", True, "subscribed", {"field": "is_double_opt_in", "filter": {
        "type": "boolean", "operator": "equals", "value": True}}),
        MAIL | agreed("email", ON, double_optin=True), True),
    (consent("email", True, "subscribed", {
        "field": "custom_source", "filter": text("equals", "Fair")}),
        MAIL | agreed("email", ON, custom_method_detail="Fair"), True),
    # SMS needs a number and a subscription, push a subscription.
    (consent("sms", True, "subscribed"), PHONE | agreed("sms", ON), True),
    (consent("sms", True, "subscribed"), agreed("sms", ON), False),
    (consent("sms", False, "never_subscribed"), PHONE, True),
    (consent("sms", False, "any"), PHONE | agreed("sms", ON, "USER_SUPPRESSED"), True),
    (consent("sms", True, "subscribed", {"field": "is_rcs_capable", "filter": {
        "type": "boolean", "operator": "equals", "value": True}}),
        PHONE | agreed("sms", ON, is_rcs_capable=False), False),
    (consent("push", True, "any"), agreed("mobile_push", ON), True),
    (consent("push", True, "any"), agreed("mobile_push", OFF), False),
    (consent("push", False, "any"), {}, True),
    (consent("push", True, "any", {"field": "status_date", "filter": WEEK}),
        agreed("mobile_push", ON), True),
]  # fmt: skip  # fmt: skip

KIND = Kind(
    "profile-marketing-consent",
    meets=lambda condition, world, person, at, _: meets(condition, world, person, at),
    draw=lambda dice, at, zone, _: draw(dice, at, zone),
    facts=frozenset({"identity", "consent"}),
    rows=[Row(condition, inside, person) for condition, person, inside in ROWS],
)
