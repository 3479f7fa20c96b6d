"""Conditions as JSON, complete, for the entries of the lexicon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from segments.lexicon.shop import ShopNames

Fragment = dict[str, Any]
Make = Callable[[ShopNames], Fragment | None]

EVER: Fragment = {"type": "date", "operator": "alltime"}
IS_SET: Fragment = {"type": "existence", "operator": "is-set"}
NOT_SET: Fragment = {"type": "existence", "operator": "not-set"}
CITY, REGION, COUNTRY = "location['city']", "location['region']", "location['country']"


def last(quantity: int, unit: str = "day") -> Fragment:
    """The last days, weeks, months or years."""
    return {"type": "date", "operator": "in-the-last", "quantity": quantity, "unit": unit}


def upcoming(quantity: int, unit: str = "day") -> Fragment:
    """The next days, weeks, months or years."""
    return {"type": "date", "operator": "in-the-next", "quantity": quantity, "unit": unit}


def ago(quantity: int, unit: str = "day") -> Fragment:
    """Some days, weeks, months or years ago, or before."""
    return {"type": "date", "operator": "at-least", "quantity": quantity, "unit": unit}


def birthday_soon(quantity: int = 7, unit: str = "day") -> Fragment:
    """A date that has its anniversary soon."""
    return {"type": "date", "operator": "anniversary-next", "quantity": quantity, "unit": unit}


def number(operator: str, value: float) -> Fragment:
    """A test of a number."""
    return {"type": "numeric", "operator": operator, "value": value}


def at_least(value: float) -> Fragment:
    return number("greater-than-or-equal", value)


def text(operator: str, value: str, *, ignore_case: bool = False) -> Fragment:
    """A test of a text."""
    test: Fragment = {"type": "string", "operator": operator, "value": value}
    return {**test, "ignore_case": True} if ignore_case else test


def texts(values: Sequence[str]) -> Fragment:
    """A test for one of some texts."""
    if len(values) == 1:
        return text("equals", values[0])
    return {"type": "string", "operator": "in", "value": list(values)}


def events(
    key: str,
    count: Fragment | None = None,
    when: Fragment | None = None,
    where: Sequence[Fragment] = (),
    measurement: str = "count",
) -> Fragment:
    """A condition on the events of a metric: at least once over all time, unless more is said."""
    fragment: Fragment = {
        "type": "profile-metric",
        "metric_id": key,
        "measurement": measurement,
        "measurement_filter": count or at_least(1),
        "timeframe_filter": when or EVER,
    }
    return {**fragment, "metric_filters": list(where)} if where else fragment


def done(
    name: str,
    count: Fragment | None = None,
    when: Fragment | None = None,
    where: Sequence[Fragment] = (),
) -> Make:
    """Events of a standard metric."""

    def make(shop: ShopNames) -> Fragment | None:
        key = shop.metric(name)
        return events(key, count, when, where) if key else None

    return make


def never(name: str, when: Fragment | None = None) -> Make:
    """No event of a standard metric."""
    return done(name, number("equals", 0), when)


def share(numerator: str, denominator: str, test: Fragment, by: str, when: Fragment) -> Make:
    """The share of the events of one standard metric in those of another one."""

    def make(shop: ShopNames) -> Fragment | None:
        above, below = shop.metric(numerator), shop.metric(denominator)
        if above is None or below is None:
            return None
        fragment: Fragment = {
            "type": "profile-metric-ratio",
            "numerator": {"metric_id": above},
            "denominator": {"metric_id": below},
            "timeframe_filter": when,
            "filter": test,
        }
        return {**fragment, "distinct_by": by} if by else fragment

    return make


def did_not_follow(first: str, second: str, window: str = "DAYS_1", days: int = 30) -> Make:
    """Events of a standard metric that none of another one followed."""

    def make(shop: ShopNames) -> Fragment | None:
        before, after = shop.metric(first), shop.metric(second)
        if before is None or after is None:
            return None
        return {
            "type": "profile-metric-funnel",
            "timeframe_filter": last(days),
            "completion_window_seconds": window,
            "steps": [
                {"metric_exists": True, "metric_id": before},
                {"metric_exists": False, "metric_id": after},
            ],
        }

    return make


def about(path: str, test: Fragment | None = None) -> Fragment:
    """A condition on a property of someone; without a test it is still to be filled in."""
    fragment: Fragment = {"type": "profile-property", "property": path}
    return {**fragment, "filter": test} if test else fragment


def predicted(dimension: str, test: Fragment | None = None) -> Fragment:
    """A condition on a prediction; without a test it is still to be filled in."""
    fragment: Fragment = {"type": "profile-predictive-analytics", "dimension": dimension}
    return {**fragment, "filter": test} if test else fragment


def consent(
    channel: str,
    may: bool = True,
    subscription: str = "any",
    filters: Sequence[Mapping[str, Any]] = (),
) -> Fragment:
    """A condition on consent to marketing on a channel."""
    status: Fragment = {"subscription": subscription}
    if filters:
        status["filters"] = list(filters)
    return {
        "type": "profile-marketing-consent",
        "consent": {
            "channel": channel,
            "can_receive_marketing": may,
            "consent_status": status,
        },
    }


def member(keys: Sequence[str]) -> Fragment:
    """A condition on membership in lists and segments."""
    return {"type": "profile-group-membership", "is_member": True, "group_ids": list(keys)}


def near_point(label: str, latitude: float, longitude: float, km: float = 50) -> Fragment:
    """A condition on the distance from a point."""
    return {
        "type": "profile-location-distance",
        "latitude": latitude,
        "longitude": longitude,
        "label": label,
        "unit": "kilometers",
        "filter": number("less-than", km),
    }


def in_region(region: str) -> Fragment:
    """A condition on a region of the world."""
    return {"type": "profile-region", "in_region": True, "region": region}
