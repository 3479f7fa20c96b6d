"""Our own fits: maximum likelihood with a weak log-normal prior on each parameter.

They also converge if the likelihood alone has no maximum (nobody drops out, all customers equal).
With `prior=False` they are plain maximum likelihood. Times and amounts are scaled internally.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit

from predictions.numerics.arrays import Floats
from predictions.numerics.estimators.grouping import Groups, group_equal
from predictions.numerics.estimators.mbg import History, OrderModel
from predictions.numerics.estimators.spend import SpendModel

Objective = Callable[[Floats], tuple[float, Floats]]

_STEPS = 1_000
_FLAT = 1e-4
"""The largest gradient per customer that counts as converged; at the end it is about 1e-8."""
_HESSIAN_STEP = 1e-4


@dataclass(frozen=True)
class Prior:
    """A normal prior on the logarithms of parameters, and their bounds."""

    centre: Floats
    width: Floats
    least: Floats
    most: Floats

    def penalty(self, theta: Floats) -> tuple[float, Floats]:
        off = (theta - self.centre) / self.width
        return float(off @ off) / 2.0, off / self.width

    def holds(self, theta: Floats) -> bool:
        """Whether parameters are inside the bounds; at a bound they are degenerate."""
        inside = (theta > self.least + 1e-6) & (theta < self.most - 1e-6)
        return bool(np.isfinite(theta).all() and inside.all())


ORDERS = Prior(
    centre=np.log([0.7, 0.3, 0.8, 2.0]),
    width=np.array([1.5, 2.0, 1.5, 1.5]),
    least=np.log([1e-3, 1e-4, 1e-3, 1e-3]),
    most=np.log([1e3, 1e4, 1e2, 1e3]),
)
"""For r, alpha (as a share of the mean T), a and b: wide around the values of measured shops."""
SPEND = Prior(
    centre=np.log([5.0, 2.0, 1.0]),
    width=np.array([1.5, 1.0, 0.5]),
    least=np.log([1e-2, 0.02, 1e-2]),
    most=np.log([1e4, 1e3, 1e2]),
)
"""For p, q - 1 and the model's mean (as a share of the observed one)."""


@dataclass(frozen=True)
class OrdersEnd:
    """How a fit of orders ended."""

    model: OrderModel
    converged: bool


@dataclass(frozen=True)
class SpendEnd:
    """How a fit of spend ended."""

    model: SpendModel
    converged: bool


def fit_orders(groups: Groups, *, prior: bool = True) -> OrdersEnd:
    """Fit MBG/NBD to groups of (x, tx, T) in days, with at least one T > 0."""
    scale = _time_scale(groups)
    objective = _orders_objective(groups, scale, prior=prior)
    theta, converged = _descend(objective, ORDERS)
    r, share, a, b = np.exp(theta)
    return OrdersEnd(OrderModel(float(r), float(share * scale), float(a), float(b)), converged)


def is_maximum(groups: Groups, model: OrderModel) -> bool:
    """Whether the likelihood has a proper maximum at these parameters."""
    theta = _orders_theta(groups, model)
    if not ORDERS.holds(theta):
        return False
    _value, gradient = _orders_objective(groups, _time_scale(groups), prior=False)(theta)
    flat = bool(np.isfinite(gradient).all() and np.abs(gradient).max() < 10 * _FLAT)
    return flat and orders_covariance(groups, model, prior=False) is not None


def orders_covariance(groups: Groups, model: OrderModel, *, prior: bool) -> Floats | None:
    """Return the covariance of the logarithms of r, alpha, a, b by the likelihood's curvature.

    float64[4, 4]; None if the likelihood is not concave there.
    """
    objective = _orders_objective(groups, _time_scale(groups), prior=prior)
    return _covariance(objective, _orders_theta(groups, model), float(groups.weight.sum()))


def fit_spend(groups: Groups, *, prior: bool = True) -> SpendEnd:
    """Fit Gamma-Gamma to groups of (n, m), n >= 1 and m > 0."""
    scale = float(np.average(groups.columns[1], weights=groups.weight))
    objective = _spend_objective(groups, scale, prior=prior)
    theta, converged = _descend(objective, SPEND)
    p, above_one, mean = np.exp(theta)
    v = mean * above_one / p * scale
    return SpendEnd(SpendModel(float(p), float(1.0 + above_one), float(v)), converged)


def spend_holds(groups: Groups, model: SpendModel) -> bool:
    """Whether parameters are inside the bounds; with q at most 1 there is no mean."""
    if not model.q > 1.0:
        return False
    scale = float(np.average(groups.columns[1], weights=groups.weight))
    return SPEND.holds(np.log([model.p, model.q - 1.0, model.mean / scale]))


