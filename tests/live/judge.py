"""Whether live membership is right: the oracle's answer, the ledger, sizes, and times of change.

Owns comparing; must not write anything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from segmenter.accounts.models import Account
from segments.models import Membership, MembershipChange, Segment, SegmentStatus
from tests.live.stored import Stored, kept_true, stored_world
from tests.oracle.oracle import meets_definition, members
from tests.oracle.windows import midnight

_TICK = timedelta(microseconds=1)


def expect_right(account: Account, at: datetime, *, one_clock: bool = True) -> Stored:
    """Compare every segment with the oracle and its own ledger; return the facts that were used.

    `one_clock`: all writers had the same time, so nothing was stored before it was true.
    """
    world = stored_world(account, at)
    memberships: dict[int, dict[int, datetime]] = defaultdict(dict)
    for row in Membership.objects.filter(account=account):
        memberships[row.segment_id][row.profile_id] = row.entered
    for segment in Segment.objects.filter(account=account).order_by("pk"):
        inside = memberships[segment.pk].keys()
        if kept_true(segment):
            assert segment.status == SegmentStatus.READY, f"{segment.name} is {segment.status}"
            expected = {int(world.ids[i]) for i in members(segment.definition, world, at)}
            assert inside == expected, (
                f"{segment.name} at {at.isoformat()}: missing {_names(world, expected - inside)},"
                f" too many {_names(world, inside - expected)}\n{segment.definition}"
            )
        strangers = inside - {int(id_) for id_ in world.ids}
        assert not strangers, (
            f"{segment.name} (active: {segment.is_active}) has {strangers}, who are gone"
        )
        assert segment.size == len(inside), f"{segment.name} says {segment.size}"
    _expect_ledger(account, memberships, one_clock)
    return world


def _names(world: Stored, ids: Iterable[int]) -> list[str]:
    names = dict(zip(world.ids, world.people, strict=True))
    return [f"{id_} ({names.get(str(id_), {}).get('external_id', 'gone')})" for id_ in sorted(ids)]


def _expect_ledger(
    account: Account, memberships: dict[int, dict[int, datetime]], one_clock: bool
) -> None:
    """The ledger alternates for everyone, ends in the membership, and its times are those there."""
    inside: dict[int, dict[int, datetime]] = defaultdict(dict)
    for row in MembershipChange.objects.filter(account=account).order_by("pk"):
        insiders = inside[row.segment_id]
        is_in = row.profile_id in insiders
        assert is_in is not row.entered, f"{row} twice: {row.cause} at {row.at}"
        assert row.true_since <= row.at or not one_clock, f"{row}: known before it was true"
        if row.entered:
            insiders[row.profile_id] = row.true_since
        else:
            del insiders[row.profile_id]
    for segment in inside.keys() | memberships.keys():
        assert inside[segment] == memberships[segment], f"the ledger of {segment} ends otherwise"


def last_row(account: Account) -> int:
    """The ledger's newest row, to look from."""
    newest = MembershipChange.objects.filter(account=account).order_by("pk").last()
    return newest.pk if newest else 0


def expect_edges(world: Stored, account: Account, since: int, start: datetime) -> int:
    """Where no fact changed after `start`, each flip is dated by what the oracle says.

    Exactly, where it falls on a midnight of the account; else not before the instant the oracle
    gives and, as time is followed in whole minutes, within the step that brought it about.
    Looks at the ledger rows after `since`; returns how many.
    """
    number = {int(id_): index for index, id_ in enumerate(world.ids)}
    rows = MembershipChange.objects.filter(account=account, pk__gt=since).select_related("segment")
    for row in rows:
        assert row.cause in {"time", "event", "segment"}, f"{row} because of {row.cause}"
        definition = row.segment.definition
        if _looks_into_the_ledger(definition, world):
            continue
        edge = last_flip(definition, world, number[row.profile_id], start, row.at)
        assert edge is not None, f"{row} at {row.at}: the oracle sees no change since {start}"
        message = (
            f"{row} is dated {row.true_since.isoformat()}, not {edge.isoformat()}\n{definition}"
        )
        if edge == midnight(edge.astimezone(world.tz).date(), world.tz):
            assert row.true_since == edge, message
        assert edge - _TICK <= row.true_since <= row.at, message
    return len(rows)


def _looks_into_the_ledger(value: Any, world: Stored) -> bool:
    """Whether a definition asks since when someone is in a segment: that is known of now only."""
    if isinstance(value, list):
        return any(_looks_into_the_ledger(item, world) for item in value)
    if not isinstance(value, dict):
        return False
    if "timeframe_filter" in value and world.segments.keys() & set(value.get("group_ids", ())):
        return True
    below = [world.segments[key] for key in value.get("group_ids", ()) if key in world.segments]
    return any(_looks_into_the_ledger(item, world) for item in [*value.values(), *below])


def last_flip(
    definition: dict[str, object], world: Stored, person: int, start: datetime, end: datetime
) -> datetime | None:
    """The first instant of the answer that holds at `end`, by asking; None if it held all along.

    Answers that hold for less than a hundredth of the time (at most an hour) may be passed over.
    """

    def answer(at: datetime) -> bool:
        return meets_definition(definition, world.seen_at(at), person, at)

    now = answer(end)
    step = max(min((end - start) / 100, timedelta(hours=1)), _TICK)
    after, before = end, end
    while before > start:
        before = max(after - step, start)
        if answer(before) is not now:
            break
        after = before
    else:
        return None
    while after - before > _TICK:
        middle = before + (after - before) / 2
        if answer(middle) is now:
            after = middle
        else:
            before = middle
    return after
