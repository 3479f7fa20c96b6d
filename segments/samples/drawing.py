"""Who is drawn: reads a segment's members at one instant, who can be reached, and their strata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

import numpy as np
import psycopg.sql as sql
from django.db import transaction
from django.utils.translation import gettext as _

from predictions.numerics.experiments.sampling import apportion, draw, sample_size
from profiles.columns.column import Bools, Column, identity
from profiles.columns.gather import everyone, some
from profiles.columns.packed_rows import fetch
from profiles.columns.population import Population
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Problem
from segments.definition.consents import can_receive
from segments.definition.paths import parse_path
from segments.definition.windows import Moment
from segments.engine.membership import Ids, lock_segments, members
from segments.engine.reachable import MARKETING_CHANNELS
from segments.models import Sample, SampleGroup, Segment, SegmentStatus

SHARD = 200_000
"""Members whose rows are read in one go, where there is no mirror."""


@dataclass(frozen=True)
class Roll:
    """A segment's members at an instant, and what a sample must know of each."""

    segment: Segment
    at: datetime
    ids: Ids
    """int64[n] ascending."""
    reachable: dict[str, Bools]
    """Channel to bool[n]: who could be reached."""
    strata: Ids | None
    """int64[n]: who is alike in the property; None without one."""

    def count(self, channel: str, ids: Ids) -> int:
        """How many of some members can be reached."""
        return int(self.reachable[channel][np.searchsorted(self.ids, ids)].sum())


def check_ready(segment: Segment) -> None:
    """Raises Conflict while a segment's members are not those that its definition says."""
    if segment.status == SegmentStatus.BUILDING:
        message = _("The segment is being built. Draw the sample when it is ready.")
        raise Conflict(Problem("", "building", message))
    if segment.status == SegmentStatus.FROZEN:
        message = _("The segment is frozen: its definition cannot be evaluated.")
        raise Conflict(Problem("", "frozen", message))


def roll_of(
    account: Account,
    segment_id: int,
    *,
    channel: str = "",
    stratify: str = "",
    clock: Callable[[], datetime],
    progress: Callable[[], object] = lambda: None,
) -> Roll:
    """Read a segment's members of one instant, with what is known of them right after it.

    Whoever changes members locks the segment's row, so while it is locked here, they are those of
    the version that the row has. Raises Conflict if the segment is gone or not ready.
    """
    with transaction.atomic():
        locked = lock_segments([segment_id]).get(segment_id)
        segment = Segment.objects.filter(pk=segment_id, account=account).first()
        if locked is None or segment is None:
            raise Conflict(Problem("", "gone", _("The segment was deleted.")))
        check_ready(segment)
        at = clock()
        ids = members(segment_id)
    channels = list(dict.fromkeys([*MARKETING_CHANNELS, *([channel] if channel else [])]))
    path = parse_path(stratify) if stratify else None
    numbers: dict[object, int] = {}
    there: list[Ids] = []
    masks: dict[str, list[Bools]] = {each: [] for each in channels}
    strata: list[Ids] = []
    for people, rows in _columns_of(account, ids, at):
        there.append(people.ids[rows])
        for each in channels:
            masks[each].append(can_receive(people, each, Moment(at, people.zone))[rows])
        if path is not None:
            strata.append(_numbered(path.column(people).take(rows), numbers))
        progress()
    # Who was erased meanwhile has no columns any more, and is not drawn.
    people_ids = _concatenate(there, np.int64)
    order = np.argsort(people_ids)
    return Roll(
        segment,
        at,
        people_ids[order],
        {each: _concatenate(parts, np.bool_)[order] for each, parts in masks.items()},
        None if path is None else _concatenate(strata, np.int64)[order],
    )


def _columns_of(account: Account, ids: Ids, at: datetime) -> Iterator[tuple[Population, Ids]]:
    """Populations and which of their rows are some people: each person once.

    From the mirror whole columns come fastest. Without one, rows are read of the people alone.
    """
    crowd = everyone(account)
    if not crowd.in_files:
        for start in range(0, len(ids), SHARD):
            people = some(account, ids[start : start + SHARD].tolist(), as_of=at)
            yield people, np.arange(len(people))
        return
    for people, valid in crowd.shares:
        mask = np.isin(people.ids, ids, assume_unique=True)
        yield people, np.flatnonzero(mask if valid is None else mask & valid)


def _concatenate(parts: Sequence[Any], dtype: Any) -> Any:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=dtype)


def _numbered(column: Column, numbers: dict[object, int]) -> Ids:
    """int64[n]: a number for the value of each row, the same for equal ones; -1 where unset.

    `numbers` remembers the numbers of values from one shard to the next.
    """
    codes = column.codes
    table = np.full(len(column.values) + 1, -1, dtype=np.int64)
    for code in np.unique(codes[codes >= 0]).tolist():
        table[code] = numbers.setdefault(identity(column.values.at(code)), len(numbers))
    return table[codes]


def eligible(sample: Sample, roll: Roll) -> Ids:
    """int64[k] ascending: the members who may be drawn. Raises Conflict where that is not known."""
    ids = roll.ids
    if sample.channel:
        ids = ids[roll.reachable[sample.channel]]
    if sample.excluding_id is not None:
        ids = np.setdiff1d(ids, _people_of(sample.excluding_id), assume_unique=True)
    return ids


def _people_of(sample_id: int) -> Ids:
    """int64[k]: who is on the lists of a sample."""
    groups = list(SampleGroup.objects.filter(sample=sample_id))
    missing = [group.list_name for group in groups if group.list_id is None]
    if missing:
        message = _("The list “%(name)s” was deleted, so nobody knows who was on it.")
        raise Conflict(Problem("", "gone", message % {"name": missing[0]}))
    query = sql.SQL(
        "SELECT DISTINCT profile_id FROM profiles_listmember WHERE list_id = ANY({}::bigint[])"
    )
    return fetch(query.format(sql.Literal([group.list_id for group in groups])), ["int"])[0]


def reach_counts(account: Account, segment: Segment, at: datetime) -> dict[str, int]:
    """Return how many members can be reached by channel, and "" for all; nothing is locked."""
    ids = members(segment.pk)
    counts = dict.fromkeys(["", *MARKETING_CHANNELS], 0)
    for people, rows in _columns_of(account, ids, at):
        counts[""] += len(rows)
        for channel in MARKETING_CHANNELS:
            mask = can_receive(people, channel, Moment(at, people.zone))
            counts[channel] += int(mask[rows].sum())
    return counts


def groups_of(sample: Sample, groups: Sequence[SampleGroup], roll: Roll, ids: Ids) -> list[Ids]:
    """Draw each group of a sample from who may be drawn."""
    percent = None if sample.percent is None else Fraction(sample.percent)
    total = sample_size(len(ids), number=sample.number, percent=percent, least=sample.at_least)
    sizes = apportion(total, [group.weight for group in groups])
    strata = None if roll.strata is None else roll.strata[np.searchsorted(roll.ids, ids)]
    return draw(ids, sizes, seed=sample.seed, strata=strata)
