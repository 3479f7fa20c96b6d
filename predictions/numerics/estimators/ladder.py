"""Fits a shop's models by a ladder of fallbacks, and records why each rung failed.

Maximum likelihood, else our own penalised fit, else the last good parameters, else no model, only
history. Never raises and never returns a model with degenerate parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import numpy as np

from predictions.numerics.arrays import Floats
from predictions.numerics.estimators import likelihood, penalised
from predictions.numerics.estimators.grouping import Groups, group_amounts, group_histories
from predictions.numerics.estimators.mbg import History, OrderModel
from predictions.numerics.estimators.spend import SpendModel

M = TypeVar("M", OrderModel, SpendModel)

LEAST_REPEAT_FOR_ORDERS = 10
LEAST_REPEAT_FOR_SPEND = 50


class Rung(StrEnum):
    """The source of the parameters."""

    MAXIMUM_LIKELIHOOD = "maximum_likelihood"
    PENALISED = "penalised"
    LAST_GOOD = "last_good"
    HISTORIC_ONLY = "historic_only"


class FitOutcome(StrEnum):
    """The outcome of one rung."""

    TAKEN = "taken"
    NOT_CONVERGED = "not_converged"
    DEGENERATE = "degenerate"
    FAILED = "failed"
    NO_CUSTOMERS = "no_customers"
    NO_TIME_PASSED = "no_time_passed"
    TOO_FEW_REPEAT_CUSTOMERS = "too_few_repeat_customers"
    NONE_KEPT = "none_kept"


@dataclass(frozen=True)
class RungTrial:
    """One rung and its outcome."""

    rung: Rung
    outcome: FitOutcome


@dataclass(frozen=True)
class Ending:
    """How a fit ended: the rung that succeeded, and all steps up to it."""

    rung: Rung
    steps: tuple[RungTrial, ...]

    @property
    def converged(self) -> bool:
        """Whether the parameters were fitted to these customers."""
        return self.rung in {Rung.MAXIMUM_LIKELIHOOD, Rung.PENALISED}

    @property
    def reason(self) -> FitOutcome | None:
        """Why the first rung failed; None if it succeeded."""
        first = self.steps[0].outcome
        return None if first is FitOutcome.TAKEN else first


@dataclass(frozen=True)
class OrderFit:
    """A fit of orders. Without a model (`HISTORIC_ONLY`) nothing can be predicted.

    `covariance`: float64[4, 4] of the logarithms of r, alpha, a and b; None where unknown.
    `log_likelihood`: of these customers, also for the last good parameters.
    """

    ending: Ending
    model: OrderModel | None
    customers: int
    repeat_customers: int
    groups: int
    log_likelihood: float | None
    covariance: Floats | None


@dataclass(frozen=True)
class SpendFit:
    """A fit of spend on an order day."""

    ending: Ending
    model: SpendModel | None
    customers: int
    repeat_customers: int
    groups: int
    log_likelihood: float | None


def fit_orders(history: History, *, last_good: OrderModel | None = None) -> OrderFit:
    """Fit the order model. Rows that are not `sound` are left out."""
    history = history.take(history.sound())
    repeat = int((history.x > 0).sum())
    reason = _reason_not_to_fit(len(history), repeat, LEAST_REPEAT_FOR_ORDERS)
    if reason is None and not (history.T > 0).any():
        reason = FitOutcome.NO_TIME_PASSED
    groups = group_histories(history.x, history.tx, history.T)

    def by_likelihood() -> OrderModel | FitOutcome:
        model = likelihood.fit_orders(groups)
        if model is None:
            return FitOutcome.NOT_CONVERGED
        return model if penalised.is_maximum(groups, model) else FitOutcome.DEGENERATE

    def by_penalty() -> OrderModel | FitOutcome:
        end = penalised.fit_orders(groups)
        return end.model if end.converged else FitOutcome.NOT_CONVERGED

    ending, model = _first_success(by_likelihood, by_penalty, last_good, reason)
    return OrderFit(
        ending,
        model,
        len(history),
        repeat,
        len(groups),
        None if model is None else _sum(model.log_likelihood(history)),
        _covariance(groups, model, ending.rung),
    )


def fit_spend(n: Floats, m: Floats, *, last_good: SpendModel | None = None) -> SpendFit:
    """Fit spend on an order day from n order days with mean spend m on them, float64[k] each.

    Customers whose spend is not above 0 (all of it was refunded) are left out.
    """
    usable = (n >= 1) & (m > 0) & np.isfinite(n) & np.isfinite(m)
    n, m = n[usable], m[usable]
    repeat = int((n > 1).sum())
    groups = group_amounts(n, m)

    def by_likelihood() -> SpendModel | FitOutcome:
        model = likelihood.fit_spend(groups)
        if model is None:
            return FitOutcome.NOT_CONVERGED
        return model if penalised.spend_holds(groups, model) else FitOutcome.DEGENERATE

    def by_penalty() -> SpendModel | FitOutcome:
        end = penalised.fit_spend(groups)
        return end.model if end.converged else FitOutcome.NOT_CONVERGED

    reason = _reason_not_to_fit(len(n), repeat, LEAST_REPEAT_FOR_SPEND)
    ending, model = _first_success(by_likelihood, by_penalty, last_good, reason)
    total = None if model is None else _sum(model.log_likelihood(n, m))
    return SpendFit(ending, model, len(n), repeat, len(groups), total)


def _covariance(groups: Groups, model: OrderModel | None, rung: Rung) -> Floats | None:
    if model is None or rung not in {Rung.MAXIMUM_LIKELIHOOD, Rung.PENALISED}:
        return None
    with np.errstate(all="ignore"):
        return penalised.orders_covariance(groups, model, prior=rung is Rung.PENALISED)


def _reason_not_to_fit(customers: int, repeat: int, least_repeat: int) -> FitOutcome | None:
    if customers == 0:
        return FitOutcome.NO_CUSTOMERS
    return FitOutcome.TOO_FEW_REPEAT_CUSTOMERS if repeat < least_repeat else None


def _first_success(
    by_likelihood: Callable[[], M | FitOutcome],
    by_penalty: Callable[[], M | FitOutcome],
    last_good: M | None,
    reason: FitOutcome | None,
) -> tuple[Ending, M | None]:
    """Try the rungs in order. `reason`: why these customers cannot be fitted, or None."""
    steps: list[RungTrial] = []
    if reason is not None:
        steps.append(RungTrial(Rung.MAXIMUM_LIKELIHOOD, reason))
    for rung, fit in ((Rung.MAXIMUM_LIKELIHOOD, by_likelihood), (Rung.PENALISED, by_penalty)):
        if reason is not None:
            break
        try:
            with np.errstate(all="ignore"):
                result = fit()
        except (ArithmeticError, ValueError):  # LinAlgError is a ValueError
            result = FitOutcome.FAILED
        if not isinstance(result, FitOutcome):
            return Ending(rung, (*steps, RungTrial(rung, FitOutcome.TAKEN))), result
        steps.append(RungTrial(rung, result))
    outcome = FitOutcome.NONE_KEPT if last_good is None else FitOutcome.TAKEN
    steps.append(RungTrial(Rung.LAST_GOOD, outcome))
    rung = Rung.HISTORIC_ONLY if last_good is None else Rung.LAST_GOOD
    return Ending(rung, tuple(steps)), last_good


def _sum(terms: Floats) -> float | None:
    total = float(terms.sum())
    return total if np.isfinite(total) else None
