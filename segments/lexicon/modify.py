"""Change a condition by what was typed around it: "not", "last 30 days", "at least 3 times"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from segments.lexicon.query import OUTSIDE, Query

Fragment = dict[str, Any]
OPPOSITE = {
    "equals": "not-equals",
    "contains": "not-contains",
    "starts-with": "not-starts-with",
    "ends-with": "not-ends-with",
    "in": "not-in",
    "is-set": "not-set",
    "contains-any": "not-contains-any",
    "contains-substring": "not-contains-substring",
    "greater-than-or-equal": "less-than",
    "greater-than": "less-than-or-equal",
    "less-than": "greater-than-or-equal",
    "less-than-or-equal": "greater-than",
}
OPPOSITE |= {after: before for before, after in OPPOSITE.items() if "than" not in before}
_ZERO = {"type": "numeric", "operator": "equals", "value": 0}
SHARES = frozenset({"churn_probability", "order_probability"})
"""Predictions from 0 to 1, which are said as percentages too."""


def as_share(value: float, unit: str) -> float:
    """A number of which 1 is all: "75 %", "75" and "0.75" are the same."""
    return value / 100 if unit == "percent" or value > 1 else value


def modify(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    """The condition with what the query says beside its words, and how much of that was of use."""
    change = _CHANGES.get(fragment.get("type", ""))
    is_only_a_kind = set(fragment) == {"type"}
    if change is None or is_only_a_kind or not query.is_modified:
        return fragment, 0
    return change(dict(fragment), query)


def _metric(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    uses = 0
    amount = query.amount
    if amount is None and query.is_negated:
        fragment |= {"measurement": "count", "measurement_filter": dict(_ZERO)}
        fragment.pop("measurement_property", None)
        uses += 1
    elif amount is not None and amount.unit not in ("kilometers", "miles", "percent"):
        if amount.unit == "money" and fragment["measurement"] == "count":
            fragment["measurement"] = "sum"
        bare = "equals" if amount.unit == "times" else "greater-than-or-equal"
        test = amount.filter(bare)
        if query.is_negated:
            test["operator"] = OPPOSITE[test["operator"]]
        fragment["measurement_filter"] = test
        uses += 1 + query.is_negated
    if query.timeframe is not None and query.timeframe["operator"] != "in-the-next":
        fragment["timeframe_filter"] = dict(query.timeframe)
        uses += 1
    return fragment, uses


def _timed(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    if query.timeframe is None or query.timeframe["operator"] == "in-the-next":
        return fragment, 0
    return {**fragment, "timeframe_filter": dict(query.timeframe)}, 1


def _group(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    if query.is_negated:
        fragment.pop("timeframe_filter", None)
        return {**fragment, "is_member": False}, 1
    return _timed(fragment, query)


def _filtered(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    """A property or a prediction."""
    test = dict(fragment.get("filter") or {})
    uses = 0
    if query.timeframe is not None and test.get("type") == "date":
        is_yearly = str(test.get("operator", "")).startswith("anniversary")
        test = dict(query.timeframe)
        if is_yearly:
            test = _yearly(test)
        uses += 1
    if query.amount is not None and test.get("type") == "numeric":
        is_share = fragment.get("dimension") in SHARES
        test = query.amount.filter("greater-than-or-equal")
        if is_share:
            test["value"] = as_share(test["value"], query.amount.unit)
        uses += 1
    if query.is_negated:
        if test.get("type") == "boolean":
            test["value"] = not test.get("value", True)
            uses += 1
        elif can_negate(test):
            test["operator"] = _OTHER_DATES.get(test["operator"]) or OPPOSITE[test["operator"]]
            uses += 1
        elif uses:
            fragment.pop("filter", None)  # "not yesterday": no test says that
            return fragment, uses
        elif "value" not in test and test.get("type") != "existence":
            test = {"type": "existence", "operator": "not-set"}
            uses += 1
    return {**fragment, "filter": test}, uses


def _yearly(test: dict[str, Any]) -> dict[str, Any]:
    """The test of an anniversary in a time; of a day that is not ahead, a period that ends now."""
    if test["operator"] == "between" and test["end"] == 0:
        return {"type": "date", "operator": "anniversary"}
    if test["operator"] == "between":
        days = test["end"] + 1
        test = {"type": "date", "operator": "in-the-last", "quantity": days, "unit": test["unit"]}
    ahead = "last" if test["operator"] == "in-the-last" else "next"
    return {**test, "operator": f"anniversary-{ahead}"}


def can_negate(test: Mapping[str, Any]) -> bool:
    """Whether there is an operator for the opposite of a test."""
    return test.get("operator") in (_OTHER_DATES if test.get("type") == "date" else OPPOSITE)


_OTHER_DATES = {"in-the-last": "at-least", "at-least": "in-the-last"}


def _distance(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    uses = 0
    test = dict(fragment["filter"])
    if query.amount is not None and query.amount.unit in ("kilometers", "miles", ""):
        is_far = query.amount.operator.startswith("greater")
        test |= {"operator": "greater-than" if is_far else "less-than"}
        test["value"] = query.amount.filter("less-than")["value"]
        if query.amount.unit:
            fragment["unit"] = query.amount.unit
        uses += 1
    if query.is_negated:
        is_beyond = test["operator"] == "less-than" or not OUTSIDE.isdisjoint(query.words)
        test["operator"] = "greater-than" if is_beyond else "less-than"
        uses += 1
    return {**fragment, "filter": test}, uses


def _region(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    if not query.is_negated:
        return fragment, 0
    return {**fragment, "in_region": not fragment.get("in_region", True)}, 1


def _consent(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    consent = dict(fragment["consent"])
    uses = 0
    status = dict(consent["consent_status"])
    if query.is_negated:
        may = not consent["can_receive_marketing"]
        consent |= {"can_receive_marketing": may, "consent_status": {"subscription": "any"}}
        uses += 1
    elif query.timeframe is not None and status.get("subscription") == "subscribed":
        since = {"field": "status_date", "filter": dict(query.timeframe)}
        consent["consent_status"] = {**status, "filters": [since]}
        uses += 1
    return {**fragment, "consent": consent}, uses


def _sample(fragment: Fragment, query: Query) -> tuple[Fragment, int]:
    if query.amount is None or not 0 < query.amount.value <= 100:
        return fragment, 0
    return {**fragment, "percentage": query.amount.filter("equals")["value"]}, 1


_CHANGES: dict[str, Callable[[Fragment, Query], tuple[Fragment, int]]] = {
    "profile-metric": _metric,
    "profile-metric-funnel": _timed,
    "profile-metric-ratio": _timed,
    "profile-group-membership": _group,
    "profile-property": _filtered,
    "profile-predictive-analytics": _filtered,
    "profile-location-distance": _distance,
    "profile-postal-code-distance": _distance,
    "profile-region": _region,
    "profile-marketing-consent": _consent,
    "profile-sample": _sample,
}
