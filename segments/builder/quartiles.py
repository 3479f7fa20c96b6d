"""Typical numbers of an account's people, with which a new condition begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from profiles.columns.column import Floats
from profiles.columns.gather import everyone
from profiles.columns.population import Population, UnknownKey
from segmenter.accounts.models import Account

Range = tuple[float, float]
"""A low and a high number."""


@dataclass(frozen=True)
class Quartiles:
    """The quartiles of numbers over everyone in an account."""

    account: Account

    def of(self, numbers_of: Callable[[Population], Floats]) -> Range | None:
        """First and third quartile of float[n], NaN left out, to two digits; None if all are."""
        parts = []
        try:
            for people, share in everyone(self.account).shares:
                numbers = numbers_of(people)
                parts.append(numbers if share is None else numbers[share])
        except UnknownKey:
            return None
        numbers = np.concatenate(parts)
        numbers = numbers[np.isfinite(numbers)]
        if not len(numbers):
            return None
        low, high = np.quantile(numbers, [0.25, 0.75])
        return _two_digits(low), _two_digits(high)


def _two_digits(number: float) -> float:
    rounded = float(f"{number:.2g}")
    return int(rounded) if rounded.is_integer() else rounded
