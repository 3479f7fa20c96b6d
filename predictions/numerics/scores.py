"""Scores predictions against actual outcomes. Pure.

A score that is undefined (a correlation with a constant, a mean of nobody) is None.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from predictions.numerics.arrays import Bools, Floats

BINS = 8
TOP = 0.1


@dataclass(frozen=True)
class AmountScores:
    """Order days (or revenue) of all customers: expected against actual.

    `bias`: predicted / actual - 1. `r`: Pearson's correlation; `rank_correlation`: Spearman's.
    `naive_mae`: the error of the naive prediction. `top_decile_share`: the share of the actual
    total that the tenth of customers with the highest expectations had.
    """

    predicted: float
    actual: float
    bias: float | None
    mae: float | None
    naive_mae: float | None
    rmse: float | None
    r: float | None
    rank_correlation: float | None
    top_decile_share: float | None


@dataclass(frozen=True)
class Bin:
    """An eighth of the customers by probability: mean expected and actual share."""

    customers: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class ProbabilityScores:
    """P(no order within `days`) against who did not order.

    `brier_base` is the Brier score of predicting the base rate for everyone; `calibration_error`
    the mean distance of expected and actual share over the bins, weighted by their customers.
    """

    days: int
    brier: float
    brier_base: float
    auc: float | None
    calibration_error: float
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class DateScores:
    """The date of the next order, over the customers who did order.

    `mae_days`: mean distance from the expected date; `coverage`: the share that ordered within
    the 25-75 % range, which should be a half.
    """

    customers: int
    mae_days: float
    coverage: float


def score_amounts(predicted: Floats, actual: Floats, naive: Floats) -> AmountScores:
    """Compare amounts of the same customers, float64[k] each."""
    total, real = float(predicted.sum()), float(actual.sum())
    if not len(actual):
        return AmountScores(total, real, None, None, None, None, None, None, None)
    from scipy.stats import rankdata  # noqa: PLC0415  # takes seconds

    error = predicted - actual
    top = np.argsort(-predicted, kind="stable")[: max(1, round(TOP * len(actual)))]
    return AmountScores(
        total,
        real,
        total / real - 1.0 if real > 0 else None,
        float(np.abs(error).mean()),
        float(np.abs(naive - actual).mean()),
        float(np.sqrt((error**2).mean())),
        correlate(predicted, actual),
        correlate(rankdata(predicted), rankdata(actual)),
        float(actual[top].sum()) / real if real > 0 else None,
    )


def score_probabilities(churn: Floats, stayed_away: Bools, days: int) -> ProbabilityScores | None:
    """Compare probabilities (float64[k] in [0, 1]) with outcomes; None without customers."""
    from sklearn.metrics import brier_score_loss, roc_auc_score  # noqa: PLC0415 - costs a second

    if not len(churn):
        return None
    share = float(stayed_away.mean())
    bins = calibrate(churn, stayed_away)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a single class, which is handled here
        brier = float(brier_score_loss(stayed_away, churn, pos_label=True))
        auc = float(roc_auc_score(stayed_away, churn)) if 0 < share < 1 else None
    return ProbabilityScores(
        days,
        brier,
        share * (1.0 - share),
        auc,
        sum(b.customers * abs(b.predicted - b.actual) for b in bins) / len(churn),
        bins,
    )


def score_dates(next_order: Floats, actual: Floats, has_order: Bools) -> DateScores | None:
    """Compare expected dates with those of the customers who ordered; None if nobody did.

    `next_order`: float64[k, 3], days after the cutoff (25, 50 and 75 %); `actual`: float64[k],
    read where `has_order`.
    """
    if not has_order.any():
        return None
    low, middle, high = next_order[has_order].T
    real = actual[has_order]
    within = (real >= low) & (real <= high)
    return DateScores(
        int(has_order.sum()), float(np.abs(middle - real).mean()), float(within.mean())
    )


def calibrate(churn: Floats, stayed_away: Bools) -> tuple[Bin, ...]:
    """Return BINS bins of equally many customers in order of probability, or fewer."""
    by_probability = np.argsort(churn, kind="stable")
    parts = (part for part in np.array_split(by_probability, BINS) if len(part))
    return tuple(
        Bin(len(part), float(churn[part].mean()), float(stayed_away[part].mean())) for part in parts
    )


def correlate(x: Floats, y: Floats) -> float | None:
    """Return Pearson's correlation; None if one of the two does not vary."""
    a, b = x - x.mean(), y - y.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    if not norm > 1e-12 * max(1.0, float(np.abs(x).max() * np.abs(y).max())):
        return None
    return float(np.clip(a @ b / norm, -1.0, 1.0))
