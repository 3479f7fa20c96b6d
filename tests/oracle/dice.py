"""Choices drawn through Hypothesis, cheaply: one integer a choice, so that cases shrink well.

Building a strategy object for every nested field costs far more than drawing from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from hypothesis import strategies as st

from .focus import Focus

T = TypeVar("T")


@lru_cache
def _up_to(most: int) -> st.SearchStrategy[int]:
    return st.integers(0, most)


class Dice:
    """A thin wrapper of a composite strategy's `draw`; the first choice is the simplest one."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.focus = Focus()

    def up_to(self, most: int) -> int:
        """Choose a number from 0 to `most`, both included."""
        return self._draw(_up_to(most)) if most else 0

    def one(self, pool: Sequence[T]) -> T:
        """Choose one element."""
        return pool[self.up_to(len(pool) - 1)]

    def chance(self, sides: int) -> bool:
        """Say yes one time in `sides`."""
        return self.up_to(sides - 1) == sides - 1

    def some(self, pool: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Choose different elements, between `least` and `most` of them."""
        rest = list(pool)
        count = least + self.up_to(min(len(rest) if most is None else most, len(rest)) - least)
        return [rest.pop(self.up_to(len(rest) - 1)) for _ in range(count)]

    def maybe(self, pool: Sequence[T]) -> T | None:
        """Choose one element two times in three, else nothing."""
        return self.one(pool) if self.up_to(2) else None
