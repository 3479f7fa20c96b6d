"""What is hidden stays hidden, and which runs may be published."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from predictions.numerics.backtest import (
    Backtest,
    Check,
    backtest,
    challenger_wins,
    hold_out,
    judge,
)
from predictions.numerics.estimators.ladder import Ending, FitOutcome, Rung, RungTrial
from predictions.numerics.summary import Log
from tests.predictions import cdnow
from tests.predictions.shops import START, log

UTC = ZoneInfo("UTC")
CUTOFF = START + 100


@pytest.fixture(scope="module")
def sample() -> Backtest:
    """The published sample with its last 90 days hidden."""
    return backtest(
        cdnow.sample_log(),
        Log.empty(),
        zone=UTC,
        cutoff=cdnow.day("1998-04-01"),
        days=90,
        with_challenger=True,
    )


def test_what_came_after_the_cutoff() -> None:
    orders = log(
        [
            *((0, 1, 5.0), (0, 101, 7.0), (0, 101.5, 8.0), (0, 150, 9.0), (0, 195, 1.0)),
            *((1, 100.99, 5.0), (2, 120, 5.0)),
        ]
    )
    hidden = hold_out(orders, Log.empty(), zone=UTC, cutoff=CUTOFF, days=90)
    assert hidden.summary.customer.tolist() == [0, 1]
    assert hidden.order_days.tolist() == [2, 0]
    assert hidden.revenue.tolist() == [24, 0]
    assert hidden.next_order[0] == 1
    assert np.isnan(hidden.next_order[1])
    assert hidden.ordered_within(90).tolist() == [True, False]
    assert hidden.newcomers == 1


def test_what_is_given_back_later_was_an_order_then() -> None:
    orders = log([(0, 1, 5.0), (0, 90, 7.0), (0, 110, 20.0), (0, 130, 30.0)])
    back = log([(0, 105, 7.0), (0, 120, 20.0), (0, 140, 4.0)])
    hidden = hold_out(orders, back, zone=UTC, cutoff=CUTOFF, days=90)
    assert hidden.summary.orders.tolist() == [2]
    assert hidden.order_days.tolist() == [1]
    assert hidden.revenue.tolist() == [26]


def test_nothing_after_the_cutoff_changes_the_fit() -> None:
    whole = cdnow.sample_log()
    cut = whole.take(whole.time < (cdnow.CUTOFF + 1) * 86_400_000_000)
    fits = [
        backtest(orders, Log.empty(), zone=UTC, cutoff=cdnow.CUTOFF, days=90).order_fit.model
        for orders in (whole, cut)
    ]
    assert fits[0] == fits[1]


def test_the_sample_may_be_published(sample: Backtest) -> None:
    assert sample.customers == 2_349
    scores = sample.scores
    assert scores is not None
    assert scores.orders.mae is not None
    assert scores.orders.naive_mae is not None
    assert scores.orders.mae < scores.orders.naive_mae
    assert scores.date is not None
    assert 0.4 < scores.date.coverage < 0.6
    assert scores.churn is not None
    assert len(scores.churn.bins) == 8
    assert sum(b.customers for b in scores.churn.bins) == sample.customers
    assert [verdict.passed for verdict in judge(sample)] == [True] * 4


def test_the_challenger_is_scored_alike(sample: Backtest) -> None:
    rival = sample.challenger
    assert rival is not None
    assert sample.scores is not None
    assert rival.orders.actual == sample.scores.orders.actual
    assert rival.churn is not None
    assert rival.churn.auc is not None
    assert rival.churn.auc > 0.6
    assert rival.date is None


def test_a_fit_from_last_parameters_is_not_published(sample: Backtest) -> None:
    ending = Ending(Rung.LAST_GOOD, (RungTrial(Rung.MAXIMUM_LIKELIHOOD, FitOutcome.NOT_CONVERGED),))
    other = replace(sample, order_fit=replace(sample.order_fit, ending=ending))
    assert _failed(other) == {Check.CONVERGED}


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"brier": 0.2, "brier_base": 0.2}, Check.BEATS_BASE_RATE),
        ({"auc": 0.6}, Check.AUC),
        ({"auc": None}, Check.AUC),
        ({"predicted": 151.0, "actual": 100.0}, Check.TOTAL),
        ({"predicted": 66.0, "actual": 100.0}, Check.TOTAL),
        ({"predicted": 10.0, "actual": 0.0}, Check.TOTAL),
    ],
)
def test_why_a_run_is_not_published(
    sample: Backtest, change: dict[str, float | None], check: Check
) -> None:
    assert sample.scores is not None
    part = "orders" if "predicted" in change else "churn"
    scores = replace(sample.scores, **{part: replace(getattr(sample.scores, part), **change)})
    assert _failed(replace(sample, scores=scores)) == {check}


def test_without_scores_nothing_is_published(sample: Backtest) -> None:
    nothing = backtest(log([]), Log.empty(), zone=UTC, cutoff=CUTOFF)
    assert nothing.scores is None
    assert not all(verdict.passed for verdict in judge(nothing))
    assert not challenger_wins(nothing)


def test_the_challenger_wins_by_being_better_at_orders_and_at_churn(sample: Backtest) -> None:
    assert sample.scores is not None
    assert sample.scores.churn is not None
    better = replace(
        sample.scores,
        orders=replace(sample.scores.orders, mae=0.0),
        churn=replace(sample.scores.churn, brier=0.0),
    )
    won, worse = replace(sample, challenger=better), replace(sample, challenger=sample.scores)
    assert challenger_wins(won)
    assert not challenger_wins(worse)


def _failed(test: Backtest) -> set[Check]:
    return {verdict.check for verdict in judge(test) if not verdict.passed}
