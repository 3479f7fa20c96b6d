"""One batch of changed people: which segments they belong in now, written with the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import DatabaseError, connection

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.gather import some
from profiles.columns.population import UnknownKey
from profiles.models import Cause
from segmenter.accounts.models import Account
from segments.definition.tree import Unsupported
from segments.engine.dependencies import LiveSegment, SegmentPlan
from segments.engine.evaluate import Evaluation, evaluation_moment
from segments.engine.member_cache import member_cache_of
from segments.engine.membership import (
    ChangeReason,
    Ids,
    Moves,
    as_array,
    lock_segments,
    memberships,
    write_moves,
)
from segments.models import Segment, SegmentStatus


class Change(NamedTuple):
    """A claimed ProfileChange."""

    pk: int
    profile_id: int
    cause: str
    at: datetime
    facts: list[str]


class SegmentFailure(Exception):
    """A segment whose evaluation raised an unexpected error."""

    def __init__(self, live: LiveSegment, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.live = live


def pending_facts(account_id: int, profile_ids: Ids) -> list[tuple[int, list[str]]]:
    """The pending changes (person, facts) of some people."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT profile_id, facts FROM profiles_profilechange"
            " WHERE account_id = %s AND handled IS NULL AND tries = 0"
            " AND profile_id = ANY(%s::bigint[])",
            [account_id, as_array(profile_ids)],
        )
        return cursor.fetchall()


class ChangeBatch:
    """The people of some changes, and the update of their membership."""

    def __init__(
        self,
        account: Account,
        plan: SegmentPlan,
        changes: Sequence[Change],
        ids: Sequence[int],
        at: datetime,
        present: datetime | None = None,
    ) -> None:
        """`present` is the current time, which may be later than `at`; without it stored times are
        trusted."""
        self.account, self.plan = account, plan
        self.at = max([at, *(change.at for change in changes)])  # `at` was taken before the claim
        self.now = present
        self.ids = np.array(ids, dtype=np.int64)
        self.people = some(account, ids, as_of=at)
        self.positions = np.searchsorted(self.ids, self.people.ids)
        """int64[]: the positions in `ids` of the people who exist."""
        self.reasons = _Reasons(changes, self.ids)
        self.changed_facts = frozenset().union(*(change.facts for change in changes))

    def run(self) -> None:
        """Evaluate the segments that are affected, level by level, and write the differences."""
        moment = evaluation_moment(self.account.pk, self.people, self.at, present=self.now)
        evaluation = Evaluation(self.people, moment)
        before = member_cache_of(self.account.pk)
        for level in self.plan.levels:
            everything = facts.EXISTS in self.changed_facts
            concerned = self.plan.concerned(self.changed_facts)
            targets = {
                live.pk: inside
                for live in level
                if (everything or live.pk in concerned)
                and (inside := self._target(live, evaluation)) is not None
            }
            flips = {
                pk: flipped
                for pk, inside in before.inside(targets.keys(), self.ids).items()
                if (flipped := targets[pk] != inside).any()
            }
            flips = self._without_pending(flips)
            if not flips:
                continue
            locked = lock_segments(list(flips))
            right = [
                live for live in level if live.pk in flips and _is_still(locked.get(live.pk), live)
            ]
            self._write(right, flips, targets)
            group_facts = {facts.group(live.key) for live in right}
            if self.plan.concerned(group_facts):
                self.changed_facts |= group_facts
                self.people.renew(as_of=self.at)
                evaluation = Evaluation(self.people, moment)
        self._remove_deleted()

    def _remove_deleted(self) -> None:
        """Remove deleted people from all segments, also from deleted ones and inactive ones."""
        deleted = np.setdiff1d(self.ids, self.people.ids)
        if not len(deleted):
            return
        own = Segment.with_deleted.filter(account=self.account).values_list("pk", flat=True)
        segments, profiles = memberships(list(own), deleted)
        lock_segments(sorted(set(segments.tolist())))
        leaving = np.zeros(len(profiles), dtype=np.bool_)
        self._move(
            segments, profiles, leaving, self.reasons.last[np.searchsorted(self.ids, profiles)]
        )

    def _without_pending(self, flips: dict[int, Bools]) -> dict[int, Bools]:
        """The flips that no pending change can affect.

        What was read of a person may be partly from before such a change and partly from after it.
        Handling that change evaluates the segments that read its facts, so nothing is written here.
        """
        if not flips:
            return flips
        flipping = np.logical_or.reduce(list(flips.values()))
        for profile_id, fact_names in pending_facts(self.account.pk, self.ids[flipping]):
            place = np.searchsorted(self.ids, profile_id)
            affected = (
                flips
                if facts.EXISTS in fact_names
                else self.plan.concerned(fact_names) & flips.keys()
            )
            for pk in affected:
                flips[pk][place] = False
        return {pk: flipped for pk, flipped in flips.items() if flipped.any()}

    def _target(self, live: LiveSegment, evaluation: Evaluation) -> Bools | None:
        """bool[len(ids)]: who belongs in the segment, not deleted people; None if it froze."""
        try:
            matches = evaluation.mask(live.tree)
        except (Unsupported, UnknownKey) as error:
            freeze(live, str(error))
            return None
        except DatabaseError:
            raise
        except Exception as error:
            raise SegmentFailure(live, error) from error
        inside = np.zeros(len(self.ids), dtype=np.bool_)
        inside[self.positions] = matches
        return inside

    def _write(
        self, segments: Sequence[LiveSegment], flips: dict[int, Bools], targets: dict[int, Bools]
    ) -> None:
        """Write the flips of these segments, each with its reason."""
        rows: list[tuple[Ids, Ids, Bools, Ids]] = []
        for live in segments:
            places = np.flatnonzero(flips[live.pk])
            segment = np.full(len(places), live.pk, dtype=np.int64)
            reason = self.reasons.of(live)[places]
            rows.append((segment, self.ids[places], targets[live.pk][places], reason))
        if rows:
            self._move(*(np.concatenate(column) for column in zip(*rows, strict=True)))

    def _move(self, segments: Ids, profiles: Ids, entering: Bools, reason: Ids) -> None:
        numbers, place = np.unique(reason, return_inverse=True)
        reasons = [self.reasons[number] for number in numbers.tolist()]
        write_moves(
            self.account.pk, Moves(segments, profiles, entering, reasons, place), at=self.at
        )


