"""The live path: from changes of people to changes of membership, in one transaction a batch.

Changes are claimed inside the transaction that writes what follows from them, so a killed worker
gives them back. The people are locked in id order before they are read, so two workers that hold
the same person never leave a stale membership.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from profiles.columns.gather import some
from profiles.columns.population import UnknownKey
from profiles.models import Cause, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.tree import All, Unsupported, reads
from segments.definition.validate import groups_of
from segments.engine.evaluate import Evaluation
from segments.engine.membership import Ids, apply, difference, members
from segments.models import Segment, SegmentStatus

BATCH = 2_000
"""Changes that one transaction handles."""

log = logging.getLogger(__name__)


def accounts_waiting() -> list[int]:
    """Accounts with changes that nobody has handled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM accounts_account a WHERE EXISTS (SELECT FROM profiles_profilechange"
            " WHERE account_id = a.id AND handled IS NULL) ORDER BY id"
        )
        return [row[0] for row in cursor.fetchall()]


def handle_changes(account: Account, at: datetime) -> int:
    """Draw the consequences of one batch of changes; return how many there were."""
    with transaction.atomic():
        segments = in_order(account)
        if not segments:
            return _pass_over(account, at)
        changes = list(
            ProfileChange.objects.select_for_update(skip_locked=True)
            .filter(account=account, handled=None)
            .order_by("pk")[:BATCH]
        )
        if not changes:
            return 0
        ids = sorted({change.profile_id for change in changes})
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.id FROM unnest(%s::bigint[]) AS wanted(id)"
                " JOIN profiles_profile p ON p.id = wanted.id AND p.account_id = %s"
                " ORDER BY p.id FOR NO KEY UPDATE OF p",
                [ids, account.pk],
            )
        _evaluate(account, segments, changes, ids, at)
        ProfileChange.objects.filter(pk__in=[change.pk for change in changes]).update(handled=at)
    return len(changes)


def _pass_over(account: Account, at: datetime) -> int:
    """Mark everything handled where there is no segment that could change."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE profiles_profilechange SET handled = %s WHERE id IN (SELECT id FROM"
            " profiles_profilechange WHERE account_id = %s AND handled IS NULL"
            " FOR UPDATE SKIP LOCKED)",
            [at, account.pk],
        )
    return 0


def _evaluate(
    account: Account,
    segments: Sequence[tuple[Segment, All]],
    changes: Sequence[ProfileChange],
    ids: Sequence[int],
    at: datetime,
) -> None:
    touched = frozenset().union(*(change.facts for change in changes))
    causes = {change.profile_id: Cause(change.cause) for change in changes}
    people = some(account, ids, as_of=at)
    evaluation = Evaluation(people, at)
    for segment, tree in segments:
        if not _concerned(tree, touched):
            continue
        try:
            wanted = people.ids[evaluation.mask(tree)]
        except (Unsupported, UnknownKey):
            log.warning("segment %s cannot be evaluated", segment.pk, exc_info=True)
            continue
        locked = Segment.objects.select_for_update().get(pk=segment.pk)
        if locked.version != segment.version or locked.status != SegmentStatus.READY:
            continue  # Its build is under way and looks at these people again before it ends.
        change = difference(members(locked, ids), wanted)
        for cause, some_entering, some_leaving in _by_cause(
            change.entering, change.leaving, causes
        ):
            apply(
                locked,
                difference(some_leaving, some_entering),
                at=at,
                cause=cause,
            )
        if len(change.entering) or len(change.leaving):
            touched = touched | {f"group:{segment.key}"}
            people.renew(as_of=at)
            evaluation = Evaluation(people, at)


def _concerned(tree: All, touched: frozenset[str]) -> bool:
    """Whether the changed facts could flip an answer; new people concern every segment."""
    return "exists" in touched or not reads(tree).isdisjoint(touched)


def _by_cause(
    entering: Ids, leaving: Ids, causes: dict[int, Cause]
) -> Iterable[tuple[Cause, Ids, Ids]]:
    for cause in sorted(set(causes.values())):
        of_cause = np.array([i for i, c in causes.items() if c == cause], dtype=np.int64)
        parts = np.intersect1d(entering, of_cause), np.intersect1d(leaving, of_cause)
        if len(parts[0]) or len(parts[1]):
            yield cause, parts[0], parts[1]


def in_order(account: Account) -> list[tuple[Segment, All]]:
    """The active segments with their trees, those that others refer to first.

    Whose definition cannot be read is left out: it stays frozen as it was.
    """
    trees: dict[str, tuple[Segment, All]] = {}
    alive = Segment.objects.filter(account=account, is_active=True).exclude(
        status=SegmentStatus.FROZEN
    )
    for segment in alive.order_by("pk"):
        try:
            trees[segment.key] = segment, decode(segment.definition)
        except Invalid:
            log.warning("segment %s has an unreadable definition", segment.pk)
    ordered: dict[str, tuple[Segment, All]] = {}
    placed: set[str] = set()

    def place(key: str) -> None:
        if key in trees and key not in placed:
            placed.add(key)
            for group in sorted(groups_of(trees[key][1])):
                place(group)
            ordered[key] = trees[key]

    for key in trees:
        place(key)
    return list(ordered.values())
