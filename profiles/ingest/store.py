"""The only functions that write people and events: validate, resolve identities, store.

One call is one batch and one transaction. An invalid record is rejected alone; the rest of the
batch is stored. The same batch again changes nothing (idempotent).
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
from profiles.ingest.resolve import Resolution, lock_identities, resolve
from profiles.ingest.schema import metrics_by_name, note_properties
from profiles.ingest.write_events import (
    activity_bounds,
    distinct_events,
    insert_events,
    next_event_id,
)
from profiles.ingest.write_profiles import write_people
from profiles.models import Cause
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, Problem, TooLarge

MOST_RECORDS = 10_000
_TRIES = 5


class Rejection(NamedTuple):
    """A rejected record: its index in the batch, and the reason."""

    index: int  # type: ignore[assignment]
    problem: Problem


@dataclass
class IngestResult:
    """The outcome of a batch."""

    accepted: int = 0
    """Stored events; records that changed something about a person."""
    unchanged: int = 0
    """Records that changed nothing."""
    rejected: list[Rejection] = field(default_factory=list)
    profile_ids: list[int | None] = field(default_factory=list)
    """The profile of each record; None where it was rejected."""
    created: set[int] = field(default_factory=set)
    """Those of them that did not exist before."""
    identified: set[int] = field(default_factory=set)
    """Those who got their first address, number or external id: new, or only a device before."""
    contested: Counter[str] = field(default_factory=Counter)
    """Identifier to the number of records whose value belongs to another person and stays there."""


class _ChangedMeanwhile(Exception):
    """A profile was merged or erased after it was matched and before it was locked."""


R = TypeVar("R")


def ingest_profiles(
    *,
    account: Account,
    records: Sequence[Mapping[str, Any] | ProfileRecord],
    at: datetime,
    cause: Cause = Cause.PROPERTY,
    refuse_contested: bool = False,
    unproven: bool = False,
) -> IngestResult:
    """Create or update people from records of the exchange format, at most 10,000.

    Null clears a field; absent fields stay. Records may be parsed already. An identifier of another
    person is ignored; with `refuse_contested` the record is rejected. `unproven` records change no
    identifiers of people who are known (`profiles.ingest.unproven`). Consent without a date gets
    the date `at`; from a file (`cause` IMPORT) its date is unknown. Raises TooLarge for a longer
    batch.
    """
    parsed, rejections = _read(records, read_profile)
    outcome = _retry(
        account,
        lambda: _store_profiles(
            account, parsed, at, cause, len(records), refuse_contested, unproven
        ),
    )
    outcome.rejected = sorted(rejections + outcome.rejected)
    return outcome


def ingest_events(
    *,
    account: Account,
    records: Sequence[Mapping[str, Any] | EventRecord],
    at: datetime,
    cause: Cause = Cause.EVENT,
    times: TimeRange | None = None,
    zone: tzinfo = UTC,
    all_or_nothing: bool = False,
    unproven: bool = False,
) -> IngestResult:
    """Store events from records of the exchange format, at most 10,000, and their people.

    `times` are the allowed times (default: those of the API); times without a zone are in `zone`.
    Both apply to records that are not parsed yet. An event is unchanged if the person has one of
    the metric with its unique_id. `all_or_nothing`: if a record is rejected, nothing is stored.
    `unproven` as in `ingest_profiles`. Raises TooLarge for a longer batch.
    """
    allowed = times or api_times(at)
    parsed, rejections = _read(records, lambda record: read_event(record, allowed, zone))
    outcome = _retry(
        account,
        lambda: _store_events(
            account,
            parsed,
            at,
            cause,
            len(records),
            all_or_nothing=all_or_nothing,
            has_invalid=bool(rejections),
            unproven=unproven,
        ),
    )
    outcome.rejected = sorted(rejections + outcome.rejected)
    return outcome


def check_events(*, account: Account, records: Sequence[EventRecord]) -> list[Rejection]:
    """Return the rejections that `ingest_events` would give for these events. Stores nothing."""
    with transaction.atomic():
        return _resolve_owners(account, list(enumerate(records)), len(records)).rejected


def _read(
    records: Sequence[Any], reader: Callable[[Any], R]
) -> tuple[list[tuple[int, R]], list[Rejection]]:
    """Parse the records: those that are valid, with their index in the batch, and the rest."""
    if len(records) > MOST_RECORDS:
        message = f"A batch holds at most {MOST_RECORDS} records, not {len(records)}."
        raise TooLarge(Problem("", "too_many", message))
    parsed: list[tuple[int, R]] = []
    rejections: list[Rejection] = []
    for index, record in enumerate(records):
        try:
            parsed.append((index, reader(record)))
        except Invalid as error:
            rejections.append(Rejection(index, error.problems[0]))
    return parsed, rejections


def _retry(account: Account, store: Callable[[], IngestResult]) -> IngestResult:
    """Run a transaction again if it conflicts with another one.

    From the third try on, other transactions may not create or merge people meanwhile, so that it
    succeeds. Inside the caller's transaction only this part is run again.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                if tries_left < _TRIES - 2:
                    lock_identities(account.pk)
                return store()
        except (_ChangedMeanwhile, IntegrityError):
            if not tries_left:
                raise
        except OperationalError as error:
            sqlstate = getattr(error.__cause__, "sqlstate", None)
            if not tries_left or sqlstate not in {"40P01", "40001"}:  # deadlock, serialization
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def _store_profiles(
    account: Account,
    parsed: Sequence[tuple[int, ProfileRecord]],
    at: datetime,
    cause: Cause,
    records: int,
    refuse_contested: bool,
    unproven: bool,
) -> IngestResult:
    outcome = IngestResult(profile_ids=[None] * records)
    resolution = resolve(
        account.pk,
        [record for _, record in parsed],
        own=not unproven,
        refuse=refuse_contested,
        shared=unproven,
        unproven=unproven,
    )
    records_of = _group_by_person(parsed, resolution, outcome)
    changed_facts = write_people(account, records_of, resolution, at, undated=cause is Cause.IMPORT)
    if changed_facts is None:
        raise _ChangedMeanwhile
    changes.record(account.pk, changed_facts, cause=cause, at=at)
    outcome.created, outcome.identified = resolution.new, resolution.identified
    outcome.contested.update(name for names in resolution.contested.values() for name in names)
    outcome.accepted = sum(len(records_of.get(id_, ())) for id_ in changed_facts)
    outcome.unchanged = sum(map(len, records_of.values())) - outcome.accepted
    return outcome


