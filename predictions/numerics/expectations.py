"""The predictions of a shop's models for each of its customers after the cutoff. Pure.

Without a model fields are null (None here), never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

from predictions.numerics.arrays import Floats
from predictions.numerics.estimators.mbg import OrderModel
from predictions.numerics.estimators.spend import SpendModel
from predictions.numerics.summary import Summary

YEAR = 365
CHURN_DAYS = (30, 90, 180, YEAR)
QUANTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Expectations:
    """Expectations for the `days` after the cutoff, float64[k] in the order of the summary.

    `order_days` and `orders` are expected numbers (fractional); `revenue` is the expected spend,
    None without a spend model. `order_within`: P(an order within so many days), by the days.
    `next_order`: float64[k, 3], days after the cutoff at QUANTILES, given an order within `days`;
    `order_within[days]` says how likely one is.
    """

    days: int
    order_days: Floats
    orders: Floats
    revenue: Floats | None
    order_within: dict[int, Floats]
    next_order: Floats

    def churn_probability(self, days: int) -> Floats:
        """Return P(no order within `days`), float64[k]; `days` must be in `order_within`."""
        return 1.0 - self.order_within[days]


def look_ahead(
    summary: Summary,
    orders: OrderModel,
    spend: SpendModel | None,
    *,
    days: int = YEAR,
    within: tuple[int, ...] = CHURN_DAYS,
) -> Expectations:
    """Compute every predicted field of every customer in a summary."""
    history = summary.history
    order_days = orders.expected_order_days(history, days)
    revenue = None
    if spend is not None:
        each = spend.expected_spend(summary.order_days, summary.spend_per_order_day)
        revenue = order_days * each
    return Expectations(
        days,
        order_days,
        order_days * summary.orders_per_order_day,
        revenue,
        {n: orders.order_probability(history, n) for n in sorted({*within, days})},
        orders.next_order(history, days, QUANTILES),
    )
