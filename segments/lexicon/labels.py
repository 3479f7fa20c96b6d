"""What a condition is called on the page, in the active language, and the headings of lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from segmenter.kernel.errors import Invalid
from segments.definition import words
from segments.definition.codec import decode
from segments.definition.conditions.metric import ProfileMetric
from segments.definition.conditions.predictive import AFFINITY, DATES, NUMERIC, TEXTS
from segments.definition.conditions.property import ProfileProperty
from segments.definition.tree import Condition, conditions, kinds
from segments.engine.vocabulary import Catalog

DONE, ABOUT, PREDICTED, GROUPS, PLACES, CONSENT, VALUES, KINDS = (
    *("done", "about", "predicted", "groups", "places", "consent", "values", "kinds"),
)
HEADINGS = {
    DONE: (_("What someone has done"), "metrics"),
    ABOUT: (_("Properties about someone"), "person"),
    PREDICTED: (_("Predictions"), "clock"),
    GROUPS: (_("Lists and segments"), "lists"),
    PLACES: (_("Where someone lives"), "place"),
    CONSENT: (_("Marketing consent"), "check"),
    VALUES: (_("Values"), "search"),
    KINDS: (_("Kinds of conditions"), "plus"),
}
"""Group to its heading and icon."""
_POINT = re.compile(r"(?<=[”“»\"]) \(-?[\d.,]+ / -?[\d.,]+\)")
"""The coordinates after the name of a place."""
_EVER = {"type": "date", "operator": "alltime"}
_ONCE = {"type": "numeric", "operator": "greater-than-or-equal", "value": 1}


def tree_of(fragment: Mapping[str, Any]) -> Condition | None:
    """The condition, None as long as something is missing."""
    try:
        tree = decode({"condition_groups": [{"conditions": [fragment]}]})
    except Invalid:
        return None
    return next((condition for _pointer, condition in conditions(tree)), None)


def label(catalog: Catalog, fragment: Mapping[str, Any]) -> str:
    """The name of a condition: of what it is about, or its clause where it says more."""
    kind = str(fragment.get("type"))
    name = _plain_name(catalog, fragment)
    if name:
        return name
    condition = tree_of(fragment)
    if isinstance(condition, ProfileProperty):
        return words.property_test(catalog.label("profile", condition.property),
                                   condition.filter.phrase())  # fmt: skip
    if condition is not None:
        clause = condition.sentence(catalog)
        whose = words.whose("\0", "").partition("\0")[0]
        return _POINT.sub("", clause.removeprefix(f"{words.pronoun()} ").removeprefix(whose))
    if kind == "profile-property" and fragment.get("property"):
        return catalog.label("profile", str(fragment["property"]))
    if fragment.get("dimension"):
        labels = dict((*NUMERIC, *DATES, *TEXTS, AFFINITY))
        return gettext(labels.get(str(fragment["dimension"]), str(fragment["dimension"])))
    if fragment.get("metric_id"):
        return catalog.metric(str(fragment["metric_id"]))
    return gettext(kinds[kind].title) if kind in kinds else kind


def _plain_name(catalog: Catalog, fragment: Mapping[str, Any]) -> str:
    """The name of a metric or a group, where the condition asks for nothing more."""
    says = {name: value for name, value in fragment.items() if value not in (None, [])}
    kind = says.pop("type", "")
    if kind == ProfileMetric.type and says == {
        "metric_id": says.get("metric_id"),
        "measurement": "count",
        "measurement_filter": _ONCE,
        "timeframe_filter": _EVER,
    }:
        return catalog.metric(str(says["metric_id"]))
    keys = says.get("group_ids")
    if says == {"is_member": True, "group_ids": keys} and isinstance(keys, list) and len(keys) == 1:
        return catalog.group(str(keys[0]))
    return ""
