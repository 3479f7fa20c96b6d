"""The only door through which people and events are written: validate, identify, store.

One call is one batch and one transaction. A record with something wrong is refused alone; the
rest of the batch goes on. The same batch again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple, TypeVar

from django.db import IntegrityError, OperationalError, transaction

from profiles import changes, facts
from profiles.ingest.parse import (
    EventRecord,
    ProfileRecord,
    TimeRange,
    api_times,
    read_event,
    read_profile,
)
from profiles.ingest.resolve import Resolution, hold_still, resolve
from profiles.ingest.schema import metrics_by_name, note_properties
from profiles.ingest.write_events import bounds, distinct, insert_events, next_event_id
from profiles.ingest.write_profiles import write_people
from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem, TooLarge

MOST_RECORDS = 10_000
_TRIES = 5


class Rejection(NamedTuple):
    """A record that was refused: its place in the batch, and why."""

    index: int  # type: ignore[assignment]
    problem: Problem


@dataclass
class IngestResult:
    """What became of a batch."""

    accepted: int = 0
    """Events that were stored; records of people about whom something was new."""
    unchanged: int = 0
    """Records of what was known already."""
    rejected: list[Rejection] = field(default_factory=list)
    profile_ids: list[int | None] = field(default_factory=list)
    """The profile of each record; None where it was refused."""
    created: set[int] = field(default_factory=set)
    """Those of them that did not exist before."""
    contested: Counter[str] = field(default_factory=Counter)
    """Identifier to records that gave one of somebody else, with whom it stays."""


class _GoneMeanwhile(Exception):
    """A profile was merged or erased between being found and being locked."""


R = TypeVar("R")


def ingest_profiles(
    *,
    account: Account,
    records: Sequence[Mapping[str, Any] | ProfileRecord],
    at: datetime,
    cause: Cause = Cause.PROPERTY,
    refuse_contested: bool = False,
) -> IngestResult:
    """Create or update people from records of the exchange format, at most 10,000.

    Null clears a field; what is not mentioned stays. Records may have been read already. An
    identifier of somebody else is left out; with `refuse_contested` the record is refused. A
    statement of consent without a date is of `at`, unless it comes from a file (`cause` IMPORT):
    then nobody knows. Raises TooLarge for a longer batch.
    """
    read, refused = _read(records, read_profile)
    outcome = _retrying(
        account,
        lambda: _store_profiles(account, read, at, cause, len(records), refuse_contested),
    )
    outcome.rejected = sorted(refused + outcome.rejected)
    return outcome


def ingest_events(
    *,
    account: Account,
    records: Sequence[Mapping[str, Any] | EventRecord],
    at: datetime,
    cause: Cause = Cause.EVENT,
    times: TimeRange | None = None,
    zone: tzinfo = UTC,
    whole: bool = False,
) -> IngestResult:
    """Store events from records of the exchange format, at most 10,000, and their people.

    `times` bounds when they may have happened (default: what the API takes); times without a
    zone are in `zone`; records that have been read already are past that. A unique_id that the
    person has for the metric already is unchanged. `whole`: if any record is refused, nothing
    is stored. Raises TooLarge for a longer batch.
    """
    allowed = times or api_times(at)
    read, refused = _read(records, lambda record: read_event(record, allowed, zone))
    outcome = _retrying(
        account,
        lambda: _store_events(
            account, read, at, cause, len(records), whole=whole, unread=bool(refused)
        ),
    )
    outcome.rejected = sorted(refused + outcome.rejected)
    return outcome


def refused_events(*, account: Account, records: Sequence[EventRecord]) -> list[Rejection]:
    """Return what `ingest_events` would refuse of these events now. Stores nothing."""
    with transaction.atomic():
        return _whose(account, list(enumerate(records)), len(records)).rejected


def _read(
    records: Sequence[Any], reader: Callable[[Any], R]
) -> tuple[list[tuple[int, R]], list[Rejection]]:
    """What could be read, each with its place in the batch, and what could not."""
    if len(records) > MOST_RECORDS:
        message = f"A batch holds at most {MOST_RECORDS} records, not {len(records)}."
        raise TooLarge(Problem("", "too_many", message))
    read: list[tuple[int, R]] = []
    refused: list[Rejection] = []
    for index, record in enumerate(records):
        try:
            read.append((index, reader(record)))
        except Invalid as error:
            refused.append(Rejection(index, error.problems[0]))
    return read, refused


def _retrying(account: Account, store: Callable[[], IngestResult]) -> IngestResult:
    """Run a transaction again when another one got in between.

    From the third try on nobody else makes or merges people meanwhile, so that it comes through.
    In a caller's own transaction only this part of it is run again.
    """
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                if left < _TRIES - 2:
                    hold_still(account.pk)
                return store()
        except (_GoneMeanwhile, IntegrityError):
            if not left:
                raise
        except OperationalError as error:
            if not left or getattr(error.__cause__, "sqlstate", None) not in {"40P01", "40001"}:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _store_profiles(
    account: Account,
    read: Sequence[tuple[int, ProfileRecord]],
    at: datetime,
    cause: Cause,
    records: int,
    refuse_contested: bool,
) -> IngestResult:
    outcome = IngestResult(profile_ids=[None] * records)
    resolution = resolve(
        account.pk, [record for _, record in read], own=True, refuse=refuse_contested
    )
    said = _by_person(read, resolution, outcome)
    touched = write_people(account, said, resolution, at, undated=cause is Cause.IMPORT)
    if touched is None:
        raise _GoneMeanwhile
    changes.record(account.pk, touched, cause=cause, at=at)
    outcome.created = resolution.new
    outcome.contested.update(name for names in resolution.contested.values() for name in names)
    outcome.accepted = sum(len(said.get(id_, ())) for id_ in touched)
    outcome.unchanged = sum(map(len, said.values())) - outcome.accepted
    return outcome


def _by_person(
    read: Sequence[tuple[int, ProfileRecord]], resolution: Resolution, outcome: IngestResult
) -> dict[int, list[ProfileRecord]]:
    """The records of each person, in order; notes who is who and what was refused."""
    said: dict[int, list[ProfileRecord]] = {}
    for (index, record), found in zip(read, resolution.ids, strict=True):
        if isinstance(found, Problem):
            outcome.rejected.append(Rejection(index, found))
            continue
        outcome.profile_ids[index] = found
        said.setdefault(found, []).append(record)
    return said


class _Whose(NamedTuple):
    """Whose events they are, as things are now."""

    resolution: Resolution
    said: dict[int, list[ProfileRecord]]
    """What the events say of each person."""
    rows: list[tuple[int, EventRecord]]
    """The profile of each event that has one, and the event."""
    profile_ids: list[int | None]
    """The profile of each record of the batch."""
    rejected: list[Rejection]
    contested: Counter[str]
    """Events that gave an identifier of somebody else, by identifier."""


def _whose(account: Account, read: Sequence[tuple[int, EventRecord]], records: int) -> _Whose:
    """Find the person of each event, or make their id; nothing is stored. In a transaction."""
    people, places = _distinct_people(read)
    resolution = resolve(account.pk, people, own=False, shared=True)
    said: dict[int, list[ProfileRecord]] = {}
    for person, found in zip(people, resolution.ids, strict=True):
        if not isinstance(found, Problem):
            said.setdefault(found, []).append(person)
    whose = _Whose(resolution, said, [], [None] * records, [], Counter())
    for (index, event), place in zip(read, places, strict=True):
        found = resolution.ids[place]
        if isinstance(found, Problem):
            whose.rejected.append(Rejection(index, found.under("/profile")))
        else:
            whose.profile_ids[index] = found
            whose.rows.append((found, event))
            whose.contested.update(resolution.contested.get(place, ()))
    return whose


def _store_events(
    account: Account,
    read: Sequence[tuple[int, EventRecord]],
    at: datetime,
    cause: Cause,
    records: int,
    *,
    whole: bool,
    unread: bool,
) -> IngestResult:
    """`unread`: some of the batch could not be read, so that a `whole` one is not stored."""
    resolution, said, rows, profile_ids, rejected, contested = _whose(account, read, records)
    if whole and (unread or rejected):
        return IngestResult(profile_ids=[None] * records, rejected=rejected)
    outcome = IngestResult(profile_ids=profile_ids, rejected=rejected, contested=contested)
    once = distinct(rows)
    active = bounds((row for row in once if row[0] in resolution.new), at)
    touched = write_people(
        account, said, resolution, at, undated=cause is Cause.IMPORT, active=active
    )
    if touched is None:
        raise _GoneMeanwhile
    metrics = metrics_by_name(account.pk, {event.metric for _, event in rows}, at)
    from_event = next_event_id()
    stored = insert_events(account.pk, once, metrics, at, new=resolution.new)
    note_properties(
        account.pk, ((metrics[event.metric][0], event.properties) for _, event in rows), at
    )
    keys = dict(metrics.values())
    for each in stored:
        found_facts = touched.setdefault(each.profile_id, set())
        found_facts.add(facts.metric(keys[each.metric_id]))
        if each.is_first:
            found_facts.add(facts.attribute("first_active"))
        if each.is_last:
            found_facts.add(facts.attribute("last_active"))
    changes.record(account.pk, touched, cause=cause, at=at, from_event=from_event)
    outcome.created = resolution.new
    outcome.accepted = sum(each.events for each in stored)
    outcome.unchanged = len(rows) - outcome.accepted
    return outcome


def _distinct_people(
    read: Sequence[tuple[int, EventRecord]],
) -> tuple[list[ProfileRecord], list[int]]:
    """The people of whom events speak, each once, and the place among them of each event's.

    One who is only named is the same as another of that name; all of a batch's events may also
    share one reading. Where device ids may move, one is the same only until another is named.
    """
    people: list[ProfileRecord] = []
    whose: list[int] = []
    places: dict[Any, int] = {}
    devices_move = any(_may_move_device(event.profile) for _, event in read)
    last_device = None
    for _, event in read:
        person = event.profile
        place = places.get(id(person))
        if place is None:
            name = id(person) if person.says_more else (person.id, *person.identifiers.items())
            place = places.setdefault(name, len(people))
        if devices_move and person.identifiers.get("anonymous_id") is not None:
            if place != last_device:
                place = len(people)
            last_device = place
        if place == len(people):
            people.append(person)
        places[id(person)] = place
        whose.append(place)
    return people, whose


def _may_move_device(person: ProfileRecord) -> bool:
    named = person.identifiers
    return named.get("anonymous_id") is not None and (len(named) > 1 or person.id is not None)
