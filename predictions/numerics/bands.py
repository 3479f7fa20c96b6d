"""Customers in bands: churn risk by the account's limits, RFM with where terciles end. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from predictions.numerics.arrays import Floats, Ints
from predictions.numerics.estimators import rfm
from predictions.numerics.summary import Summary


class Risk(StrEnum):
    """How likely somebody is to stay away."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def risk_of(probability: float, limits: tuple[float, float]) -> Risk:
    if probability < limits[0]:
        return Risk.LOW
    return Risk.MEDIUM if probability < limits[1] else Risk.HIGH


def risk_sizes(churn: Floats, limits: tuple[float, float]) -> dict[str, int]:
    """How many customers are in each band; who has no probability is in none."""
    known = churn[~np.isnan(churn)]
    places = np.bincount(np.searchsorted(limits, known, side="right"), minlength=3)
    return {risk.value: int(size) for risk, size in zip(Risk, places, strict=True)}


def percentiles(churn: Floats) -> list[float]:
    """101 risks, from the lowest to the highest; none where nobody has one."""
    known = churn[~np.isnan(churn)]
    if not len(known):
        return []
    return [round(float(risk), 4) for risk in np.quantile(known, np.linspace(0, 1, 101))]


def percentile_of(probability: float, among: Sequence[float]) -> int | None:
    """How many percent of the customers have a lower risk."""
    return min(bisect_left(among, probability), 100) if among else None


@dataclass(frozen=True)
class Grid:
    """RFM of customers: int64[k] codes as 333 and places in GROUPS, and the terciles' ends."""

    code: Ints
    group: Ints
    limits: dict[str, list[float]]
    """`orders`, `spend`: the most that scores 1, and the most that scores 2."""


def grid(summary: Summary, spend: Floats) -> Grid:
    """Score a summary's customers; `spend` as it is kept, so that limits divide what is shown."""
    days_since = (summary.cutoff - summary.last_day).astype(np.float64)
    scores = rfm.score(days_since, summary.orders, spend)
    limits = {
        "orders": _limits(scores[:, 1], summary.orders),
        "spend": _limits(scores[:, 2], spend),
    }
    code = scores.astype(np.int64) @ np.array([100, 10, 1])
    return Grid(code, rfm.group(scores).astype(np.int64), limits)


def _limits(score: rfm.Scores, values: Floats) -> list[float]:
    """The most that scores 1, and the most that scores 1 or 2."""
    if not len(values):
        return []
    first = float(values[score == 1].max(initial=-np.inf))
    second = float(values[score <= 2].max(initial=-np.inf))
    return [first, second] if np.isfinite(first) else []
