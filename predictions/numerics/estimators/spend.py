"""How much customers spend on an order day: the Gamma-Gamma model (Fader, Hardie, Lee 2005).

Amounts of one customer are Gamma(p, nu), nu ~ Gamma(q, v) over customers. Knows no fitting.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from predictions.numerics.arrays import Floats


@dataclass(frozen=True)
class SpendModel:
    """The parameters of Gamma-Gamma; `v` in the shop's money. Expectations need q > 1."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """Expected spend on an order day of a customer without orders."""
        return self.p * self.v / (self.q - 1.0)

    def log_likelihood(self, n: Floats, m: Floats) -> Floats:
        """Return the logarithm of each customer's likelihood, float64[k].

        `n`: order days, at least 1; `m`: mean spend on them, above 0. Equation (1a) of Fader and
        Hardie's note 025.
        """
        p, q, v = self.p, self.q, self.v
        shape = p * n
        return (
            gammaln(shape + q)
            - gammaln(shape)
            - gammaln(q)
            + q * np.log(v)
            + (shape - 1.0) * np.log(m)
            + shape * np.log(n)
            - (shape + q) * np.log(n * m + v)
        )

    def expected_spend(self, n: Floats, m: Floats) -> Floats:
        """Return the expected spend on a further order day, float64[k].

        (p v + p n m)/(p n + q - 1), given n order days with mean spend m >= 0 (equation (5)
        there): between the customer's own mean and everyone's.
        """
        return (self.p * self.v + self.p * n * m) / (self.p * n + self.q - 1.0)
