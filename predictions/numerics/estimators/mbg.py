"""When customers order: the MBG/NBD model (Batislam, Denizel, Filiztekin 2007; erratum 2008).

While a customer is alive, orders come at a rate ~ Gamma(r, alpha); after each order, including the
first, the customer drops out for good with a probability ~ Beta(a, b). Knows nothing of fitting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, betaln, expit, gammaln, hyp2f1

from predictions.numerics.arrays import Bools, Floats
from predictions.numerics.estimators.grouping import group_equal

_NUDGE = 1e-5
_NODES = 64
_END = 3.2
"""Beyond it the weights of the double exponential formula are below 1e-15."""


@dataclass(frozen=True)
class History:
    """The model's data of each customer, as of the end of a day (the cutoff); float64[k] each.

    `x`: order days after the first; `tx`: days from the first to the last order day; `T`: days
    from the first order day to the cutoff. Sound rows have 0 <= tx <= T, and tx = 0 where x = 0.
    """

    x: Floats
    tx: Floats
    T: Floats

    def __len__(self) -> int:
        return len(self.x)

    def sound(self) -> Bools:
        """bool[k]: the rows that a model can be fitted to."""
        is_count = (self.x >= 0) & (self.x == np.floor(self.x)) & np.isfinite(self.x)
        is_in_order = (self.tx >= 0) & (self.tx <= self.T) & np.isfinite(self.T)
        return is_count & is_in_order & ((self.tx > 0) == (self.x > 0))

    def take(self, rows: Bools) -> History:
        return History(self.x[rows], self.tx[rows], self.T[rows])


@dataclass(frozen=True)
class OrderModel:
    """The parameters of MBG/NBD; `alpha` in days. Its methods need sound histories."""

    r: float
    alpha: float
    a: float
    b: float

    def log_likelihood(self, history: History) -> Floats:
        """Return the logarithm of each customer's likelihood, float64[k].

        L = G(r+x) alpha^r / G(r) * B(a, b+x) / B(a, b)
            * [(b+x)/(a+b+x) (alpha+T)^-(r+x) + a/(a+b+x) (alpha+tx)^-(r+x)].
        """
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        x, T = history.x, history.T
        rate = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        staying = betaln(a, b + x + 1) - betaln(a, b)
        silence = np.logaddexp(0.0, self._log_odds_gone(history))
        return rate + staying - (r + x) * np.log(alpha + T) + silence

    def probability_alive(self, history: History) -> Floats:
        """Return P(the customer is alive), float64[k].

        1 / (1 + a/(b+x) ((alpha+T)/(alpha+tx))^(r+x)).
        """
        return expit(-self._log_odds_gone(history))

    def order_probability(self, history: History, days: float) -> Floats:
        """Return F(days) = P(an order within so many days after the cutoff), float64[k].

        P(alive) (1 - ((alpha+T)/(alpha+T+days))^(r+x)).
        """
        return self.probability_alive(history) * self._order_if_alive(history, days)

    def churn_probability(self, history: History, days: float) -> Floats:
        """Return P(no order within so many days after the cutoff) = 1 - F(days), float64[k]."""
        return 1.0 - self.order_probability(history, days)

    def expected_order_days(self, history: History, days: float) -> Floats:
        """Return the expected number of order days in so many days after the cutoff, float64[k].

        P(alive) (a+b+x)/(a-1) [1 - (1-z)^(a-1) 2F1(a+b-r, a-1; a+b+x; z)] with
        z = days/(alpha+T+days): the published form after Euler's transformation, which keeps the
        arguments small, so that thousands of orders do not overflow.
        """
        # The expensive factor depends on x and T alone.
        alike = group_equal(history.x, history.T)
        x, T = alike.columns
        return self.probability_alive(history) * self._expected_if_alive(x, T, days)[alike.member]

    def next_order(self, history: History, days: float, quantiles: tuple[float, ...]) -> Floats:
        """Return quantiles of the time of the next order, given one within `days`; float64[k, q].

        In days after the cutoff: (alpha+T) [(1 - q G)^(-1/(r+x)) - 1] with
        G = 1 - ((alpha+T)/(alpha+T+days))^(r+x).
        """
        x, T = history.x[:, None], history.T[:, None]
        within = self._order_if_alive(history, days)[:, None]
        log_left = np.log1p(-np.asarray(quantiles)[None, :] * within)
        # If days is tiny compared with alpha + T, rounding must not leave the range.
        return np.clip((self.alpha + T) * np.expm1(-log_left / (self.r + x)), 0.0, days)

    def _log_odds_gone(self, history: History) -> Floats:
        x, tx, T = history.x, history.tx, history.T
        silence = np.log1p((T - tx) / (self.alpha + tx))
        return np.log(self.a) - np.log(self.b + x) + (self.r + x) * silence

    def _order_if_alive(self, history: History, days: float) -> Floats:
        x, T = history.x, history.T
        return -np.expm1(-(self.r + x) * np.log1p(days / (self.alpha + T)))

    def _expected_if_alive(self, x: Floats, T: Floats, days: float) -> Floats:
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        if abs(a - 1.0) < _NUDGE:
            a = 1.0 + _NUDGE
        z = days / (alpha + T + days)
        with np.errstate(all="ignore"):
            survival = (1.0 - z) ** (a - 1.0) * hyp2f1(a + b - r, a - 1.0, a + b + x, z)
            expected = (a + b + x) / (a - 1.0) * (1.0 - survival)
        most = (r + x) * days / (alpha + T)  # if nobody dropped out
        invalid = ~np.isfinite(expected)
        if invalid.any():
            expected[invalid] = self._integrate(x[invalid], T[invalid], days)
        return np.clip(expected, 0.0, most)

    def _integrate(self, x: Floats, T: Floats, days: float) -> Floats:
        """The same expectation as an integral over the probability p to drop out after an order.

        A customer who is alive has p ~ Beta(a, b+x+1) and orders (1 - (1 + p t)^-(r+x)) / p times
        with t = days/(alpha+T). For a in the hundreds, where 2F1 leaves the range of doubles.
        Over the levels of p's quantile function, which is steep at both ends: by the double
        exponential formula (Takahasi and Mori 1974).
        """
        u = np.linspace(-_END, _END, _NODES)
        level = expit(np.pi * np.sinh(u))
        weights = np.cosh(u) * level * (1.0 - level)
        weights /= weights.sum()
        x, t = x[:, None], (days / (self.alpha + T))[:, None]
        p = np.maximum(betaincinv(self.a, self.b + x + 1.0, level[None, :]), 1e-300)
        orders = -np.expm1(-(self.r + x) * np.log1p(p * t)) / p
        return orders @ weights
