"""What must hold once it is quiet: nothing lost, nothing twice, membership as recomputed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from profiles.columns.gather import all_of
from profiles.models import Event, Profile, ProfileChange
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segments.definition.codec import decode
from segments.engine.evaluate import Evaluation
from segments.health import heartbeats
from segments.models import Heartbeat, Membership, Segment, SegmentStatus
from tests.chaos import rows
from tests.chaos.load import Record

QUIET_SECONDS = 60.0
_MOST_NAMED = 5
"""How many of many are named."""

ByKey = dict[str, set[int]]


@contextmanager
def one_instant() -> Iterator[None]:
    """All that is read inside is of one instant."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def lost_or_twice(
    account: Account, records: Sequence[Record], probes: Mapping[str, str]
) -> list[str]:
    """Acknowledged minus stored, and stored more than once; nothing if all is well."""
    with one_instant():
        events = Counter(
            Event.objects.filter(account=account, unique_id__startswith="e-").values_list(
                "unique_id", "metric__name", "profile__external_id"
            )
        )
        probed = set(
            Event.objects.filter(account=account, metric__name="Probe").values_list(
                "unique_id", flat=True
            )
        )
        properties = dict(
            Profile.objects.filter(account=account).values_list("external_id", "properties")
        )
    acknowledged = {
        (unique_id, *rest) for record in records for unique_id, rest in record.acknowledged.items()
    }
    ids = Counter(unique_id for unique_id, _, _ in events.elements())
    ids_sent = set().union(*(record.sent for record in records))
    problems = [
        *_listing("acknowledged and not stored", acknowledged - events.keys()),
        *_listing("probes acknowledged and not stored", probes.keys() - probed),
        *_listing("stored twice", [id_ for id_, times in ids.items() if times > 1]),
        *_listing("stored and never sent", ids.keys() - ids_sent),
    ]
    for record in records:
        problems += record.problems
        for (who, name), values in record.values.items():
            stands = properties.get(who, {}).get(name)
            if values.acknowledged >= 0 and stands not in values.allowed:
                problems.append(f"{name} of {who} is {stands!r}, not one of {values.allowed}")
        for who, tags in record.tags.items():
            stands = properties.get(who, {}).get("Tags", [])
            if not tags <= set(stands) or len(stands) != len(set(stands)):
                problems.append(f"Tags of {who} are {stands}, acknowledged were {sorted(tags)}")
    return problems


@dataclass(frozen=True)
class Comparison:
    """Membership against what it should be."""

    quiet_seconds: float
    """Until it was equal to the engine's own recomputation; the limit if it never was."""
    waiting: int
    """Changes that nobody had handled at the end."""
    differences: tuple[str, ...]
    """From the oracle's answer."""
    memberships: int


def silent() -> list[str]:
    """The kinds of process of which none reports that it lives, after the time they all have.

    Once a clock that was wrong is right again, the first process that writes its heartbeat removes
    the rows of the wrong time, those of living processes too: these write again within
    `heartbeats.EVERY`.
    """
    began = time.monotonic()
    while True:
        recent = now() - heartbeats.LATE
        kinds = set(Heartbeat.objects.filter(at__gt=recent).values_list("kind", flat=True))
        missing = [kind for kind in ("worker", "beat") if kind not in kinds]
        if not missing or time.monotonic() - began > heartbeats.LATE.total_seconds():
            return [f"no {kind} reports that it lives" for kind in missing]
        time.sleep(0.2)


def compare(account: Account) -> Comparison:
    """Wait until membership is what recomputing gives, at most QUIET_SECONDS; ask the oracle.

    While it waits, the engine recomputes; what counts is the oracle, which shares no code with it.
    """
    began = time.monotonic()
    while True:
        at = now()
        with one_instant():
            backlog = ProfileChange.objects.filter(account=account, handled=None).count()
            inside = _memberships(account)
            equal = not backlog and inside == _recomputed(account, at)
        quiet = time.monotonic() - began
        if equal or quiet > QUIET_SECONDS:
            break
        time.sleep(0.5)
    with one_instant():
        inside, expected = _memberships(account), rows.members(account, at)
    return Comparison(
        min(quiet, QUIET_SECONDS),
        backlog,
        tuple(_differences(account, inside, expected)),
        sum(map(len, inside.values())),
    )


def _memberships(account: Account) -> ByKey:
    members: ByKey = {
        key: set() for key in Segment.objects.filter(account=account).values_list("key", flat=True)
    }
    for key, id_ in Membership.objects.filter(account=account).values_list(
        "segment__key", "profile_id"
    ):
        members[key].add(id_)
    return members


def _recomputed(account: Account, at: datetime) -> ByKey:
    evaluation = Evaluation(all_of(account, as_of=at), at)
    return {
        segment.key: set(
            evaluation.people.ids[evaluation.mask(decode(segment.definition))].tolist()
        )
        for segment in Segment.objects.filter(account=account)
    }


def _differences(account: Account, inside: ByKey, expected: ByKey) -> Iterator[str]:
    for segment in Segment.objects.filter(account=account).order_by("pk"):
        if segment.status != SegmentStatus.READY:
            yield f"{segment.name} is {segment.status}: {segment.error}"
        if segment.size != len(inside[segment.key]):
            yield f"{segment.name} says {segment.size} and has {len(inside[segment.key])}"
        more, less = (
            inside[segment.key] - expected[segment.key],
            expected[segment.key] - inside[segment.key],
        )
        yield from _listing(f"in {segment.name} and should not be", more)
        yield from _listing(f"not in {segment.name} and should be", less)


def _listing(what: str, items: object) -> Iterator[str]:
    names = sorted(map(str, items))  # type: ignore[call-overload]
    if names:
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield f"{what}: {', '.join(names[:_MOST_NAMED])}{more}"
