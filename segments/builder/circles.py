"""Two overlapping circles that show what AND and OR do, drawn as SVG with real counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from segmenter.accounts.models import Account
from segments.builder.checks import check
from segments.builder.edits.spots import resolve
from segments.builder.forms import ROOT
from segments.builder.partial import countable_part
from segments.definition.tree import Unsupported
from segments.engine.answer_cache import CachedEvaluation


@dataclass(frozen=True)
class Circles:
    """Two sets of people and what joins them."""

    is_and: bool
    left: int
    right: int
    both: int

    @property
    def either(self) -> int:
        return self.left + self.right - self.both

    @property
    def result(self) -> int:
        return self.both if self.is_and else self.either

    @property
    def only_left(self) -> int:
        return self.left - self.both

    @property
    def only_right(self) -> int:
        return self.right - self.both


def circles(
    account: Account, partial: Mapping[str, Any], pointer: str, at: datetime
) -> Circles | None:
    """A group or member and what comes before it; None if one side cannot be counted yet.

    `pointer` is the second side: everything before it in the same list is the first.
    """
    owner, _, step = pointer.rpartition("/")
    is_and = owner.endswith(ROOT)
    items = resolve(partial, owner)
    if not isinstance(items, list) or not step.isdigit() or not 0 < int(step) < len(items):
        return None
    before, after = items[: int(step)], [items[int(step)]]
    evaluation = CachedEvaluation(everyone(account), at)
    sides = []
    for side in (before, after):
        whole = {ROOT: side if is_and else [{"conditions": side}]}
        tree = countable_part(whole, lambda definition: check(account, definition)).tree
        if tree is None:
            return None
        try:
            sides.append(evaluation.mask(tree))
        except (UnknownKey, Unsupported):
            return None
    left, right = sides
    return Circles(
        is_and,
        *(int(np.count_nonzero(mask)) for mask in (left, right, left & right)),
    )
