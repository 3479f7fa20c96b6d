"""What the facts are called that people can lack: "have no country"."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext

from profiles import facts
from profiles.facts import FactKey, FactKind
from segments.definition.conditions import predictive
from segments.definition.tree import Node, reads
from segments.definition.words import property_label

_PREDICTIONS = dict((*predictive.NUMERIC, *predictive.DATES, *predictive.TEXTS))


def what_is_unset(nodes: Iterable[Node]) -> str:
    """The names of what some conditions read."""
    keys = frozenset().union(*map(reads, nodes))
    return " / ".join(sorted(filter(None, map(fact_label, keys))))


def fact_label(fact: FactKey) -> str:
    """What a fact is called after "have no"; empty for one that nobody can lack."""
    if fact == facts.PLACE:
        return gettext("known place")
    if fact.kind == FactKind.PREDICTION:
        label = _PREDICTIONS.get(fact.name)
        return gettext(label) if label else gettext("prediction")
    if fact.kind not in (FactKind.ATTRIBUTE, FactKind.PROPERTY):
        return ""
    return property_label(fact.name, custom=fact.kind == FactKind.PROPERTY)