_CAUSES = {cause.value: cause for cause in Cause}


class _Reasons:
    """Why people of a batch may enter or leave: their changes, and changes of other segments.

    With c changes of n people, reason number i < c is the change itself. Reason number c + i is a
    change of another segment that follows from the last change of person i.
    """

    def __init__(self, changes: Sequence[Change], ids: Ids) -> None:
        """`changes` are oldest first; `ids` are those of all their people, int64[n] ascending."""
        self._changes = changes
        self._whose = np.searchsorted(ids, [change.profile_id for change in changes])
        self._places = np.arange(len(changes))
        self.last: Ids = np.zeros(len(ids), dtype=np.int64)
        """int64[n]: the number of each person's last change."""
        self.last[self._whose] = self._places  # of repeated indices, the last assignment wins
        fact_sets = [frozenset(change.facts) for change in changes]
        sets = {facts: number for number, facts in enumerate(set(fact_sets))}
        self._sets = list(sets)
        self._set = np.array([sets[fact_set] for fact_set in fact_sets])

    def __getitem__(self, number: int) -> ChangeReason:
        person = number - len(self._changes)
        change = self._changes[number if person < 0 else self.last[person]]
        cause = _CAUSES[change.cause]
        # What follows from an edit of another segment keeps the cause of an edit.
        if person >= 0 and cause is not Cause.DEFINITION:
            cause = Cause.SEGMENT
        return ChangeReason(cause, change.at, change.pk)

    def of(self, live: LiveSegment) -> Ids:
        """int64[n]: for each person, the number of the reason for a change of this segment.

        It is the person's last change of a fact that the segment reads. Without one, it is the
        change of another segment that followed from the person's last change.
        """
        numbers = len(self._changes) + np.arange(len(self.last))
        concerns = np.array([facts.EXISTS in s or not live.reads.isdisjoint(s) for s in self._sets])
        counts = concerns[self._set]
        numbers[self._whose[counts]] = self._places[counts]
        return numbers


def _is_still(segment: Segment | None, live: LiveSegment) -> bool:
    return (
        segment is not None
        and segment.version == live.version
        and segment.status == SegmentStatus.READY
    )


def freeze(live: LiveSegment, error: str) -> None:
    """Leave a segment's membership as it is, and store the reason, until somebody edits it."""
    Segment.objects.filter(pk=live.pk, version=live.version).update(
        status=SegmentStatus.FROZEN, error=error
    )
