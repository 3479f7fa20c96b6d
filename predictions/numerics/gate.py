"""The gate: whether an account has enough orders for predictions, by requirement.

Counts orders as `numerics.summary` settles them. No texts: codes and numbers only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from predictions.numerics.summary import Orders, summarise

RECENT_DAYS = 30
SEVERAL_ORDERS = 3


class GateMeasure(StrEnum):
    """What a requirement measures."""

    HISTORY_DAYS = "history_days"
    RECENT_ORDERS = "recent_orders"
    CUSTOMERS = "customers"
    CUSTOMERS_WITH_SEVERAL_ORDERS = "customers_with_several_orders"
    REPEAT_CUSTOMERS = "repeat_customers"


LEAST = {
    GateMeasure.HISTORY_DAYS: 180,
    GateMeasure.RECENT_ORDERS: 1,
    GateMeasure.CUSTOMERS: 500,
    GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS: 1,
    GateMeasure.REPEAT_CUSTOMERS: 50,
}


@dataclass(frozen=True)
class Requirement:
    """One requirement: its value, and the least value that passes."""

    need: GateMeasure
    value: int
    least: int

    @property
    def passed(self) -> bool:
        return self.value >= self.least


@dataclass(frozen=True)
class Gate:
    """All requirements of an account on one day."""

    requirements: tuple[Requirement, ...]

    @property
    def open(self) -> bool:
        """Whether anything may be predicted."""
        return all(
            r.passed for r in self.requirements if r.need is not GateMeasure.REPEAT_CUSTOMERS
        )

    @property
    def open_for_spend(self) -> bool:
        """Whether spend may be predicted, too."""
        return all(r.passed for r in self.requirements)


def check_gate(orders: Orders, today: int) -> Gate:
    """Check the requirements on a local day (its number), counting the orders up to it.

    History runs from the first order's day to today; recent means today or in the 30 days before.
    A repeat customer has ordered on more than one day.
    """
    summary = summarise(orders, today)
    recent = (orders.day <= today) & (orders.day >= today - RECENT_DAYS)
    values = {
        GateMeasure.HISTORY_DAYS: today - int(summary.first_day.min(initial=today)),
        GateMeasure.RECENT_ORDERS: int(np.count_nonzero(recent)),
        GateMeasure.CUSTOMERS: len(summary),
        GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS: int((summary.orders >= SEVERAL_ORDERS).sum()),
        GateMeasure.REPEAT_CUSTOMERS: int((summary.order_days > 1).sum()),
    }
    return Gate(tuple(Requirement(need, values[need], least) for need, least in LEAST.items()))
