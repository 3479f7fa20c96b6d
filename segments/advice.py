"""Advice about a definition: what a marketer should know before using it, and its repair.

The builder and the pages read this interface; the room that gives the advice registers itself here
from its `extensions.py`. It changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from time import perf_counter
from typing import Any

from profiles.columns.gather import everyone
from segmenter.accounts.models import Account
from segmenter.kernel.registry import Registry
from segments.definition.codec import encode
from segments.definition.repairs import Repair
from segments.definition.tree import All
from segments.definition.windows import Moment
from segments.engine.answer_cache import CachedEvaluation
from segments.engine.preview import Preview, preview_of
from segments.engine.vocabulary import Catalog


@dataclass(frozen=True)
class Inspection:
    """A definition that was counted, with the evaluation that counted it.

    Masks are shared: what the count computed is not computed again.
    """

    account: Account
    tree: All
    catalog: Catalog
    evaluation: CachedEvaluation
    preview: Preview
    key: str = ""
    """The segment with this definition; empty for a new one."""

    @property
    def at(self) -> datetime:
        return self.evaluation.at

    @property
    def moment(self) -> Moment:
        return Moment(self.at, self.evaluation.people.zone)

    @cached_property
    def definition(self) -> dict[str, Any]:
        """The tree as JSON."""
        return encode(self.tree)


def inspect(
    account: Account, tree: All, at: datetime, catalog: Catalog, key: str = ""
) -> Inspection:
    """Count a definition and keep its evaluation. Raises UnknownKey, Unsupported."""
    started = perf_counter()
    evaluation = CachedEvaluation(everyone(account), at)
    return Inspection(
        account, tree, catalog, evaluation, preview_of(evaluation, tree, started), key
    )


class Severity(IntEnum):
    """How bad it is if nothing is done; the colour on the page."""

    HINT = 1
    WARNING = 2
    ERROR = 3


@dataclass(frozen=True)
class Fix:
    """A repair of one click."""

    label: str
    """What the button says."""
    repair: Repair
    people: int | None = None
    """How many match afterwards, where that was counted."""

    def definition(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """The whole definition after the click."""
        return self.repair.apply(definition)


@dataclass(frozen=True)
class Advice:
    """One remark about a definition, in the active language."""

    code: str
    pointer: str
    """Of a condition or a group; empty for the whole."""
    sentence: str
    """What will happen."""
    people: int | None = None
    """How many people it concerns."""
    fix: Fix | None = None
    severity: Severity = Severity.WARNING
    rank: int = 0
    """Among several at one place the highest is shown."""
    is_joint: bool = False
    """Whether it is about the part and what stands before it, so that it belongs between them."""
    link: str = ""
    """URL of what the sentence speaks of."""


Adviser = Callable[[Inspection], Iterable[Advice]]

advisers: Registry[Adviser] = Registry("adviser")


def advice_on(inspection: Inspection) -> list[Advice]:
    """All advice about a definition, the most severe first."""
    advice = [each for _name, advise in advisers.items() for each in advise(inspection)]
    return sorted(advice, key=lambda each: (-each.severity, -each.rank, each.pointer))
