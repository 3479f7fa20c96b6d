"""One spelling of each meaning: what definitions may write in several ways, and a sentence in one.

ADR 38 lists them. Everything else must come back from its sentence as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from profiles.columns.instants import parse_iso
from segments.definition.conditions.consent import ConsentFilter
from segments.definition.conditions.funnel import ProfileMetricFunnel
from segments.definition.conditions.location import ProfileLocationDistance
from segments.definition.conditions.metric import ProfileMetric
from segments.definition.conditions.permissions import PermissionFilter
from segments.definition.conditions.postal_code import ProfilePostalCodeDistance
from segments.definition.conditions.predictive import ProfilePredictiveAnalytics
from segments.definition.conditions.ratio import ProfileMetricRatio
from segments.definition.conditions.sample import ProfileSample
from segments.definition.fields import ABSENT, COMPLETION_WINDOWS, DateText, PropertyName, Structure
from segments.definition.operators import Existence, ListFilter, ListHas, TextFilter, TextIn
from segments.definition.paths import LOCATION, PropertyPath, parse_path, write_path
from segments.definition.tree import All, Condition, Node, Not
from segments.definition.tree import Any as AnyOf
from tests.builders.definitions import number
from tests.segments.variants import as_condition


def one_spelling(tree: All) -> All:
    """The definition with one spelling of each meaning."""
    return All(tuple(AnyOf(tuple(map(_node, group.members))) for group in tree.groups))


def _node(node: Node) -> Node:
    if isinstance(node, Condition):
        return _condition(node)
    if isinstance(node, Not):
        return Not(_node(node.child))
    assert isinstance(node, All)
    below = one_spelling(node)
    if len(below.groups) == 1 and len(below.groups[0].members) == 1:
        member = below.groups[0].members[0]
        if not isinstance(member, All):  # a definition of one condition is that condition
            return member
    return below


def _condition(condition: Condition) -> Condition:
    plain: Any = _structure(condition)
    match plain:
        case ProfileMetric():
            plain = _metric(plain)
        case ProfileMetricFunnel(steps=(_,)):
            plain = replace(plain, completion_window_seconds=ABSENT)  # nothing follows
        case ProfileMetricFunnel(completion_window_seconds=window):
            plain = replace(
                plain, completion_window_seconds=COMPLETION_WINDOWS.get(str(window), window)
            )
        case ProfileSample():
            plain = replace(
                plain, seed=plain.seed or ABSENT, bucket_from=plain.bucket_from or ABSENT
            )
        case ProfileLocationDistance():
            plain = replace(plain, label=plain.label or ABSENT)
        case ProfilePredictiveAnalytics(dimension="expected_date_of_next_order"):
            plain = replace(plain, dimension="expected_date_of_next_purchase")
    for name in _WITHOUT_NOTES:
        if isinstance(plain, ProfilePredictiveAnalytics) or not getattr(plain, name, None):
            continue
        if name == "filter" and not isinstance(plain, _MEASURED):
            continue
        plain = replace(plain, **{name: replace(getattr(plain, name), include_unset=ABSENT)})
    return plain


_MEASURED = (ProfileMetricRatio, ProfileLocationDistance, ProfilePostalCodeDistance)
_WITHOUT_NOTES = ("timeframe_filter", "measurement_filter", "filter")
"""Filters of events and distances: that they include unset values plays no part."""


def _metric(metric: ProfileMetric) -> ProfileMetric:
    test = metric.measurement_filter
    if metric.measurement != "count":
        if metric.measurement_property == "$value":
            return replace(metric, measurement_property=ABSENT)
        return metric
    metric = replace(metric, measurement_property=ABSENT)
    for only, spelling in (
        (test.only_zero, number("equals", 0)),
        (test.all_but_zero, number("greater-than-or-equal", 1)),
    ):
        if only:
            whole: Any = {
                "type": "profile-metric",
                "metric_id": "A",
                "measurement": "count",
                "measurement_filter": spelling,
                "timeframe_filter": {"type": "date", "operator": "alltime"},
            }
            same: Any = as_condition(whole)
            return replace(metric, measurement_filter=same.measurement_filter)
    return metric


def _structure(structure: Any) -> Any:
    """A structure whose absent, null and empty fields are absent, and whose texts are plain."""
    if isinstance(structure, TextIn) and len(structure.value) == 1:
        operator = "equals" if structure.operator == "in" else "not-equals"
        structure = TextFilter(
            operator=operator,
            value=structure.value[0],
            ignore_case=structure.ignore_case,
            include_unset=structure.include_unset,
        )
    if isinstance(structure, ListFilter) and len(structure.value) == 1:
        negated = "not-" if structure.operator.startswith("not-") else ""
        structure = ListHas(
            operator=f"{negated}contains",
            value=structure.value[0],
            include_unset=structure.include_unset,
        )
    if isinstance(structure, Existence) and structure.operator == "not-set":
        structure = replace(structure, include_unset=ABSENT)
    if isinstance(structure, ConsentFilter | PermissionFilter) and structure.field in {
        "method",
        "subscribe_method",
    }:
        return structure if structure.filter else replace(structure, filter=ABSENT)
    changes: dict[str, Any] = {}
    for field in structure.declared():
        value = getattr(structure, field.name)
        if isinstance(value, Structure):
            changes[field.name] = _structure(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Structure):
            changes[field.name] = tuple(map(_structure, value))
        elif field.optional and (value is None or value == ()):
            changes[field.name] = ABSENT
        elif isinstance(field.type, DateText):
            changes[field.name] = _date(value)
        elif isinstance(field.type, PropertyName) and field.type.of == "profile":
            changes[field.name] = _path(value)
    return replace(structure, **changes)


def _date(text: str) -> str:
    moment = parse_iso(text)
    assert moment is not None
    return text if len(text) <= 10 else moment.isoformat()


def _path(text: str) -> str:
    path = parse_path(text)
    assert isinstance(path, PropertyPath)
    if path.custom:
        return write_path(path.name)
    places = {name: key for key, name in LOCATION.items()}
    return f"location['{places[path.name]}']" if path.name in places else path.name
