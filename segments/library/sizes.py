"""How many people ready-made segments would have here, now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from django.utils.formats import number_format

from profiles.columns.column import Bools
from profiles.columns.people import People
from profiles.columns.population import UnknownKey
from segments.definition.tree import All, Unsupported
from segments.engine.answer_cache import CachedEvaluation
from segments.library.proposal import Proposal


def percent_text(count: int, total: int) -> str:
    """The share with one decimal and without the sign: "25.7"."""
    return number_format(round(100 * count / total, 1) if total else 0.0, 1)


class Counting:
    """One evaluation of several definitions over everyone at a moment; parts are counted once."""

    def __init__(self, people: People, at: datetime) -> None:
        self._evaluation = CachedEvaluation(people, at)

    @property
    def total(self) -> int:
        return len(self._evaluation.people)

    @property
    def as_of(self) -> datetime:
        """All changes committed before this instant are counted."""
        return self._evaluation.people.as_of

    def members(self, tree: All) -> Bools | None:
        """bool[n]: who matches; None if that cannot be answered."""
        try:
            return self._evaluation.mask(tree)
        except (UnknownKey, Unsupported):
            return None

    def size(self, proposal: Proposal) -> int | None:
        """How many people a proposal has; None if it has no definition."""
        mask = None if proposal.tree is None else self.members(proposal.tree)
        return None if mask is None else int(np.count_nonzero(mask))

    def sizes(self, proposals: Iterable[Proposal]) -> dict[str, int | None]:
        """By key."""
        return {proposal.key: self.size(proposal) for proposal in proposals}
