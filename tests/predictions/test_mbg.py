"""The order model against numerical integration over its definition, and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, gamma

from predictions.numerics.estimators.grouping import group_histories
from predictions.numerics.estimators.likelihood import fit_orders
from predictions.numerics.estimators.mbg import History, OrderModel
from tests.draws import draws
from tests.predictions import cdnow

MODELS = [
    OrderModel(0.525, 43.0, 0.891, 1.614),
    OrderModel(0.64, 51.2, 0.81, 1.24),
    OrderModel(1.47, 26.1, 0.028, 6.57),
    OrderModel(2.0, 10.0, 1.0, 3.0),
    OrderModel(3.0, 5.0, 40.0, 60.0),
]
CASES = [(0, 0, 0), (0, 0, 200), (1, 30, 200), (4, 180, 200), (12, 350, 400), (40, 395, 400)]


class Integral:
    """The model by its definition: rates and probabilities of leaving, weighed by likelihood.

    With a rate l and a probability p to leave after each order, who ordered x more times until tx
    and then not until T is either still there, with l^x e^(-l T) (1-p)^(x+1), or left with the
    last order, with p (1-p)^x l^x e^(-l tx).
    """

    def __init__(self, model: OrderModel, x: int, tx: float, T: float) -> None:
        nodes, weights = np.polynomial.legendre.leggauss(300)
        # The square of the unit interval gathers nodes where a density has its pole.
        level, weight = ((nodes + 1) / 2) ** 2, weights * (nodes + 1) / 2
        self.rate = gamma.ppf(level, model.r, scale=1 / model.alpha)[:, None]
        self.p = np.maximum(beta.ppf(level, model.a, model.b), 1e-300)[None, :]
        self.weight = weight[:, None] * weight[None, :]
        orders = self.rate**x * (1 - self.p) ** x
        self.there = orders * (1 - self.p) * np.exp(-self.rate * T)
        self.gone = orders * self.p * np.exp(-self.rate * tx)

    def __call__(self, values: np.ndarray) -> float:
        return float((self.weight * values).sum())

    @property
    def likelihood(self) -> float:
        return self(self.there + self.gone)


@pytest.mark.parametrize("model", MODELS, ids=str)
@pytest.mark.parametrize(("x", "tx", "T"), CASES)
def test_formulas_are_the_integrals(model: OrderModel, x: int, tx: float, T: float) -> None:
    one = History(*(np.array([float(value)]) for value in (x, tx, T)))
    integral = Integral(model, x, tx, T)
    likelihood = integral.likelihood
    assert model.log_likelihood(one)[0] == pytest.approx(np.log(likelihood), abs=2e-3)
    alive = integral(integral.there) / likelihood
    assert model.probability_alive(one)[0] == pytest.approx(alive, abs=2e-3)
    for days in (30, 365):
        orders = 1 - np.exp(-integral.rate * days)
        within = integral(integral.there * orders) / likelihood
        assert model.order_probability(one, days)[0] == pytest.approx(within, abs=2e-3)
        number = -np.expm1(-integral.rate * integral.p * days) / integral.p
        expected = integral(integral.there * number) / likelihood
        assert model.expected_order_days(one, days)[0] == pytest.approx(expected, rel=5e-3)


def test_expectation_is_what_simulated_customers_do() -> None:
    model, days, draw = OrderModel(0.9, 40.0, 0.8, 2.0), 200.0, np.random.default_rng(5)
    size = 40_000
    # New customers right after their first order: they have not yet decided whether to leave.
    rate, p = draw.gamma(model.r, 1 / model.alpha, size), draw.beta(model.a, model.b, size)
    there, clock, orders = draw.random(size) >= p, np.zeros(size), np.zeros(size)
    while there.any():
        clock[there] += draw.exponential(1 / rate[there])
        there &= clock <= days
        orders[there] += 1
        there &= draw.random(size) >= p
    new = History(np.zeros(1), np.zeros(1), np.zeros(1))
    mean, error = orders.mean(), orders.std() / np.sqrt(size)
    assert model.expected_order_days(new, days)[0] == pytest.approx(mean, abs=4 * error)
    ordered = (orders > 0).mean()
    assert model.order_probability(new, days)[0] == pytest.approx(ordered, abs=0.01)


def test_the_package_expects_the_same() -> None:
    history = cdnow.published_history()
    groups = group_histories(history.x, history.tx, history.T)
    model = fit_orders(groups)
    assert model is not None
    from lifetimes import ModifiedBetaGeoFitter  # noqa: PLC0415 - fit_orders bears its warnings

    fitter = ModifiedBetaGeoFitter().fit(*groups.columns, weights=groups.weight)
    theirs = fitter.conditional_expected_number_of_purchases_up_to_time(
        39, history.x, history.tx, history.T
    )
    assert model.expected_order_days(history, 39) == pytest.approx(np.asarray(theirs), rel=1e-6)
    alive = fitter.conditional_probability_alive(history.x, history.tx, history.T)
    assert model.probability_alive(history) == pytest.approx(alive, rel=1e-9)


def test_quantiles_of_the_next_order_split_its_probability() -> None:
    model, history = MODELS[0], cdnow.published_history()
    history = History(history.x, history.tx * 7, history.T * 7)
    quarter, half, three = model.next_order(history, 365, (0.25, 0.5, 0.75)).T
    whole = model.order_probability(history, 365)
    for days, share in ((quarter, 0.25), (half, 0.5), (three, 0.75)):
        each = [
            model.order_probability(History(*(c[i : i + 1] for c in _columns(history))), days[i])[0]
            for i in range(0, len(history), 100)
        ]
        assert np.array(each) == pytest.approx(share * whole[::100], rel=1e-9)


@pytest.mark.parametrize("a", [0.9999999, 1.0, 1.0000001])
def test_nothing_happens_where_the_formula_has_a_pole(a: float) -> None:
    history = History(*(np.array([float(v)]) for v in (3, 100, 150)))
    near = OrderModel(0.7, 50, 1.001, 2).expected_order_days(history, 365)
    assert OrderModel(0.7, 50, a, 2).expected_order_days(history, 365) == pytest.approx(
        near, rel=1e-2
    )


def test_a_reseller_does_not_overflow() -> None:
    model = MODELS[1]
    history = History(*(np.array([float(v)] * 2) for v in (2000, 2100, 2100)))
    expected = model.expected_order_days(history, 365)
    # A rate of almost one a day, and hardly any chance to leave.
    assert 200 < expected[0] < 365
    lapsed = History(np.array([2000.0]), np.array([2100.0]), np.array([2800.0]))
    assert model.expected_order_days(lapsed, 365)[0] == pytest.approx(0)
    assert model.churn_probability(lapsed, 365)[0] == pytest.approx(1)
    assert np.isfinite(model.log_likelihood(lapsed)).all()


positive = st.floats(-2.5, 2).map(lambda power: 10.0**power)


@st.composite
def customers(draw: st.DrawFn) -> History:
    x = draw(st.integers(0, 3_000))
    T = draw(st.integers(x, 6_000))
    tx = draw(st.integers(x, T)) if x else 0
    return History(*(np.array([float(value)]) for value in (x, tx, T)))


@pytest.mark.parametrize("x", [0, 1, 6, 300])
@pytest.mark.parametrize(("a", "b"), [(0.8, 0.3), (3.0, 2.0), (40.0, 1.0)])
def test_the_integral_agrees_with_the_formula(x: int, a: float, b: float) -> None:
    model = OrderModel(1.0, 20.0, a, b)
    columns = np.array([float(x)]), np.array([400.0])
    formula = model._expected_if_alive(*columns, 60)
    assert model._integrate(*columns, 60) == pytest.approx(formula, rel=1e-8)


def test_more_days_bring_no_fewer_orders_where_the_formula_gives_way_to_the_integral() -> None:
    model, one = OrderModel(1.0, 1.0, 100.0, 1.0), History(*(np.array([6.0]) for _ in range(3)))
    orders = [model.expected_order_days(one, days)[0] for days in range(40, 80)]
    assert np.all(np.diff(orders) >= 0)


@settings(max_examples=draws(50, nightly=150), deadline=None)
@given(
    st.builds(OrderModel, positive, st.floats(-1, 4).map(lambda e: 10.0**e), positive, positive),
    customers(),
    st.lists(st.integers(0, 3_650), min_size=2, max_size=5),
)
def test_whatever_the_customer(model: OrderModel, one: History, times: list[int]) -> None:
    times.sort()
    assert np.isfinite(model.log_likelihood(one)).all()
    alive = model.probability_alive(one)[0]
    within = [model.order_probability(one, days)[0] for days in times]
    orders = [model.expected_order_days(one, days)[0] for days in times]
    assert 0 <= alive <= 1
    assert all(0 <= chance <= alive for chance in within)
    assert np.all(np.diff(within) >= -1e-12)
    assert np.isfinite(orders).all()
    assert min(orders) >= 0
    assert np.all(np.diff(orders) >= -1e-6 * max(orders))
    # Nobody orders at all more often than they order on average.
    assert all(n >= chance * (1 - 1e-6) - 1e-9 for n, chance in zip(orders, within, strict=True))
    low, middle, high = model.next_order(one, 365, (0.25, 0.5, 0.75))[0]
    assert 0 <= low <= middle <= high <= 365


def _columns(history: History) -> tuple[np.ndarray, ...]:
    return history.x, history.tx, history.T
