"""The months ahead: they add up, and their uncertainty shrinks with the number of customers."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from predictions.numerics.backtest import fit, hold_out
from predictions.numerics.expectations import look_ahead
from predictions.numerics.forecast import MODEL_ERROR, Forecast, forecast, month_edges
from predictions.numerics.summary import Log, Summary, settle, summarise
from tests.predictions import cdnow
from tests.predictions.shops import START, shop_drawn

UTC = ZoneInfo("UTC")
TODAY = START + 400


def shop(customers: int) -> Summary:
    return summarise(settle(shop_drawn(customers, 400), Log.empty(), UTC, until=2**62), TODAY)


def ahead(summary: Summary, model_error: float = MODEL_ERROR) -> Forecast:
    orders, spend = fit(summary)
    edges = month_edges(TODAY)
    result = forecast(summary, orders, spend.model, edges=edges, model_error=model_error)
    assert result is not None
    return result


def test_months_of_the_calendar() -> None:
    edges = month_edges(cdnow.day("2026-01-30"))
    assert edges[:4] == (0, 1, 29, 60)
    assert len(edges) == 13
    assert month_edges(cdnow.day("2026-12-31"))[:3] == (0, 31, 59)
    assert month_edges(cdnow.day("2027-12-31"))[-1] == 366


def test_months_add_up_to_what_customers_are_expected_to_do() -> None:
    summary = shop(600)
    orders, spend = fit(summary)
    assert orders.model is not None
    result = forecast(summary, orders, spend.model, edges=(0, 31, 59, 90))
    outlook = look_ahead(summary, orders.model, spend.model, days=90)
    assert result is not None
    assert result.revenue is not None
    assert outlook.revenue is not None
    assert result.orders.total == pytest.approx(outlook.orders.sum())
    assert result.revenue.total == pytest.approx(outlook.revenue.sum())
    assert result.orders.expected.sum() == pytest.approx(result.orders.total)


def test_few_customers_are_told_with_a_third_on_either_side() -> None:
    few, many = ahead(shop(500)).orders, ahead(shop(4_000), model_error=0.0).orders
    assert 1.25 < few.total_high / few.total < 1.45
    assert many.total_high / many.total < 1.15
    assert (few.high / few.expected > few.total_high / few.total).all()


def test_the_range_holds_what_came() -> None:
    hidden = hold_out(
        cdnow.sample_log(), Log.empty(), zone=UTC, cutoff=cdnow.day("1998-04-01"), days=90
    )
    orders, spend = fit(hidden.summary)
    result = forecast(hidden.summary, orders, spend.model, edges=(0, 90))
    assert result is not None
    assert result.revenue is not None
    came = hidden.order_days.sum() * hidden.summary.orders_per_order_day
    assert result.orders.total_low < came < result.orders.total_high
    assert result.revenue.total_low < hidden.revenue.sum() < result.revenue.total_high


def test_in_models_own_shops_the_range_holds_four_in_five() -> None:
    hits = []
    for seed in range(20):
        rows = shop_drawn(300, 520, seed)
        hidden = hold_out(rows, Log.empty(), zone=UTC, cutoff=START + 399, days=120)
        orders, _spend = fit(hidden.summary)
        result = forecast(hidden.summary, orders, None, edges=(0, 120), model_error=0.0)
        assert result is not None
        came = hidden.order_days.sum() * hidden.summary.orders_per_order_day
        hits.append(result.orders.total_low <= came <= result.orders.total_high)
    assert 0.6 <= np.mean(hits) <= 1.0
