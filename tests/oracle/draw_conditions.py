"""Drawing single conditions, one function for each kind.

Every definition drawn is valid by the grammar's limits and literals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from . import draw_consent, pools
from . import draw_filters as draw
from .dice import Dice
from .event_kinds import COMPLETION_WINDOWS
from .world import Json

ALL_TIME: Json = {"type": "date", "operator": "alltime"}
_EVENT_FIELDS = [*pools.EVENT_PROPERTIES, "$value"]
_MEASUREMENTS = ["count", "count", "sum", "average", "minimum", "maximum", "distinct"]
_COUNTS = [0, 1, 2, 3]
_SHARES = [0, 0.25, 0.5, 0.75, 1]


def timeframe(dice: Dice, at: datetime, zone: str, operators: Sequence[str]) -> Json:
    """Choose a date filter, or all time one time in three."""
    return ALL_TIME if dice.chance(3) else draw.date(dice, at, zone, operators)


def metric_filters(dice: Dice, at: datetime, zone: str, most: int = 2, sides: int = 3) -> Json:
    """Choose the part of a condition that selects events by their properties."""
    if not dice.chance(sides):
        return {}
    return {
        "metric_filters": [
            {"property": name, "filter": draw.suited(dice, name, at, zone)}
            for name in dice.some(_EVENT_FIELDS, 1, most)
        ]
    }


def metric(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric condition."""
    measurement = dice.one(_MEASUREMENTS)
    choices = _COUNTS if measurement in ("count", "distinct") else pools.LIMITS
    condition: Json = {
        "type": "profile-metric",
        "metric_id": dice.one(pools.METRICS[:1] + pools.METRICS),
        "measurement": measurement,
        "measurement_filter": draw.number(dice, choices, ranges=False),
        "timeframe_filter": timeframe(dice, at, zone, draw.DATE5_OPERATORS),
        **metric_filters(dice, at, zone),
    }
    if measurement != "count" and dice.chance(2):
        condition["measurement_property"] = dice.one(_EVENT_FIELDS)
    return condition


