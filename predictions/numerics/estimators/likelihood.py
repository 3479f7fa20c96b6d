"""Maximum likelihood by the `lifetimes` package, imported inside functions as it takes seconds.

Only its fitters are used: the rest does not work with current versions of pandas. They print, warn
and raise all kinds of errors; the functions here return a model or None.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from predictions.numerics.estimators.grouping import Groups
from predictions.numerics.estimators.mbg import OrderModel
from predictions.numerics.estimators.spend import SpendModel

M = TypeVar("M", OrderModel, SpendModel)


def load() -> None:
    """Import the package now, so that the import is not timed as a part of the first fit."""
    with _quietly():
        import lifetimes  # noqa: F401, PLC0415 - costs seconds


def fit_orders(groups: Groups) -> OrderModel | None:
    """Fit MBG/NBD to groups of (x, tx, T) in days; None if it did not converge."""

    def fit() -> OrderModel:
        from lifetimes import ModifiedBetaGeoFitter  # noqa: PLC0415 - costs seconds

        x, tx, T = groups.columns
        fitter = ModifiedBetaGeoFitter()
        fitter.fit(x, tx, T, weights=groups.weight)
        return OrderModel(*(float(fitter.params_[name]) for name in ("r", "alpha", "a", "b")))

    return _attempt(fit)


def fit_spend(groups: Groups) -> SpendModel | None:
    """Fit Gamma-Gamma to groups of (n, m); None if it did not converge."""

    def fit() -> SpendModel:
        from lifetimes import GammaGammaFitter  # noqa: PLC0415 - costs seconds

        n, m = groups.columns
        scale = float(np.average(m, weights=groups.weight))
        fitter = GammaGammaFitter()
        fitter.fit(n, m / scale, weights=groups.weight)
        p, q, v = (float(fitter.params_[name]) for name in ("p", "q", "v"))
        return SpendModel(p, q, v * scale)

    return _attempt(fit)


def _attempt(fit: Callable[[], M]) -> M | None:
    """Fit; any error is a normal outcome, which leads to the next rung."""
    with _quietly():
        try:
            return fit()
        except Exception:
            return None


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Suppress the package's output and warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        with contextlib.redirect_stdout(io.StringIO()):
            yield
