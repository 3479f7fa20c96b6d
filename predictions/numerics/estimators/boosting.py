"""The challenger: gradient boosting on recency, frequency, age and spend.

It is trained on the past of the same shop: the customers at an earlier cutoff, and their orders
since. scikit-learn is imported inside functions only: the import takes a second.
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
"""More do not improve it; a sample of this size is drawn, with a fixed seed."""
_SHAPE = {"max_iter": 150, "learning_rate": 0.05, "max_leaf_nodes": 15, "random_state": 0}


@dataclass(frozen=True)
class Outcomes:
    """The outcomes after a cutoff: float64[k] order days and revenue."""

    order_days: Floats
    revenue: Floats


def features(summary: Summary) -> Floats:
    """Return the features of each customer, float64[k, 5].

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
    """Predict order days and revenue of `now`'s customers in as many days as `since` covers.

    None if there is too little training data: few customers, or no repeat orders.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415 - costs a second

    revenue = np.maximum(since.revenue, 0.0)
    if len(before) < LEAST_CUSTOMERS or not since.order_days.any() or not revenue.any():
        return None
    training, targets, sample = features(before), features(now), _draw(len(before))
    model = HistGradientBoostingRegressor(loss="poisson", **_SHAPE)
    with _one_thread():
        order_days = model.fit(training[sample], since.order_days[sample]).predict(targets)
        return Outcomes(order_days, model.fit(training[sample], revenue[sample]).predict(targets))


def learn_order_probability(before: Summary, since: Outcomes, now: Summary) -> Floats | None:
    """Predict P(an order) of `now`'s customers in as many days as `since` covers; float64[k]."""
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415 - costs a second

    has_order = since.order_days > 0
    if len(before) < LEAST_CUSTOMERS or has_order.all() or not has_order.any():
        return None
    sample = _draw(len(before))
    model = HistGradientBoostingClassifier(**_SHAPE)
    with _one_thread():
        model.fit(features(before)[sample], has_order[sample])
        return np.asarray(model.predict_proba(features(now))[:, 1], np.float64)


def _draw(customers: int) -> Ints:
    if customers <= MOST_CUSTOMERS:
        return np.arange(customers)
    draw = np.random.default_rng(0)
    return np.sort(draw.choice(customers, MOST_CUSTOMERS, replace=False))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Use one thread: several would wait for each other when the machine has other work."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    with threadpool_limits(1):
        yield