def funnel(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric-funnel condition of two to four steps."""
    exists = [True, *(not dice.chance(3) for _ in range(1 + dice.up_to(2)))]
    windows: list[str | int | None] = [None, "HOURS_1", "DAYS_1", "DAYS_3", 1_800, 7_200] * 3
    return {
        "type": "profile-metric-funnel",
        "timeframe_filter": timeframe(dice, at, zone, draw.RANGE_OPERATORS),
        "completion_window_seconds": dice.one([*windows, *COMPLETION_WINDOWS]),
        "steps": [
            {
                "metric_exists": positive,
                "metric_id": dice.one(pools.METRICS[:1] + pools.METRICS),
                **metric_filters(dice, at, zone, most=1, sides=6),
            }
            for positive in exists
        ],
    }


def ratio(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-metric-ratio condition."""

    def side() -> Json:
        selection = metric_filters(dice, at, zone, most=1)
        return {"metric_id": dice.one(pools.METRICS[:1] + pools.METRICS), **selection}

    condition: Json = {
        "type": "profile-metric-ratio",
        "numerator": side(),
        "denominator": side(),
        "timeframe_filter": timeframe(dice, at, zone, draw.DATE5_OPERATORS),
        "filter": draw.number(dice, _SHARES, ranges=False),
    }
    if dice.chance(2):
        condition["distinct_by"] = dice.one(["Campaign", "Name", "Items"])
    return condition


def profile_property(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-property condition on any built-in or custom property."""
    dated = ["Birthday", "created"] * 5
    name = dice.one([*pools.PROPERTIES * 2, *dated, *_BUILT_IN, "Never used"])
    if name in _BUILT_IN:
        unset = dice.chance(5)
        filter_ = draw.existence(dice) if unset else _BUILT_IN[name](dice, at, zone)
        path, filter_ = name, draw.with_unset(dice, filter_)
    else:
        quoted = name.replace("\\", "\\\\").replace("'", "\\'")
        path, filter_ = f"properties['{quoted}']", draw.suited(dice, name, at, zone)
    return {"type": "profile-property", "property": path, "filter": filter_}


def _text(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw.string(dice)


def _phone(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw.phone(dice)


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
    return draw.number(dice, [0, 20, 42.3601, 58, -33.8688])


def _organization(dice: Dice, _at: datetime, _zone: str) -> Json:
    return draw.existence(dice)


_BUILT_IN: dict[str, Callable[[Dice, datetime, str], Json]] = {
    "email": _text,
    "phone_number": _phone,
    "first_name": _name,
    "title": _text,
    "created": draw.date,
    "organization": _organization,
    "location['city']": _city,
    "location['zip']": _zip,
    "location['latitude']": _latitude,
}


def group_membership(dice: Dice, at: datetime, zone: str, segments: Sequence[str]) -> Json:
    """Choose a profile-group-membership condition on lists and the given segments."""
    groups = dice.some([*segments, *pools.LISTS], 1, 3)
    inside = not dice.chance(3)
    condition: Json = {"type": "profile-group-membership", "is_member": inside, "group_ids": groups}
    if inside and dice.chance(2):
        condition["timeframe_filter"] = draw.date(dice, at, zone, draw.GROUP_OPERATORS)
    return condition


def region(dice: Dice) -> Json:
    """Choose a profile-region condition."""
    regions = ["european_union", "united_states", "european_economic_area", "united_kingdom"]
    return {
        "type": "profile-region",
        "in_region": not dice.chance(2),
        "region": dice.one(regions),
    }


def _reach(dice: Dice) -> Json:
    return {
        "unit": dice.one(["kilometers", "miles"]),
        "filter": {
            "type": "numeric",
            "operator": dice.one(["less-than", "greater-than"]),
            "value": dice.one(pools.DISTANCES),
        },
    }


def postal_code_distance(dice: Dice) -> Json:
    """Choose a profile-postal-code-distance condition."""
    country, code = dice.one(list(pools.PLACES))
    return {
        "type": "profile-postal-code-distance",
        "country_code": country,
        "postal_code": code,
        **_reach(dice),
    }


def location_distance(dice: Dice) -> Json:
    """Choose a profile-location-distance condition."""
    label = dice.one(list(pools.POINTS))
    latitude, longitude = pools.POINTS[label]
    return {
        "type": "profile-location-distance",
        "latitude": latitude,
        "longitude": longitude,
        "label": label,
        **_reach(dice),
    }


def predictive_analytics(dice: Dice, at: datetime, zone: str) -> Json:
    """Choose a profile-predictive-analytics condition on any dimension."""
    others = ["predicted_gender", "rfm_group", pools.NEXT_ORDER]
    dimension = dice.one([*pools.PREDICTED_NUMBERS, *others * 2, "channel_affinity"])
    condition: Json = {"type": "profile-predictive-analytics", "dimension": dimension}
    if dimension == "channel_affinity":
        condition["measurement"] = "rank"
        condition["predicted_channel"] = dice.one(["email", "push", "sms", "whatsapp"])
        condition["filter"] = draw.equality(dice, ["high", "low", "medium"])
    elif dimension == "predicted_gender":
        condition["filter"] = draw.equality(dice, pools.GENDERS)
    elif dimension == "rfm_group":
        condition["filter"] = draw.equality(dice, pools.RFM_GROUPS)
    elif dimension == pools.NEXT_ORDER:
        condition["filter"] = draw.date(dice, at, zone)
    else:
        choices = pools.CHANCES if dimension in pools.PROBABILITIES else pools.AMOUNTS
        condition["filter"] = draw.number(dice, choices, ranges=False)
    return condition


def sample(dice: Dice) -> Json:
    """Choose a profile-sample condition whose range of buckets ends at 10,000 at most."""
    percentage = dice.one([50, 25, 75, 10, 33.33, 12.5, 1, 100])
    condition: Json = {"type": "profile-sample", "percentage": percentage}
    if dice.chance(2):
        condition["seed"] = dice.one([0, 1, 7, 20_261_122])
    if dice.chance(2):
        starts = [s for s in (0, 2_500, 5_000, 9_000) if s + percentage * 100 <= 10_000]
        condition["bucket_from"] = dice.one(starts)
    return condition


KINDS: dict[str, Callable[[Dice, datetime, str, Sequence[str]], Json]] = {
    "profile-metric": lambda dice, at, zone, _: metric(dice, at, zone),
    "profile-metric-funnel": lambda dice, at, zone, _: funnel(dice, at, zone),
    "profile-metric-ratio": lambda dice, at, zone, _: ratio(dice, at, zone),
    "profile-property": lambda dice, at, zone, _: profile_property(dice, at, zone),
    "profile-group-membership": group_membership,
    "profile-marketing-consent": lambda dice, at, zone, _: draw_consent.marketing_consent(
        dice, at, zone
    ),
    "profile-permissions": lambda dice, at, zone, _: draw_consent.permissions(dice, at, zone),
    "profile-region": lambda dice, _at, _zone, _: region(dice),
    "profile-postal-code-distance": lambda dice, _at, _zone, _: postal_code_distance(dice),
    "profile-location-distance": lambda dice, _at, _zone, _: location_distance(dice),
    "profile-predictive-analytics": lambda dice, at, zone, _: predictive_analytics(dice, at, zone),
    "profile-sample": lambda dice, _at, _zone, _: sample(dice),
}
