"""What came of a forecast: orders and revenue of customers, month by month. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from predictions.numerics.arrays import Bools, Floats
from predictions.numerics.summary import Orders, totals


def monthly_outcomes(
    orders: Orders, among: Bools, cutoff: int, edges: Sequence[int]
) -> tuple[Floats, Floats]:
    """Return the number of orders and the revenue of each month, float64[months] each.

    `among`: bool[customers], whose orders count. A month is the local days after cutoff + edge up
    to and including cutoff + next edge. Revenue is net of refunds, on the day of the refund.
    """
    months = len(edges) - 1
    bounds = np.array(edges, np.int64) + cutoff + 1
    rows = among[orders.customer]
    place = np.searchsorted(bounds, orders.day[rows], side="right")
    count = np.bincount(place, minlength=months + 2)[1 : months + 1]
    revenue = totals(place, orders.value[rows], months + 2)
    refunds = among[orders.refund_customer]
    place = np.searchsorted(bounds, orders.refund_day[refunds], side="right")
    revenue -= totals(place, orders.refund_value[refunds], months + 2)
    return count.astype(np.float64), np.round(revenue[1 : months + 1], 6)
