"""How much is tried: a few examples and some of the cases in `make test`, all in `make nightly`.

`make nightly` runs each file that imports this one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
NIGHTLY = os.environ.get("SEGMENTER_NIGHTLY") == "1"


def draws(usual: int, *, nightly: int) -> int:
    """Return how many examples of a property are drawn in this run."""
    return nightly if NIGHTLY else usual


def portion(cases: Iterable[T], usual: int) -> list[T]:
    """Return all cases in the nightly run, else so many of them, evenly spread."""
    everything = list(cases)
    if NIGHTLY or usual >= len(everything):
        return everything
    return [everything[place * len(everything) // usual] for place in range(usual)]
