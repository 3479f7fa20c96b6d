"""What is known of someone: one person's facts, one condition, in or out."""

from __future__ import annotations

from typing import Any

import pytest

from . import pools
from .oracle import members
from .places import MILE_KM, haversine_km
from .strategies import alone
from .world import World, instant

Json = dict[str, Any]
AT = instant("2026-03-10T08:00:00Z")
WEEK: Json = {"type": "date", "operator": "in-the-last", "quantity": 7, "unit": "day"}
OLD: Json = {"type": "date", "operator": "at-least", "quantity": 7, "unit": "day"}
IS_SET: Json = {"type": "existence", "operator": "is-set"}


def matches(condition: Json, person: Json, **world: Any) -> bool:
    people = [{"external_id": "p0", **person}]
    return members(alone(condition), World(people=people, **world), AT) == {0}


def text(operator: str, value: Any) -> Json:
    return {"type": "string", "operator": operator, "value": value}


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
PROPERTY_ROWS = [
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


@pytest.mark.parametrize(("path", "filter_", "expected"), PROPERTY_ROWS)
def test_property(path: str, filter_: Json, expected: bool) -> None:
    assert matches(prop(path, filter_), ANN) is expected


@pytest.mark.parametrize("path", ["colour", "properties['a']['b']", "properties[a]", "$email"])
def test_a_path_of_another_form_is_an_error(path: str) -> None:
    with pytest.raises(ValueError, match="not a property"):
        matches(prop(path, IS_SET), ANN)


def group(*keys: str, inside: bool = True, timeframe: Json | None = None) -> Json:
    condition: Json = {"type": "profile-group-membership", "is_member": inside}
    condition["group_ids"] = list(keys)
    return condition | ({"timeframe_filter": timeframe} if timeframe else {})


MEMBER: Json = {
    "lists": [
        {"name": "New", "joined": "2026-03-09T00:00:00Z"},
        {"name": "Old", "joined": "2025-01-01T00:00:00Z"},
        {"name": "Next", "joined": "2026-03-11T00:00:00Z"},
    ]
}
GROUP_ROWS = [
    (group("New"), True),
    (group("Other"), False),
    (group("Other", "Old"), True),
    (group("New", timeframe=WEEK), True),
    (group("Old", timeframe=WEEK), False),
    (group("Old", "New", timeframe=OLD), True),
    (group("Next"), False),
    (group("Other", inside=False), True),
    (group("Other", "New", inside=False), False),
    (group("Next", inside=False), True),
]


@pytest.mark.parametrize(("condition", "expected"), GROUP_ROWS)
def test_lists(condition: Json, expected: bool) -> None:
    assert matches(condition, MEMBER) is expected


def test_segments_by_definition_and_entering_time() -> None:
    world: Json = {
        "segments": {"Bostn": alone(prop("location['city']", text("equals", "Boston")))},
        "entered": {("Bostn", 0): "2026-03-09T00:00:00Z"},
    }
    assert matches(group("Bostn"), ANN, **world)
    assert matches(group("Bostn", timeframe=WEEK), ANN, **world)
    assert not matches(group("Bostn", timeframe=OLD), ANN, **world)
    assert not matches(group("Bostn", inside=False), ANN, **world)
    assert not matches(group("Bostn"), MEMBER, **world)
    world["segments"]["Again"] = alone(group("Bostn"))
    assert matches(group("Again"), ANN, **world)


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
CONSENT_ROWS: list[tuple[Json, Json, bool]] = [
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
]  # fmt: skip


@pytest.mark.parametrize(("condition", "person", "expected"), CONSENT_ROWS)
def test_marketing_consent(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person) is expected


def reachable(status: str, *filters: Json, channel: str = "whatsapp_marketing") -> Json:
    permission: Json = {"reachable_status": status, "filters": list(filters)}
    return {"type": "profile-permissions", "channel": channel, "permission": permission}


def whatsapp(reachability: str | None, **more: Any) -> Json:
    row = {"reachability": reachability, "consent_timestamp": "2026-03-09T00:00:00Z", **more}
    return {"subscriptions": {"whatsapp": {"marketing": row}}}


EFFECTIVE = {"field": "effective_date", "filter": WEEK}
PERMISSION_ROWS: list[tuple[Json, Json, bool]] = [
    (reachable("explicitly_reachable", EFFECTIVE), whatsapp("explicitly_reachable"), True),
    (reachable("explicitly_reachable"), whatsapp("implicitly_reachable"), False),
    (reachable("implicitly_reachable"), whatsapp("implicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("explicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("implicitly_reachable"), True),
    (reachable("implicitly_or_explicitly_reachable"), whatsapp("explicitly_unreachable"), False),
    (reachable("implicitly_or_explicitly_unreachable"), whatsapp("implicitly_unreachable"), True),
    # Where nothing is stated: by the consent, and nobody is reachable without one.
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
]  # fmt: skip


@pytest.mark.parametrize(("condition", "person", "expected"), PERMISSION_ROWS)
def test_permissions(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person) is expected


EU, EEA, UK, US = "european_union", "european_economic_area", "united_kingdom", "united_states"


@pytest.mark.parametrize(
    ("country", "region", "inside"),
    [
        ("Sweden", EU, True), ("SE", EU, True), ("SWE", EU, True), ("Norway", EU, False),
        ("Norway", EEA, True), ("PL", EEA, True), ("CH", EEA, False), ("GB", EU, False),
        ("United Kingdom", UK, True), ("IE", UK, False), ("United States", US, True),
        ("USA", US, True), ("PR", US, False), ("Canada", US, False), ("Atlantis", EU, False),
    ],
)  # fmt: skip
def test_region(country: str, region: str, inside: bool) -> None:
    person = {"location": {"country": country}}
    for in_region in (True, False):
        condition = {"type": "profile-region", "in_region": in_region, "region": region}
        assert matches(condition, person) is (inside is in_region)
        assert not matches(condition, {})


def near(operator: str, value: float, unit: str = "kilometers") -> Json:
    return {
        "type": "profile-location-distance",
        "latitude": 42.3601,
        "longitude": -71.0589,
        "unit": unit,
        "filter": {"type": "numeric", "operator": operator, "value": value},
    }


NEW_YORK = {"location": {"latitude": 40.7128, "longitude": -74.0060}}
DISTANCE_ROWS: list[tuple[Json, Json, bool]] = [
    # Boston to New York City is 306 km, or 190 miles.
    (near("less-than", 310), NEW_YORK, True),
    (near("less-than", 300), NEW_YORK, False),
    (near("greater-than", 300), NEW_YORK, True),
    (near("less-than", 195, "miles"), NEW_YORK, True),
    (near("less-than", 185, "miles"), NEW_YORK, False),
    (near("less-than", 310), {"location": {"country": "US", "zip": "10001"}}, True),
    (near("less-than", 310), {"location": {"country": "USA", "city": "New York City"}}, True),
    (near("greater-than", 1), {"location": {"country": "United States"}}, False),
    (near("less-than", 20_000), {}, False),
]


@pytest.mark.parametrize(("condition", "person", "expected"), DISTANCE_ROWS)
def test_location_distance(condition: Json, person: Json, expected: bool) -> None:
    assert matches(condition, person, places=pools.PLACES, cities=pools.CITIES) is expected


def test_postal_code_distance() -> None:
    condition = near("less-than", 310) | {
        "type": "profile-postal-code-distance",
        "country_code": "USA",
        "postal_code": "02108",
    }
    assert matches(condition, NEW_YORK, places=pools.PLACES)
    assert not matches(condition | {"postal_code": "99999"}, NEW_YORK, places=pools.PLACES)
    far = condition | {"filter": {"type": "numeric", "operator": "greater-than", "value": 1}}
    assert not matches(far, {}, places=pools.PLACES)


def test_distances_on_the_sphere() -> None:
    quarter = haversine_km((0, 0), (0, 90))
    assert quarter == pytest.approx(10_007.557, abs=0.001)
    assert haversine_km((90, 0), (0, 55)) == pytest.approx(quarter)
    assert haversine_km((0, 179), (0, -179)) == pytest.approx(quarter * 2 / 90)
    assert MILE_KM == 1.609344


def predicted(dimension: str, filter_: Json, **more: str) -> Json:
    return {
        "type": "profile-predictive-analytics",
        "dimension": dimension,
        "filter": filter_,
        **more,
    }


RISK = predicted("churn_probability", {"type": "numeric", "operator": "less-than", "value": 0.5})


def test_predictions() -> None:
    assert matches(RISK, {}, predictions=[{"churn_probability": 0.25}])
    assert not matches(RISK, {}, predictions=[{"churn_probability": 0.5}])
    assert not matches(RISK, {}, predictions=[{}])
    gender = predicted("predicted_gender", text("not-equals", "likely_male"))
    assert matches(gender, {}, predictions=[{"predicted_gender": "uncertain"}])
    assert not matches(gender, {})
    soon = predicted(pools.NEXT_ORDER, WEEK | {"operator": "in-the-next"})
    assert matches(soon, {}, predictions=[{pools.NEXT_ORDER: "2026-03-17T23:00:00Z"}])
    assert not matches(soon, {}, predictions=[{pools.NEXT_ORDER: "2026-03-18T00:00:00Z"}])


# SplitMix64 from seed 0 is published to give 0xe220a8397b1dcdaf (7535 modulo 10,000), then
# 0x6e789e6aa1b965f4 (5700), its state growing by 0x9e3779b97f4a7c15 before each number.
FIRST, SECOND, STEP = 0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x9E3779B97F4A7C15


@pytest.mark.parametrize(
    ("person", "fields", "inside"),
    [
        (FIRST, {"percentage": 75.35}, False),
        (FIRST, {"percentage": 75.36}, True),
        (FIRST, {"percentage": 100}, True),
        (FIRST ^ STEP, {"percentage": 57}, False),
        (FIRST ^ STEP, {"percentage": 57.01, "seed": 0}, True),
        (FIRST ^ STEP, {"percentage": 1, "bucket_from": 5_700}, True),
        (FIRST ^ STEP, {"percentage": 1, "bucket_from": 5_701}, False),
        (FIRST ^ STEP, {"percentage": 10, "bucket_from": 4_700}, False),
        (SECOND, {"percentage": 1, "bucket_from": 7_500, "seed": STEP}, True),
    ],
)
def test_samples(person: int, fields: Json, inside: bool) -> None:
    assert matches({"type": "profile-sample", **fields}, {}, ids=[str(person)]) is inside
