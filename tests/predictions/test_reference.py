"""The figures that are published for CDNOW, and the floor we set ourselves on its master file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from predictions.management.commands.evaluate_predictions import evaluate
from predictions.numerics.backtest import hold_out
from predictions.numerics.estimators import penalised
from predictions.numerics.estimators.grouping import group_amounts, group_histories
from predictions.numerics.estimators.ladder import Rung, fit_orders, fit_spend
from predictions.numerics.estimators.mbg import OrderModel
from predictions.numerics.summary import Log
from predictions.storage.order_file import Columns, read_orders
from profiles.imports.layout import detect_layout
from profiles.imports.source import FileSource
from tests.predictions import cdnow

UTC = ZoneInfo("UTC")


def test_orders_as_published() -> None:
    fit = fit_orders(cdnow.published_history())
    assert fit.ending.rung is Rung.MAXIMUM_LIKELIHOOD
    assert fit.model is not None
    assert fit.model.r == pytest.approx(0.525, abs=0.002)
    assert fit.model.alpha == pytest.approx(6.183, abs=0.02)
    assert fit.model.a == pytest.approx(0.891, abs=0.003)
    assert fit.model.b == pytest.approx(1.614, abs=0.005)


def test_spend_as_published() -> None:
    fit = fit_spend(*cdnow.published_spend())
    assert fit.ending.rung is Rung.MAXIMUM_LIKELIHOOD
    assert fit.model is not None
    assert fit.model.p == pytest.approx(6.25, abs=0.02)
    assert fit.model.q == pytest.approx(3.74, abs=0.01)
    assert fit.model.v == pytest.approx(15.44, abs=0.05)


def test_our_own_fits_agree_with_the_package() -> None:
    history, (n, m) = cdnow.published_history(), cdnow.published_spend()
    ours = penalised.fit_orders(group_histories(history.x, history.tx, history.T), prior=False)
    theirs = fit_orders(history).model
    assert ours.converged
    assert theirs is not None
    assert _values(ours.model) == pytest.approx(_values(theirs), rel=1e-4)
    spend, their_spend = (
        penalised.fit_spend(group_amounts(n, m), prior=False),
        fit_spend(n, m).model,
    )
    assert spend.converged
    assert their_spend is not None
    assert (spend.model.p, spend.model.q, spend.model.v) == pytest.approx(
        (their_spend.p, their_spend.q, their_spend.v), rel=1e-3
    )


def test_the_prior_hardly_matters_with_customers_enough() -> None:
    history = cdnow.published_history()
    ours = penalised.fit_orders(group_histories(history.x, history.tx, history.T))
    theirs = fit_orders(history).model
    assert ours.converged
    assert theirs is not None
    assert _values(ours.model) == pytest.approx(_values(theirs), rel=0.01)


def test_holdout_of_39_weeks_as_published() -> None:
    hidden = hold_out(
        cdnow.sample_log(worth=False),
        Log.empty(),
        zone=UTC,
        cutoff=cdnow.CUTOFF,
        days=cdnow.HOLDOUT_DAYS,
    )
    fit = fit_orders(hidden.summary.history)
    assert fit.model is not None
    assert fit.model.alpha / cdnow.WEEK == pytest.approx(6.183, abs=0.02)
    expected = fit.model.expected_order_days(hidden.summary.history, cdnow.HOLDOUT_DAYS)
    error = expected - hidden.order_days
    assert len(hidden.summary) == 2_357
    assert hidden.order_days.sum() == 1_882
    assert expected.sum() == pytest.approx(1576.7, abs=1.0)
    assert np.abs(error).mean() == pytest.approx(0.7648, abs=5e-4)
    assert np.sqrt((error**2).mean()) == pytest.approx(1.6072, abs=5e-4)
    assert np.corrcoef(expected, hidden.order_days)[0, 1] == pytest.approx(0.6272, abs=5e-4)


def test_quality_floor_on_the_master_file() -> None:
    source = FileSource(cdnow.folder() / "CDNOW_master.txt")
    columns = Columns("customer_id", "date", "dollar_value", "%Y%m%d", UTC)
    file = read_orders(source, detect_layout(source), columns)
    assert (file.rows, file.customers, file.rejects) == (69_659, 23_570, [])
    result = evaluate(
        file.orders, zone=UTC, cutoff=cdnow.CUTOFF, days=cdnow.HOLDOUT_DAYS, challenger=False
    )
    assert result["orders_mae"] <= 0.80
    assert result["orders_mae"] < result["orders_mae_naive"]
    assert result["orders_r"] >= 0.66
    assert abs(result["predicted_orders"] / result["actual_orders"] - 1) <= 0.20
    assert result["top_decile_share"] >= 0.52
    churn = result["churn_90"]
    assert churn["brier"] <= 0.118 < churn["brier_base"]
    assert churn["auc"] >= 0.765
    assert churn["calibration_error"] <= 0.035
    assert result["next_order_date_mae_days"] <= 60


def _values(model: OrderModel) -> tuple[float, ...]:
    return (model.r, model.alpha, model.a, model.b)
