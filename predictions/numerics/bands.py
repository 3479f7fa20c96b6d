"""Bands of customers: churn risk by the account's limits, RFM with its terciles. Pure."""

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
    """A band of churn risk."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


def risk_of(probability: float, limits: tuple[float, float]) -> Risk:
    if probability < limits[0]:
        return Risk.LOW
    return Risk.MEDIUM if probability < limits[1] else Risk.HIGH


def risk_sizes(churn: Floats, limits: tuple[float, float]) -> dict[str, int]:
    """The number of customers in each band; customers without a probability are in none."""
    values = churn[~np.isnan(churn)]
    places = np.bincount(np.searchsorted(limits, values, side="right"), minlength=3)
    return {risk.value: int(size) for risk, size in zip(Risk, places, strict=True)}


def percentiles(churn: Floats) -> list[float]:
    """101 quantiles of risk, from the lowest to the highest; empty if nobody has one."""
    values = churn[~np.isnan(churn)]
    if not len(values):
        return []
    return [round(float(risk), 4) for risk in np.quantile(values, np.linspace(0, 1, 101))]


def percentile_of(probability: float, among: Sequence[float]) -> int | None:
    """How many percent of the customers have a lower risk."""
    return min(bisect_left(among, probability), 100) if among else None


@dataclass(frozen=True)
class Grid:
    """RFM of customers: int64[k] codes such as 333, positions in GROUPS, and tercile limits."""

    code: Ints
    group: Ints
    limits: dict[str, list[float]]
    """`orders`, `spend`: the most that scores 1, and the most that scores 2."""


def grid(summary: Summary, spend: Floats) -> Grid:
    """Score a summary's customers; `spend` as stored, so that limits fit the displayed values."""
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
