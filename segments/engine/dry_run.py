"""What a new definition would do to a segment: who would enter and who would leave, at present."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from profiles.columns.gather import everyone
from profiles.columns.population import UnknownKey
from profiles.models import Profile
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem
from segments.definition.codec import encode
from segments.definition.tree import Unsupported
from segments.engine.checking import check_definition
from segments.engine.dependents import (
    Dependent,
    dependents_by_segment,
    dependents_of,
    own_dependents,
)
from segments.engine.evaluate import Evaluation
from segments.engine.membership import Ids, members
from segments.engine.queries import segments_built_on
from segments.models import Segment

NAMES = 5
"""People who are named on each side."""


@dataclass(frozen=True)
class MovingPeople:
    """The people who would enter, or those who would leave."""

    count: int
    people: tuple[Profile, ...]
    """The first few of them."""

    @property
    def more(self) -> int:
        """How many of them are not named."""
        return self.count - len(self.people)


@dataclass(frozen=True)
class Changes:
    """What a new definition would do, and to whom that matters."""

    before: int
    after: int
    entering: MovingPeople
    leaving: MovingPeople
    dependents: tuple[Dependent, ...] = ()
    """What uses the segment."""
    hearing: tuple[Dependent, ...] = ()
    """What hears of these people if the editor asks for it."""
    hearing_always: tuple[Dependent, ...] = ()
    """What hears of them in any case."""

    @property
    def moving(self) -> int:
        return self.entering.count + self.leaving.count


def changes_of(
    account: Account, segment: Segment, definition: Mapping[str, Any], at: datetime
) -> Changes | None:
    """What a definition would do to a segment; None if nobody would enter or leave.

    Raises Invalid for a definition that cannot be.
    """
    tree = check_definition(account, definition, segment.key)
    if encode(tree) == segment.definition:
        return None
    people = everyone(account)
    try:
        target = people.ids[Evaluation(people, at).mask(tree)]
    except (UnknownKey, Unsupported) as error:
        raise Invalid(Problem("", "unsupported", str(error))) from error
    current = members(segment.pk)
    entering = np.setdiff1d(target, current, assume_unique=True)
    leaving = np.setdiff1d(current, target, assume_unique=True)
    if not len(entering) and not len(leaving):
        return None
    hearing = _hearing(segment)
    return Changes(
        len(current),
        len(target),
        _side(account, entering),
        _side(account, leaving),
        tuple(own_dependents(dependents_of(segment))),
        tuple(each for each in hearing if each.hears_edits is False),
        tuple(each for each in hearing if each.hears_edits),
    )


def _hearing(segment: Segment) -> list[Dependent]:
    """What hears of a segment's members, or of those of segments that build on it."""
    segments = [segment, *segments_built_on(segment)]
    every = dependents_by_segment(segment.account_id, segments)
    hearing = {each.url: each for pk in every for each in every[pk] if each.hears_edits is not None}
    return sorted(hearing.values(), key=lambda each: each.words)


def _side(account: Account, ids: Ids) -> MovingPeople:
    people = Profile.objects.filter(account=account, pk__in=ids[:NAMES].tolist()).order_by("pk")
    return MovingPeople(len(ids), tuple(people))
