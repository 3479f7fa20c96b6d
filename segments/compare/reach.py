"""How many members of segments can be reached by marketing, over everyone's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils.translation import gettext

from predictions.pages.wording import percent
from profiles.columns.column import Bools
from profiles.columns.gather import everyone
from profiles.columns.people import People
from profiles.columns.population import Population
from segmenter.accounts.models import Account
from segments.definition.windows import Moment
from segments.engine.preview import receiving
from segments.engine.reachable import MARKETING_CHANNELS


@dataclass(frozen=True)
class ReachCounts:
    """Of some people: how many there are, how many can be reached on each channel, and on none."""

    people: int
    channels: tuple[tuple[str, int], ...]
    none: int


def reach_of(people: People, masks: Sequence[Bools], at: datetime) -> list[ReachCounts]:
    """Count who can be reached at `at`, for each of some sets of people (bool[n])."""
    moment = Moment(at, people.zone)
    reachable = {channel: receiving(people, channel, moment) for channel in MARKETING_CHANNELS}
    anyhow = np.logical_or.reduce(list(reachable.values()))
    return [
        ReachCounts(
            _count(mask),
            tuple(
                (channel, _count(mask & of_channel)) for channel, of_channel in reachable.items()
            ),
            _count(mask & ~anyhow),
        )
        for mask in masks
    ]


def reach_of_segments(account: Account, keys: Sequence[str], at: datetime) -> list[ReachCounts]:
    """Count who can be reached of the members of some segments, then of everyone.

    Raises UnknownKey for a key that the account does not have.
    """
    people = everyone(account)
    masks = [members_of(people, key) for key in keys]
    return reach_of(people, [*masks, np.ones(len(people), dtype=np.bool_)], at)


def members_of(people: People, key: str) -> Bools:
    """bool[n]: who is in a segment. Raises UnknownKey."""

    def question(part: Population) -> Bools:
        inside = part.nobody()
        inside[part.group(key).profiles] = True
        return inside

    return people.answer(question)


def _count(mask: Bools) -> int:
    return int(np.count_nonzero(mask))


def reach_cells(counts: ReachCounts) -> list[tuple[str, int, str]]:
    """Label, number and share of the people, for each channel and for none."""
    labels = {
        "email": gettext("By e-mail"),
        "sms": gettext("By SMS"),
        "push": gettext("By push"),
    }
    numbers = [(labels[channel], n) for channel, n in counts.channels]
    numbers.append((gettext("On none of them"), counts.none))
    return [(label, n, percent(n / counts.people if counts.people else 0)) for label, n in numbers]