def _group_by_person(
    parsed: Sequence[tuple[int, ProfileRecord]], resolution: Resolution, outcome: IngestResult
) -> dict[int, list[ProfileRecord]]:
    """The records of each person, in order; adds ids and rejections to the outcome."""
    records_of: dict[int, list[ProfileRecord]] = {}
    for (index, record), id_ in zip(parsed, resolution.ids, strict=True):
        if isinstance(id_, Problem):
            outcome.rejected.append(Rejection(index, id_))
            continue
        outcome.profile_ids[index] = id_
        records_of.setdefault(id_, []).append(record)
    return records_of


class _EventOwners(NamedTuple):
    """The people of a batch of events."""

    resolution: Resolution
    records_of: dict[int, list[ProfileRecord]]
    """The records of each person in the events."""
    rows: list[tuple[int, EventRecord]]
    """The profile of each event that has one, and the event."""
    profile_ids: list[int | None]
    """The profile of each record of the batch."""
    rejected: list[Rejection]
    contested: Counter[str]
    """Identifier to the number of events whose value belongs to another person."""


def _resolve_owners(
    account: Account,
    parsed: Sequence[tuple[int, EventRecord]],
    records: int,
    *,
    unproven: bool = False,
) -> _EventOwners:
    """Find the person of each event, or assign a new id; in a transaction. Stores nothing."""
    people, places = _distinct_people(parsed)
    resolution = resolve(account.pk, people, own=False, shared=True, unproven=unproven)
    records_of: dict[int, list[ProfileRecord]] = {}
    for person, id_ in zip(people, resolution.ids, strict=True):
        if not isinstance(id_, Problem):
            records_of.setdefault(id_, []).append(person)
    owners = _EventOwners(resolution, records_of, [], [None] * records, [], Counter())
    for (index, event), place in zip(parsed, places, strict=True):
        id_ = resolution.ids[place]
        if isinstance(id_, Problem):
            owners.rejected.append(Rejection(index, id_.under("/profile")))
        else:
            owners.profile_ids[index] = id_
            owners.rows.append((id_, event))
            owners.contested.update(resolution.contested.get(place, ()))
    return owners


