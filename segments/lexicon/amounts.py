"""Amounts to begin with: what most people of an account who have any spend."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from profiles.columns.column import Floats
from profiles.columns.events import VALUE
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from segments.engine.vocabulary import Catalog

_FIRST_QUARTILE = 0.25


def typical_total(
    catalog: Catalog, metric: str, *, part: float = _FIRST_QUARTILE, default: float = 100
) -> float:
    """The total value of a metric's events that all but a `part` of those who have any reach."""
    if not catalog.account.pk:
        return default
    try:
        amounts = _totals(everyone(catalog.account).parts[0], metric)
    except UnknownKey:
        return default
    return rounded(float(np.quantile(amounts, part))) if len(amounts) else default


_cache: WeakKeyDictionary[Population, dict[str, Floats]] = WeakKeyDictionary()


def _totals(people: Population, metric: str) -> Floats:
    """float64[k]: the totals of those who have any, of the largest part of the people."""
    known = _cache.setdefault(people, {})
    if metric not in known:
        totals = people.events(metric).sum(VALUE)
        known[metric] = totals[totals > 0]
    return known[metric]


def rounded(amount: float) -> float:
    """Two digits of an amount: 68.9 is 69, 1234 is 1200."""
    if amount <= 0:
        return 0
    step = 10 ** max(int(np.floor(np.log10(amount))) - 1, 0)
    return max(1, int(round(amount / step) * step))
