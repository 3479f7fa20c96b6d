"""A rival without a theory: gradient boosting on recency, frequency, age and spend.

It learns from the past of the same shop: what customers looked like some days ago, and what they
did since. scikit-learn is imported inside functions only: the import costs a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from predictions.numerics.arrays import Floats, Ints
from predictions.numerics.summary import Summary

LEAST_CUSTOMERS = 100
MOST_CUSTOMERS = 100_000
"""More teach it nothing new; so many are drawn, always the same."""
_SHAPE = {"max_iter": 150, "learning_rate": 0.05, "max_leaf_nodes": 15, "random_state": 0}


@dataclass(frozen=True)
class Outcomes:
    """What customers did in the days after a cutoff: float64[k] order days and revenue."""

    order_days: Floats
    revenue: Floats


def features(summary: Summary) -> Floats:
    """Return what the challenger sees of each customer, float64[k, 5].

    Days since the last order, order days, age, mean spend on an order day, mean days between.
    """
    history = summary.history
    pace = np.where(history.x > 0, history.tx / np.maximum(history.x, 1.0), history.T)
    columns = (
        history.T - history.tx,
        summary.order_days,
        history.T,
        summary.spend_per_order_day,
        pace,
    )
    return np.column_stack(columns)


def learn_amounts(before: Summary, since: Outcomes, now: Summary) -> Outcomes | None:
    """Expect order days and revenue of `now`'s customers in as many days as `since` covers.

    None where there is too little to learn from: few customers, or none that ordered again.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - costs a second

    revenue = np.maximum(since.revenue, 0.0)
    if len(before) < LEAST_CUSTOMERS or not since.order_days.any() or not revenue.any():
        return None
    seen, asked, drawn = features(before), features(now), _draw(len(before))
    model = HistGradientBoostingRegressor(loss="poisson", **_SHAPE)
    with _one_thread():
        order_days = model.fit(seen[drawn], since.order_days[drawn]).predict(asked)
        return Outcomes(order_days, model.fit(seen[drawn], revenue[drawn]).predict(asked))


def learn_order_probability(before: Summary, since: Outcomes, now: Summary) -> Floats | None:
    """Expect whether `now`'s customers order in as many days as `since` covers; float64[k]."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - costs a second

    ordered = since.order_days > 0
    if len(before) < LEAST_CUSTOMERS or ordered.all() or not ordered.any():
        return None
    drawn = _draw(len(before))
    model = HistGradientBoostingClassifier(**_SHAPE)
    with _one_thread():
        model.fit(features(before)[drawn], ordered[drawn])
        return np.asarray(model.predict_proba(features(now))[:, 1], np.float64)


def _draw(customers: int) -> Ints:
    if customers <= MOST_CUSTOMERS:
        return np.arange(customers)
    draw = np.random.default_rng(0)
    return np.sort(draw.choice(customers, MOST_CUSTOMERS, replace=False))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Boost in one thread: more wait for one another where other work runs beside them."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    with threadpool_limits(1):
        yield
