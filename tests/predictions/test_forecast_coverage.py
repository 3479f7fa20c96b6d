"""Of customers who behave as the models say, ranges hold what came as often as they promise."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from predictions.numerics.arrays import Bools
from predictions.numerics.backtest import fit
from predictions.numerics.forecast import MODEL_ERROR, Forecast, forecast, year_edges
from predictions.numerics.outcomes import monthly_outcomes
from predictions.numerics.summary import Log, Summary, end_of_day, settle, summarise
from tests.draws import NIGHTLY, draws
from tests.predictions.shops import START, shop_drawn

HISTORY = 400
UTC = ZoneInfo("UTC")
CUTOFF = START + HISTORY - 1


def members_of(summary: Summary, among: Bools) -> Summary:
    rows = among[summary.customer]
    columns = (
        getattr(summary, name)[rows]
        for name in ("customer", "first_day", "last_day", "orders", "order_days", "spend")
    )
    return Summary(summary.cutoff, *columns)


def made_and_came(seed: int, model_error: float) -> tuple[Forecast, np.ndarray, np.ndarray]:
    """A segment of a quarter of the customers: its forecast, then its orders and revenue."""
    shop = shop_drawn(2_400, HISTORY + 365, seed=seed)
    before = settle(shop, Log.empty(), UTC, until=end_of_day(CUTOFF, UTC))
    after = settle(shop, Log.empty(), UTC, until=end_of_day(CUTOFF + 365, UTC))
    everyone = summarise(before, CUTOFF)
    order_fit, spend_fit = fit(everyone)
    among = np.zeros(2_400, np.bool_)
    among[everyone.customer[::4]] = True
    edges = year_edges(CUTOFF)
    result = forecast(
        members_of(everyone, among),
        order_fit,
        spend_fit.model,
        edges=edges,
        model_error=model_error,
    )
    assert result is not None
    return result, *monthly_outcomes(after, among, CUTOFF, edges)


def coverage(runs: int, model_error: float) -> dict[str, float]:
    """The share of months, and of years, in their ranges, for orders and revenue."""
    hits: dict[str, list[float]] = {}
    for seed in range(runs):
        result, orders, revenue = made_and_came(100 + seed, model_error)
        assert result.revenue is not None
        for kind, amounts, came in (
            ("orders", result.orders, orders),
            ("revenue", result.revenue, revenue),
        ):
            is_in = (amounts.low <= came) & (came <= amounts.high)
            hits.setdefault(f"{kind} by month", []).append(float(is_in.mean()))
            of_year = amounts.total_low <= came.sum() <= amounts.total_high
            hits.setdefault(f"{kind} of the year", []).append(float(of_year))
    return {name: float(np.mean(values)) for name, values in hits.items()}


def test_ranges_with_the_error_of_models_hold_at_least_what_they_promise() -> None:
    shares = coverage(draws(6, nightly=60), MODEL_ERROR)
    print(shares)
    assert min(shares.values()) >= 0.8, shares


@pytest.mark.skipif(not NIGHTLY, reason="takes a minute")
def test_ranges_of_chance_and_parameters_alone_hold_somewhat_less_over_a_year() -> None:
    shares = coverage(100, 0.0)
    print(shares)
    for name, share in shares.items():
        assert 0.65 <= share <= 0.95, (name, shares)