def _store_events(
    account: Account,
    parsed: Sequence[tuple[int, EventRecord]],
    at: datetime,
    cause: Cause,
    records: int,
    *,
    all_or_nothing: bool,
    has_invalid: bool,
    unproven: bool,
) -> IngestResult:
    """`has_invalid`: some records could not be parsed."""
    resolution, records_of, rows, profile_ids, rejected, contested = _resolve_owners(
        account, parsed, records, unproven=unproven
    )
    if all_or_nothing and (has_invalid or rejected):
        return IngestResult(profile_ids=[None] * records, rejected=rejected)
    outcome = IngestResult(profile_ids=profile_ids, rejected=rejected, contested=contested)
    distinct = distinct_events(rows)
    active = activity_bounds((row for row in distinct if row[0] in resolution.new), at)
    changed_facts = write_people(
        account, records_of, resolution, at, undated=cause is Cause.IMPORT, active=active
    )
    if changed_facts is None:
        raise _ChangedMeanwhile
    metrics = metrics_by_name(account.pk, {event.metric for _, event in rows}, at)
    from_event = next_event_id()
    new_events = insert_events(account.pk, distinct, metrics, at, new=resolution.new)
    note_properties(
        account.pk, ((metrics[event.metric][0], event.properties) for _, event in rows), at
    )
    keys = dict(metrics.values())
    for group in new_events:
        person_facts = changed_facts.setdefault(group.profile_id, set())
        person_facts.add(facts.metric(keys[group.metric_id]))
        if group.is_first:
            person_facts.add(facts.attribute("first_active"))
        if group.is_last:
            person_facts.add(facts.attribute("last_active"))
    changes.record(account.pk, changed_facts, cause=cause, at=at, from_event=from_event)
    outcome.created, outcome.identified = resolution.new, resolution.identified
    outcome.accepted = sum(group.events for group in new_events)
    outcome.unchanged = len(rows) - outcome.accepted
    return outcome


def _distinct_people(
    parsed: Sequence[tuple[int, EventRecord]],
) -> tuple[list[ProfileRecord], list[int]]:
    """The distinct people of events, and the index of each event's person among them.

    Records with identifiers only are equal if these are equal; events of a batch may also share
    one parsed record. If device ids may move, a record with a device id is a new one whenever
    another device came in between, since their order matters.
    """
    people: list[ProfileRecord] = []
    indices: list[int] = []
    places: dict[Any, int] = {}
    devices_move = any(_may_move_device(event.profile) for _, event in parsed)
    last_device = None
    for _, event in parsed:
        person = event.profile
        place = places.get(id(person))
        if place is None:
            name = id(person) if person.has_data else (person.id, *person.identifiers.items())
            place = places.setdefault(name, len(people))
        if devices_move and person.identifiers.get("anonymous_id") is not None:
            if place != last_device:
                place = len(people)
            last_device = place
        if place == len(people):
            people.append(person)
        places[id(person)] = place
        indices.append(place)
    return people, indices


def _may_move_device(person: ProfileRecord) -> bool:
    identifiers = person.identifiers
    return identifiers.get("anonymous_id") is not None and (
        len(identifiers) > 1 or person.id is not None
    )
