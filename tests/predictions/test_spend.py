"""The spend model against numerical integration over its definition, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import gamma

from predictions.numerics.estimators.spend import SpendModel

MODEL = SpendModel(6.25, 3.74, 15.44)
CASES = [(1, 5.0), (1, 80.0), (3, 25.0), (12, 31.0)]


def _density(nu: float, n: int, m: float) -> float:
    """Of a mean of n amounts, each Gamma(p) with rate nu, and of nu, Gamma(q) with rate v."""
    mean_of_n = gamma.pdf(m, MODEL.p * n, scale=1 / (n * nu))
    return float(mean_of_n * gamma.pdf(nu, MODEL.q, scale=1 / MODEL.v))


@pytest.mark.parametrize(("n", "m"), CASES)
def test_formulas_are_the_integrals(n: int, m: float) -> None:
    whole, _ = quad(_density, 0, 10, args=(n, m), points=[MODEL.p / m], limit=200)
    one = np.array([float(n)]), np.array([m])
    assert MODEL.log_likelihood(*one)[0] == pytest.approx(np.log(whole), abs=1e-6)
    spend, _ = quad(
        lambda nu: MODEL.p / nu * _density(nu, n, m), 0, 10, points=[MODEL.p / m], limit=200
    )
    assert MODEL.expected_spend(*one)[0] == pytest.approx(spend / whole, rel=1e-6)


def test_who_is_known_well_is_believed() -> None:
    little, much = MODEL.expected_spend(np.array([1.0, 1_000.0]), np.array([100.0, 100.0]))
    assert MODEL.mean < little < much < 100
    assert much == pytest.approx(100, rel=0.01)


@given(
    st.builds(SpendModel, st.floats(0.01, 1e4), st.floats(1.02, 1e3), st.floats(1e-3, 1e9)),
    st.integers(1, 5_000),
    st.floats(0, 1e9),
)
def test_between_the_customers_own_mean_and_everyones(model: SpendModel, n: int, m: float) -> None:
    expected = model.expected_spend(np.array([float(n)]), np.array([m]))[0]
    low, high = sorted((m, model.mean))
    assert low * (1 - 1e-9) <= expected <= high * (1 + 1e-9)
