"""How a shop gets its models: rung by rung, down to none at all, and why each rung was left.

Maximum likelihood, else our own penalised fit, else the last good parameters, else nothing but
history. Never raises and never gives a model whose parameters mean nothing.
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
    """Where the parameters come from."""

    MAXIMUM_LIKELIHOOD = "maximum_likelihood"
    PENALISED = "penalised"
    LAST_GOOD = "last_good"
    HISTORIC_ONLY = "historic_only"


class FitOutcome(StrEnum):
    """What became of one rung."""

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
    """One rung that was tried, and what became of it."""

    rung: Rung
    outcome: FitOutcome


@dataclass(frozen=True)
class Ending:
    """How a fit ended: the rung that was reached, and every step on the way."""

    rung: Rung
    steps: tuple[RungTrial, ...]

    @property
    def converged(self) -> bool:
        """Whether the parameters were fitted to these customers."""
        return self.rung in {Rung.MAXIMUM_LIKELIHOOD, Rung.PENALISED}

    @property
    def reason(self) -> FitOutcome | None:
        """Why the first rung was left; None if it was not."""
        first = self.steps[0].outcome
        return None if first is FitOutcome.TAKEN else first


@dataclass(frozen=True)
class OrderFit:
    """A fit of orders. Without a model (`HISTORIC_ONLY`) nothing can be predicted.

    `covariance`: float64[4, 4] of the logarithms of r, alpha, a and b; None where unknown.
    `log_likelihood`: of the customers it was fitted to, also for last good parameters.
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
    """Fit when customers order. Rows that are not `sound` are left out."""
    history = history.take(history.sound())
    repeat = int((history.x > 0).sum())
    refused = _refuse(len(history), repeat, LEAST_REPEAT_FOR_ORDERS)
    if refused is None and not (history.T > 0).any():
        refused = FitOutcome.NO_TIME_PASSED
    groups = group_histories(history.x, history.tx, history.T)

    def by_likelihood() -> OrderModel | FitOutcome:
        model = likelihood.fit_orders(groups)
        if model is None:
            return FitOutcome.NOT_CONVERGED
        return model if penalised.is_maximum(groups, model) else FitOutcome.DEGENERATE

    def by_penalty() -> OrderModel | FitOutcome:
        end = penalised.fit_orders(groups)
        return end.model if end.converged else FitOutcome.NOT_CONVERGED

    ending, model = _climb(by_likelihood, by_penalty, last_good, refused)
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

    Customers whose spend is not above 0 (all of it was given back) are left out.
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

    refused = _refuse(len(n), repeat, LEAST_REPEAT_FOR_SPEND)
    ending, model = _climb(by_likelihood, by_penalty, last_good, refused)
    total = None if model is None else _sum(model.log_likelihood(n, m))
    return SpendFit(ending, model, len(n), repeat, len(groups), total)


def _covariance(groups: Groups, model: OrderModel | None, rung: Rung) -> Floats | None:
    if model is None or rung not in {Rung.MAXIMUM_LIKELIHOOD, Rung.PENALISED}:
        return None
    with np.errstate(all="ignore"):
        return penalised.orders_covariance(groups, model, prior=rung is Rung.PENALISED)


def _refuse(customers: int, repeat: int, least_repeat: int) -> FitOutcome | None:
    if customers == 0:
        return FitOutcome.NO_CUSTOMERS
    return FitOutcome.TOO_FEW_REPEAT_CUSTOMERS if repeat < least_repeat else None


def _climb(
    by_likelihood: Callable[[], M | FitOutcome],
    by_penalty: Callable[[], M | FitOutcome],
    last_good: M | None,
    refused: FitOutcome | None,
) -> tuple[Ending, M | None]:
    """Try the rungs in order. With `refused`, the customers cannot be fitted to at all."""
    steps: list[RungTrial] = []
    if refused is not None:
        steps.append(RungTrial(Rung.MAXIMUM_LIKELIHOOD, refused))
    for rung, fit in ((Rung.MAXIMUM_LIKELIHOOD, by_likelihood), (Rung.PENALISED, by_penalty)):
        if refused is not None:
            break
        try:
            with np.errstate(all="ignore"):
                found = fit()
        except (ArithmeticError, ValueError):  # LinAlgError is a ValueError
            found = FitOutcome.FAILED
        if not isinstance(found, FitOutcome):
            return Ending(rung, (*steps, RungTrial(rung, FitOutcome.TAKEN))), found
        steps.append(RungTrial(rung, found))
    outcome = FitOutcome.NONE_KEPT if last_good is None else FitOutcome.TAKEN
    steps.append(RungTrial(Rung.LAST_GOOD, outcome))
    rung = Rung.HISTORIC_ONLY if last_good is None else Rung.LAST_GOOD
    return Ending(rung, tuple(steps)), last_good


def _sum(terms: Floats) -> float | None:
    total = float(terms.sum())
    return total if np.isfinite(total) else None
