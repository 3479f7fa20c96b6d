"""Every shop gets models or a reason: never an error, a number that is none, or a silent zero."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from predictions.numerics.backtest import Backtest, backtest, challenger_wins, judge
from predictions.numerics.estimators import likelihood
from predictions.numerics.estimators.grouping import Groups, group_amounts, group_histories
from predictions.numerics.estimators.ladder import (
    FitOutcome,
    Rung,
    RungTrial,
    fit_orders,
    fit_spend,
)
from predictions.numerics.estimators.mbg import History, OrderModel
from predictions.numerics.estimators.rfm import GROUPS, group, score
from predictions.numerics.estimators.spend import SpendModel
from predictions.numerics.expectations import CHURN_DAYS, look_ahead
from predictions.numerics.forecast import forecast, month_edges
from predictions.numerics.gate import check_gate
from predictions.numerics.summary import Log, settle, summarise
from tests.predictions import cdnow
from tests.predictions.shops import SHOPS, START, log, shop_drawn

UTC = ZoneInfo("UTC")
TODAY = START + 400


@pytest.mark.parametrize("name", SHOPS)
def test_every_shop_gets_numbers_or_a_reason(name: str) -> None:
    orders = settle(SHOPS[name], Log.empty(), UTC, until=2**62)
    check_gate(orders, TODAY)
    summary = summarise(orders, TODAY)
    order_fit = fit_orders(summary.history)
    spend_fit = fit_spend(summary.order_days, summary.spend_per_order_day)
    for fit in (order_fit, spend_fit):
        assert (fit.model is None) == (fit.ending.rung is Rung.HISTORIC_ONLY)
        assert fit.ending.rung is Rung.MAXIMUM_LIKELIHOOD or fit.ending.reason is not None
        assert fit.model is None or fit.log_likelihood is not None
    groups = group(score(TODAY - summary.last_day.astype(float), summary.orders, summary.spend))
    assert ((groups >= 0) & (groups < len(GROUPS))).all()
    ahead = forecast(summary, order_fit, spend_fit.model, edges=month_edges(TODAY))
    if order_fit.model is None:
        assert ahead is None
        return
    assert ahead is not None
    for amounts in (ahead.orders, ahead.revenue):
        if amounts is not None:
            assert np.isfinite(amounts.expected).all()
            assert (amounts.low <= amounts.expected).all()
            assert (amounts.expected <= amounts.high).all()
            assert 0 < amounts.total_low <= amounts.total <= amounts.total_high < np.inf
    outlook = look_ahead(summary, order_fit.model, spend_fit.model)
    assert (outlook.revenue is None) == (spend_fit.model is None)
    for amount in (outlook.order_days, outlook.orders, outlook.revenue):
        if amount is not None:
            assert np.isfinite(amount).all()
            assert (amount >= 0).all()
            assert amount.sum() > 0
    for days in CHURN_DAYS:
        churn = outlook.churn_probability(days)
        assert ((churn >= 0) & (churn <= 1)).all()
    assert (np.diff(outlook.next_order, axis=1) >= 0).all()
    assert ((outlook.next_order >= 0) & (outlook.next_order <= 365)).all()


@pytest.mark.parametrize("name", SHOPS)
def test_every_shop_can_be_backtested(name: str) -> None:
    # Boosting is slow: the challenger is fitted only for the shops that are unusual for it.
    strange = name in {"empty", "one-time buyers only", "identical customers", "twice a day"}
    test = backtest(SHOPS[name], Log.empty(), zone=UTC, cutoff=TODAY - 90, with_challenger=strange)
    _check_figures(test)
    judge(test)
    challenger_wins(test)


def _check_figures(test: Backtest) -> None:
    assert (test.scores is None) == (test.order_fit.model is None)
    for scores in (test.scores, test.challenger):
        if scores is None:
            continue
        parts = (scores.orders, scores.revenue, scores.churn, scores.date)
        numbers = [v for part in parts if part for v in vars(part).values() if v is not None]
        numbers = [value for value in numbers if not isinstance(value, tuple)]
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("empty", FitOutcome.NO_CUSTOMERS),
        ("zero orders only", FitOutcome.NO_CUSTOMERS),
        ("everything given back", FitOutcome.NO_CUSTOMERS),
        ("one customer, many orders", FitOutcome.TOO_FEW_REPEAT_CUSTOMERS),
        ("one-time buyers only", FitOutcome.TOO_FEW_REPEAT_CUSTOMERS),
    ],
)
def test_who_cannot_be_fitted_to(name: str, outcome: FitOutcome) -> None:
    summary = summarise(settle(SHOPS[name], Log.empty(), UTC, until=2**62), TODAY)
    fit = fit_orders(summary.history)
    assert fit.model is None
    assert fit.ending.reason is outcome
    assert fit.ending.steps[-1] == RungTrial(Rung.LAST_GOOD, FitOutcome.NONE_KEPT)


def test_where_the_likelihood_has_no_maximum_the_prior_helps() -> None:
    summary = summarise(settle(SHOPS["nobody ever leaves"], Log.empty(), UTC, until=2**62), TODAY)
    fit = fit_orders(summary.history)
    assert fit.ending.rung is Rung.PENALISED
    assert fit.ending.converged
    assert fit.ending.reason in {FitOutcome.NOT_CONVERGED, FitOutcome.DEGENERATE}
    assert fit.model is not None
    expected = fit.model.expected_order_days(summary.history, 300)
    assert expected.mean() == pytest.approx(10, rel=0.25)


def test_last_good_parameters_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    last_good, kept_spend = OrderModel(0.6, 50, 0.8, 1.5), SpendModel(6, 4, 15)
    history = cdnow.published_history()
    few = History(history.x[:5], history.tx[:5], history.T[:5])
    fit = fit_orders(few, last_good=last_good)
    assert (fit.ending.rung, fit.model) == (Rung.LAST_GOOD, last_good)
    assert not fit.ending.converged
    assert fit.ending.reason is FitOutcome.TOO_FEW_REPEAT_CUSTOMERS
    spend = fit_spend(np.ones(3), np.ones(3), last_good=kept_spend)
    assert (spend.ending.rung, spend.model) == (Rung.LAST_GOOD, kept_spend)


def test_a_package_that_fails_is_a_rung_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(groups: Groups) -> OrderModel:
        raise FloatingPointError

    history = cdnow.published_history()
    usual = fit_orders(history).model
    monkeypatch.setattr(likelihood, "fit_orders", fail)
    fit = fit_orders(history)
    assert fit.ending.steps[0] == RungTrial(Rung.MAXIMUM_LIKELIHOOD, FitOutcome.FAILED)
    assert fit.ending.rung is Rung.PENALISED
    assert usual is not None
    assert fit.model is not None
    assert fit.model.r == pytest.approx(usual.r, rel=0.01)


def test_rows_that_cannot_be_are_left_out() -> None:
    x = np.array([-1.0, 1, 2, 0, 1.5, np.nan, 1, 3])
    tx = np.array([0.0, 5, 9, 3, 4, 1, 0, 20])
    T = np.array([9.0, 3, 10, 9, 9, 9, 9, 30])
    assert History(x, tx, T).sound().tolist() == [False, False, True, *[False] * 4, True]


def test_the_same_customers_get_the_same_models() -> None:
    summary = summarise(settle(shop_drawn(300, 400), Log.empty(), UTC, until=2**62), TODAY)
    fits = [fit_orders(summary.history).model for _ in range(2)]
    assert fits[0] == fits[1]
    mixed = np.random.default_rng(0).permutation(len(summary))
    history = summary.history
    again = fit_orders(History(history.x[mixed], history.tx[mixed], history.T[mixed])).model
    assert again == fits[0]


def test_bins_of_weeks_hardly_move_the_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    weeks = cdnow.published_history()
    history = History(weeks.x, weeks.tx * 7, weeks.T * 7)
    exact, spend = fit_orders(history), fit_spend(*cdnow.published_spend())
    monkeypatch.setattr("predictions.numerics.estimators.grouping.MOST_GROUPS", 100)
    binned, binned_spend = fit_orders(history), fit_spend(*cdnow.published_spend())
    assert binned.groups < exact.groups
    assert binned_spend.groups < spend.groups
    assert exact.model is not None
    assert binned.model is not None
    for name in ("r", "alpha", "a", "b"):
        assert getattr(binned.model, name) == pytest.approx(getattr(exact.model, name), rel=0.02)
    assert spend.model is not None
    assert binned_spend.model is not None
    assert binned_spend.model.mean == pytest.approx(spend.model.mean, rel=1e-3)


def test_groups_keep_everyone() -> None:
    history, (n, m) = cdnow.published_history(), cdnow.published_spend()
    for groups, size in (
        (group_histories(history.x, history.tx, history.T), len(history)),
        (group_amounts(n, m), len(n)),
    ):
        assert groups.weight.sum() == size
        assert np.bincount(groups.member).tolist() == groups.weight.tolist()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.integers(0, 60),
            st.integers(0, 399),
            st.sampled_from([0.0, -5.0, 5.0, 5.0, 19.99, 1e9, -1e9]),
        ),
        max_size=400,
    )
)
def test_any_shop_can_be_backtested(rows: list[tuple[int, int, float]]) -> None:
    shop = log([(c, float(t), v) for c, t, v in rows])
    _check_figures(backtest(shop, Log.empty(), zone=UTC, cutoff=TODAY - 90))