def _orders_theta(groups: Groups, model: OrderModel) -> Floats:
    return np.log([model.r, model.alpha / _time_scale(groups), model.a, model.b])


def _time_scale(groups: Groups) -> float:
    return float(np.average(groups.columns[2], weights=groups.weight))


def _descend(objective: Objective, prior: Prior) -> tuple[Floats, bool]:
    """Minimise from the prior's centre; return the logarithms and whether it converged."""
    from scipy.optimize import minimize  # noqa: PLC0415  # takes a second

    result = minimize(
        objective,
        prior.centre,
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(prior.least, prior.most, strict=True)),
        options={"maxiter": _STEPS, "maxfun": 2 * _STEPS, "ftol": 1e-15, "gtol": 1e-9},
    )
    theta = np.asarray(result.x, np.float64)
    _value, gradient = objective(theta)
    flat = bool(np.isfinite(gradient).all() and np.abs(gradient).max() < _FLAT)
    return theta, flat and prior.holds(theta)


def _covariance(objective: Objective, theta: Floats, weight: float) -> Floats | None:
    """The inverse of the curvature at a minimum; None if it is not positive definite."""
    size = len(theta)
    curvature = np.empty((size, size))
    for i in range(size):
        step = np.zeros(size)
        step[i] = _HESSIAN_STEP
        ahead, behind = objective(theta + step)[1], objective(theta - step)[1]
        curvature[i] = (ahead - behind) / (2 * _HESSIAN_STEP)
    curvature = (curvature + curvature.T) / 2 * weight
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 0:
        return None
    return np.asarray(np.linalg.inv(curvature), np.float64)


def _orders_objective(groups: Groups, scale: float, *, prior: bool) -> Objective:
    """Minus the mean log-likelihood (and penalty) with its gradient, in log parameters."""
    x, tx, T = groups.columns[0], groups.columns[1] / scale, groups.columns[2] / scale
    weight, total = groups.weight, float(groups.weight.sum())
    history = History(x, tx, T)
    alike = group_equal(x)
    (counts,) = alike.columns

    def objective(theta: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = (float(each) for each in np.exp(theta))
        likelihood = OrderModel(r, alpha, a, b).log_likelihood(history)
        silence = np.log1p((T - tx) / (alpha + tx))
        dropped = expit(np.log(a) - np.log(b + x) + (r + x) * silence)
        of_r = (digamma(r + counts) - digamma(r))[alike.member]
        of_r += np.log(alpha / (alpha + T)) + dropped * silence
        of_alpha = r / alpha - (r + x) / (alpha + T)
        of_alpha += dropped * (r + x) * (1.0 / (alpha + T) - 1.0 / (alpha + tx))
        both = digamma(a + b) - digamma(a + b + counts + 1.0)
        of_a = both[alike.member] + dropped / a
        of_b = (both + digamma(b + counts + 1.0) - digamma(b))[alike.member] - dropped / (b + x)
        slopes = np.array([weight @ of_r, weight @ of_alpha, weight @ of_a, weight @ of_b])
        value, gradient = -float(weight @ likelihood), -slopes * np.array([r, alpha, a, b])
        return _with_penalty(value, gradient, theta, ORDERS if prior else None, total)

    return objective


def _spend_objective(groups: Groups, scale: float, *, prior: bool) -> Objective:
    """Minus the mean log-likelihood (and penalty) with its gradient, in log (p, q - 1, mean)."""
    n, m = groups.columns[0], groups.columns[1] / scale
    weight, total = groups.weight, float(groups.weight.sum())

    def objective(theta: Floats) -> tuple[float, Floats]:
        p, above_one, mean = (float(each) for each in np.exp(theta))
        q, v = 1.0 + above_one, mean * above_one / p
        likelihood = SpendModel(p, q, v).log_likelihood(n, m)
        total_spend = n * m + v
        of_p = n * (
            digamma(p * n + q) - digamma(p * n) + np.log(m) + np.log(n) - np.log(total_spend)
        )
        of_q = digamma(p * n + q) - digamma(q) + np.log(v) - np.log(total_spend)
        of_v = q / v - (p * n + q) / total_spend
        by_p, by_q, by_v = weight @ of_p, weight @ of_q, weight @ of_v
        # v moves with all three: in proportion to the mean and to q - 1, and against p.
        slopes = np.array([by_p * p - by_v * v, by_q * above_one + by_v * v, by_v * v])
        value = -float(weight @ likelihood)
        return _with_penalty(value, -slopes, theta, SPEND if prior else None, total)

    return objective


def _with_penalty(
    value: float, gradient: Floats, theta: Floats, prior: Prior | None, total: float
) -> tuple[float, Floats]:
    if prior is not None:
        extra, slope = prior.penalty(theta)
        value, gradient = value + extra, gradient + slope
    return value / total, gradient / total
