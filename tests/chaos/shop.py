"""The shop under test: its people, and segments of many kinds."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

Json = dict[str, Any]

PEOPLE = 240
METRICS = ("Placed Order", "Viewed Product", "Opened Email", "Started Checkout", "Probe")
CATEGORIES = ("Tea", "Coffee", "Cups", "Cakes")
COLOURS = ("red", "blue", "green", "Red wine")
TAGS = tuple(f"tag-{n}" for n in range(8))
LISTS = ("Newsletter", "Friends")
COUNTRIES = ("Sweden", "Poland", "Germany", "United States")
_MOST, _LEAST = "less-than-or-equal", "greater-than-or-equal"
_ALL_TIME = {"type": "date", "operator": "alltime"}


def people(dice: Random, at: datetime) -> list[Json]:
    """Records of the exchange format, some on lists, some with consent."""
    return [_person(dice, number, at) for number in range(PEOPLE)]


def _person(dice: Random, number: int, at: datetime) -> Json:
    def lately() -> str:
        return (at - timedelta(days=dice.randrange(200), hours=1)).isoformat()

    consent: Json = {"consent": dice.choice(["SUBSCRIBED", "UNSUBSCRIBED", "NEVER_SUBSCRIBED"])}
    consent |= {"consent_timestamp": lately(), "method": dice.choice(["FORM", "API"])}
    if dice.random() < 0.1:
        consent["suppression"] = [{"reason": "HARD_BOUNCE", "timestamp": lately()}]
    return {
        "external_id": f"p-{number}",
        "email": f"p-{number}@example.com",
        "first_name": dice.choice(["Anna", "Bo", "Åsa"]),
        "location": {"country": dice.choice(COUNTRIES)},
        "properties": {"Joined": lately()[:10], "Size": dice.randrange(10)},
        "subscriptions": {"email": {"marketing": consent}},
        "lists": [{"name": n, "joined": lately()} for n in LISTS if dice.random() < 0.4],
    }


def event(dice: Random, who: str, metric: str, time: datetime, unique_id: str) -> Json:
    """An event of the exchange format with the properties of its metric."""
    properties: Json = {"Category": dice.choice(CATEGORIES), "Gift": dice.random() < 0.2}
    if metric in ("Placed Order", "Started Checkout"):
        properties["Items"] = dice.sample(CATEGORIES, dice.randint(1, 3))
    value = round(dice.expovariate(1 / 60), 2) if metric == "Placed Order" else None
    return {
        "metric": metric,
        "time": time.isoformat(),
        "value": value,
        "unique_id": unique_id,
        "properties": properties,
        "profile": {"external_id": who},
    }


def _did(metric: str, operator: str, value: float, when: Any = None, **more: Any) -> Json:
    return {
        "type": "profile-metric",
        "metric": metric,
        "measurement": "count",
        "measurement_filter": {"type": "numeric", "operator": operator, "value": value},
        "timeframe_filter": when or _ALL_TIME,
        **more,
    }


def _last(quantity: int, unit: str = "day") -> Json:
    return {"type": "date", "operator": "in-the-last", "unit": unit, "quantity": quantity}


def _ago(start: int, end: int) -> Json:
    return {"type": "date", "operator": "between", "unit": "day", "start": start, "end": end}


def _is(path: str, type_: str, operator: str, value: Any) -> Json:
    filter_ = {"type": type_, "operator": operator, "value": value}
    return {"type": "profile-property", "property": path, "filter": filter_}


def _in(*groups: str, inside: bool = True) -> Json:
    return {"type": "profile-group-membership", "is_member": inside, "groups": list(groups)}


def _all(*groups: Json | list[Json]) -> Json:
    """Every group holds, any condition of a group."""
    listed = [group if isinstance(group, list) else [group] for group in groups]
    return {"condition_groups": [{"conditions": conditions} for conditions in listed]}


_ORDERED = _did("Placed Order", _LEAST, 1)
_SUM, _AVERAGE = {"measurement": "sum"}, {"measurement": "average"}
_CATEGORY = {"measurement": "distinct", "measurement_property": "Category"}
_WITH_TEA = {
    "metric_filters": [
        {"property": "Items", "filter": {"type": "list", "operator": "contains", "value": "Tea"}}
    ]
}
_RECEIVES = {
    "type": "profile-marketing-consent",
    "consent": {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "any"},
    },
}
_CHAIN = {
    "type": "profile-metric-funnel",
    "timeframe_filter": _ALL_TIME,
    "completion_window_seconds": "WEEKS_1",
    "steps": [
        {"metric_exists": True, "metric": "Viewed Product"},
        {"metric_exists": True, "metric": "Started Checkout"},
        {"metric_exists": True, "metric": "Placed Order"},
    ],
}
_RATIO = {
    "type": "profile-metric-ratio",
    "numerator": {"metric": "Placed Order"},
    "denominator": {"metric": "Viewed Product"},
    "timeframe_filter": _last(90),
    "filter": {"type": "numeric", "operator": _LEAST, "value": 0.5},
}
_THIRD = {"type": "profile-sample", "percentage": 33}

PROBED = "Probed"
"""Whoever has sent a probe."""
HOURS = 2
"""Width of the windows in hours."""

SEGMENTS: dict[str, Json] = {
    PROBED: _all(_did("Probe", _LEAST, 1)),
    "Buyers": _all(_ORDERED),
    "Frequent lately": _all(_did("Placed Order", _LEAST, 3, _last(30))),
    "Spenders": _all(_did("Placed Order", _LEAST, 500, _last(90), **_SUM)),
    "Large baskets": _all(_did("Placed Order", _LEAST, 60, **_AVERAGE)),
    "Curious": _all(_did("Viewed Product", _LEAST, 3, _last(8, "week"), **_CATEGORY)),
    "Lapsed": _all(_ORDERED, {"not": _did("Placed Order", _LEAST, 1, _last(14))}),
    "Looking now": _all(_did("Viewed Product", _LEAST, 1, _last(HOURS, "hour"))),
    "Not looking now": _all(_did("Viewed Product", "equals", 0, _last(HOURS, "hour"))),
    "A while ago": _all(_did("Viewed Product", _LEAST, 2, _ago(7, 30))),
    "Never opened": _all(_did("Opened Email", "equals", 0)),
    "Levelled": _all(_is("properties['Level']", "numeric", _LEAST, 5)),
    "Red or blue": _all(_is("properties['Colour']", "string", "in", ["red", "blue"])),
    "Tagged": _all(_is("properties['Tags']", "list", "contains-all", ["tag-1", "tag-2"])),
    "Readers on the list": _all(_in("Newsletter"), _did("Opened Email", _LEAST, 1, _last(60))),
    "Buyers, no spenders": _all(_in("Buyers"), _in("Spenders", inside=False)),
    "Of segments of segments": _all([_in("Buyers, no spenders"), _in("Looking now")], _THIRD),
    "Chain": _all(_CHAIN),
    "Ratio": _all(_RATIO),
    "Sample of buyers": _all(_THIRD, _ORDERED),
    "Reachable Swedes": _all(_RECEIVES, _is("location['country']", "string", "equals", "Sweden")),
    "Tea": _all(_did("Placed Order", _LEAST, 1, _last(60), **_WITH_TEA)),
    "Not both": _all({"not": _all(_ORDERED, _did("Opened Email", _LEAST, 2))}),
    "Few or many": _all(
        [_did("Placed Order", _MOST, 1), _all(_did("Placed Order", _LEAST, 6), [_CHAIN, _RATIO])]
    ),
}
"""By name, those that others refer to first; metrics and groups by name."""
