"""The gate opens when every requirement is met, and names those that are not."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from predictions.numerics.gate import Gate, GateMeasure, check_gate
from predictions.numerics.summary import Log, settle
from tests.predictions.shops import START, log

UTC = ZoneInfo("UTC")
TODAY = START + 180


def gate(rows: list[tuple[int, float, float]], back: Log | None = None) -> Gate:
    orders = settle(log(rows), back or Log.empty(), UTC, until=2**62)
    return check_gate(orders, TODAY)


def shop() -> list[tuple[int, float, float]]:
    """Just enough: 180 days, an order 30 days ago, 500 customers, 50 of them came three times."""
    rows = [(customer, 0.5, 10.0) for customer in range(500)]
    rows += [(customer, 150.2, 10.0) for customer in range(50)]
    return [*rows, (0, 60, 10.0)]


def values(gate: Gate) -> dict[GateMeasure, int]:
    return {requirement.need: requirement.value for requirement in gate.requirements}


def failed(gate: Gate) -> set[GateMeasure]:
    return {requirement.need for requirement in gate.requirements if not requirement.passed}


def test_just_enough() -> None:
    verdict = gate(shop())
    assert values(verdict) == {
        GateMeasure.HISTORY_DAYS: 180,
        GateMeasure.RECENT_ORDERS: 50,
        GateMeasure.CUSTOMERS: 500,
        GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS: 1,
        GateMeasure.REPEAT_CUSTOMERS: 50,
    }
    assert verdict.open
    assert verdict.open_for_spend


@pytest.mark.parametrize(
    ("rows", "need"),
    [
        ([(c, t + 1, v) for c, t, v in shop()], GateMeasure.HISTORY_DAYS),
        ([(c, t - (t > 149), v) for c, t, v in shop()], GateMeasure.RECENT_ORDERS),
        ([row for row in shop() if row[0] != 499], GateMeasure.CUSTOMERS),
        ([row for row in shop() if row[1] != 60], GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS),
    ],
)
def test_one_less_closes_it(rows: list[tuple[int, float, float]], need: GateMeasure) -> None:
    verdict = gate(rows)
    assert failed(verdict) == {need}
    assert not verdict.open
    assert not verdict.open_for_spend


def test_spend_needs_more_repeat_customers() -> None:
    verdict = gate([row for row in shop() if row[0] != 49 or row[1] < 1])
    assert failed(verdict) == {GateMeasure.REPEAT_CUSTOMERS}
    assert verdict.open
    assert not verdict.open_for_spend


def test_only_orders_that_count_open_it() -> None:
    assert failed(gate([(c, t, v if t < 1 else 0.0) for c, t, v in shop()])) >= {
        GateMeasure.RECENT_ORDERS,
        GateMeasure.REPEAT_CUSTOMERS,
    }
    back = log([(0, 170, np.nan)])
    assert values(gate(shop(), back))[GateMeasure.CUSTOMERS_WITH_SEVERAL_ORDERS] == 0
    later = [*shop(), (600, 181, 5.0)]
    assert values(gate(later))[GateMeasure.CUSTOMERS] == 500


def test_nothing_at_all() -> None:
    verdict = gate([])
    assert set(values(verdict).values()) == {0}
    assert failed(verdict) == set(GateMeasure)
