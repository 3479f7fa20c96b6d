"""How an account's whole audience divides into the personas, and how these overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segments.library.account_values import DefaultValues
from segments.library.proposal import Proposal, propose
from segments.library.ready_segment import personas
from segments.library.sizes import Counting, percent_text

ORDER = (
    *("high-rollers", "brand-enthusiasts", "potential-high-rollers", "potential-enthusiasts"),
    *("almost-there", "waiting-on-wows", "espresso-shot", "window-shoppers"),
    *("lost-high-rollers", "lapsed-enthusiasts", "one-hit-wonders", "just-passing-through"),
    *("false-starts", "dead-weight"),
)
"""From the best customers to those who have left."""


@dataclass(frozen=True)
class PersonaFigures:
    """One persona with its people."""

    number: int
    proposal: Proposal
    count: int | None
    """None if the account lacks what it needs."""
    percent: str
    """Its share of everyone, as text."""
    shared: tuple[int | None, ...]
    """How many are in each other persona, too, in their order; None for itself."""

    @property
    def name(self) -> str:
        return str(self.proposal.ready.name)


@dataclass(frozen=True)
class Division:
    """Everyone by the number of personas that they are in."""

    total: int
    in_none: int
    in_one: int
    in_several: int
    personas: tuple[PersonaFigures, ...]

    @property
    def parts(self) -> list[tuple[str, int, str]]:
        """Everyone in three parts: level of the colour, number of people, percent."""
        parts = (("one", self.in_one), ("several", self.in_several), ("none", self.in_none))
        return [(level, count, percent_text(count, self.total)) for level, count in parts]


def persona_proposals(source: DefaultValues) -> list[Proposal]:
    """The personas filled in, in their order."""
    entries = personas()
    return [propose(key, entries[key], source) for key in ORDER]


def divide(proposals: Sequence[Proposal], counting: Counting) -> Division:
    """Count everyone in each persona, in each pair, in none and in several."""
    nobody = np.zeros(counting.total, dtype=np.bool_)
    masks = [None if one.tree is None else counting.members(one.tree) for one in proposals]
    matrix = np.array([nobody if mask is None else mask for mask in masks], dtype=np.bool_)
    pairs = matrix.astype(np.float32) @ matrix.T.astype(np.float32)
    frequency = matrix.sum(axis=0)
    rows = []
    for i, (proposal, mask) in enumerate(zip(proposals, masks, strict=True)):
        count = int(pairs[i, i])
        shared = tuple(None if i == j else int(pairs[i, j]) for j in range(len(proposals)))
        percent = percent_text(count, counting.total)
        number = None if mask is None else count
        rows.append(PersonaFigures(i + 1, proposal, number, percent, shared))
    return Division(
        total=counting.total,
        in_none=int((frequency == 0).sum()),
        in_one=int((frequency == 1).sum()),
        in_several=int((frequency > 1).sum()),
        personas=tuple(rows),
    )
