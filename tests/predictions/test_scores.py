"""Figures of a backtest, on cases that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.calibration import calibration_curve

from predictions.numerics.scores import (
    calibrate,
    correlate,
    score_amounts,
    score_dates,
    score_probabilities,
)


def test_amounts() -> None:
    predicted = np.array([4.0, 1.0, 0.0, 1.0, 0, 0, 0, 0, 0, 0])
    actual = np.array([6.0, 0.0, 2.0, 0.0, 0, 0, 0, 0, 0, 0])
    scores = score_amounts(predicted, actual, np.ones(10))
    assert (scores.predicted, scores.actual) == (6, 8)
    assert scores.bias == pytest.approx(-0.25)
    assert scores.mae == pytest.approx(0.6)
    assert scores.naive_mae == pytest.approx(1.4)
    assert scores.rmse == pytest.approx(1.0)
    assert scores.r == pytest.approx(np.corrcoef(predicted, actual)[0, 1])
    assert scores.rank_correlation == pytest.approx(spearmanr(predicted, actual).statistic)
    assert scores.top_decile_share == pytest.approx(0.75)


def test_what_has_no_meaning_is_none() -> None:
    nobody, nothing = np.empty(0), np.zeros(5)
    assert score_amounts(nobody, nobody, nobody).mae is None
    scores = score_amounts(np.ones(5), nothing, nothing)
    assert (scores.bias, scores.r, scores.rank_correlation) == (None, None, None)
    assert scores.top_decile_share is None
    assert correlate(np.full(9, 0.1), np.arange(9.0)) is None
    assert score_probabilities(nobody, nobody.astype(bool), 90) is None
    everyone = score_probabilities(np.full(5, 0.5), np.ones(5, bool), 90)
    assert everyone is not None
    assert (everyone.auc, everyone.brier, everyone.brier_base) == (None, 0.25, 0)
    assert score_dates(np.zeros((5, 3)), nothing, nothing.astype(bool)) is None


def test_probabilities() -> None:
    churn = np.array([0.9, 0.8, 0.7, 0.2])
    scores = score_probabilities(churn, np.array([True, False, True, False]), 90)
    assert scores is not None
    assert scores.brier == pytest.approx((0.01 + 0.64 + 0.09 + 0.04) / 4)
    assert scores.brier_base == pytest.approx(0.25)
    assert scores.auc == pytest.approx(0.75)
    assert scores.calibration_error == pytest.approx((0.1 + 0.8 + 0.3 + 0.2) / 4)


def test_bins_hold_equally_many_customers() -> None:
    draw = np.random.default_rng(0)
    churn = draw.random(800)
    away = draw.random(800) < churn
    bins = calibrate(churn, away)
    actual, predicted = calibration_curve(away, churn, n_bins=8, strategy="quantile")
    assert [b.customers for b in bins] == [100] * 8
    assert [b.predicted for b in bins] == pytest.approx(predicted)
    assert [b.actual for b in bins] == pytest.approx(actual)


def test_dates_are_scored_for_those_who_came() -> None:
    ranges = np.array([[5.0, 10.0, 20.0], [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])
    scores = score_dates(ranges, np.array([16.0, 6.0, np.nan]), np.array([True, True, False]))
    assert scores is not None
    assert (scores.customers, scores.mae_days, scores.coverage) == (2, 5.0, 0.5)
