"""Resolves identities: finds the person of a record by its identifiers, or assigns a new id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import connection

from profiles.ingest.identifier_index import IdentifierIndex
from profiles.ingest.parse import ProfileRecord
from profiles.ingest.unproven import STRONG, harmless
from profiles.models import IDENTIFIERS, Profile, ProfileMerge
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound, Problem

_RANKS = {name: rank for rank, name in enumerate(IDENTIFIERS)}
_NOBODY: Mapping[str, str | None] = MappingProxyType(dict.fromkeys(IDENTIFIERS))
_IDENTITY_LOCK = 7_305_001
"""First key of the advisory lock for creating and merging an account's profiles."""


@dataclass
class Resolution:
    """The person of each record, and the changes of people's identifiers."""

    ids: list[int | Problem]
    """One for each record: the profile's id, or why there is none."""
    new: set[int] = field(default_factory=set)
    identified: set[int] = field(default_factory=set)
    """New people, and those of whom no more than a device was known before."""
    identifiers: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """The identifiers that change, by profile; also of people without a record in the batch."""
    previous: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """Their values when they were read, for profiles that exist."""
    contested: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Index of a record to those of its identifiers that belong, and stay, with another person."""

    def assign(self, index: IdentifierIndex, id_: int, name: str, value: str | None) -> None:
        """Set an identifier that nobody has, or clear it."""
        if id_ not in self.new:
            self.previous.setdefault(id_, {}).setdefault(name, index.stored_value(id_, name))
        index.assign(id_, name, value)
        self.identifiers.setdefault(id_, {})[name] = value


def lock_identities(account_id: int, *, shared: bool = False) -> None:
    """Lock the creation and merging of the account's profiles until this transaction ends.

    Holders of a `shared` lock do not exclude each other. Lock before any profile.
    """
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [_IDENTITY_LOCK, account_id])


def resolve(
    account_id: int,
    records: Sequence[ProfileRecord],
    *,
    own: bool,
    refuse: bool = False,
    shared: bool = False,
    unproven: bool = False,
) -> Resolution:
    """Find or create the profile of each record, in order; call it inside a transaction.

    A record matches a person by its strongest identifier (docs/adr/0012). Its other identifiers
    are added to the person. An identifier that belongs to another person stays there and is
    counted; with `refuse` the record is a conflict instead. A device id moves to the latest person
    who used it together with a stronger identifier.

    `own` (a person's record, not an event): its identifiers also replace, and null clears, those
    that are weaker than the one that matched. `unproven`: no record changes identifiers of people
    who are known (`profiles.ingest.unproven`).

    New people are created under a lock until the transaction ends. A `shared` lock admits others;
    if two create the same person, the database refuses the later one (IntegrityError).
    """
    index = IdentifierIndex(account_id, records)
    unmatched = [record for record in records if index.exact_match(record) is None]
    if unmatched:
        lock_identities(account_id, shared=shared)
        index.read(unmatched)
    resolution = Resolution([])
    new_ids = _new_ids(sum(map(index.has_no_match, unmatched)))
    for position, record in enumerate(records):
        if unproven:
            record = harmless(index, record)
        exact = index.exact_match(record)
        if exact is not None:
            resolution.ids.append(exact)
            continue
        match = index.match(record)
        if match is None and record.id is not None:
            problem = Problem("/id", "not_found", f"There is no profile {record.id}.")
            resolution.ids.append(problem)
            continue
        identifiers = index.people[match[0]] if match else _NOBODY
        changes, contested = _changes(
            index, record, identifiers, matched_by=match and match[1], own=own
        )
        if contested and refuse:
            resolution.ids.append(_conflict(index, record, contested))
            continue
        if any(identifiers.values()) and not any({**identifiers, **changes}.values()):
            resolution.ids.append(_without_identifiers(changes))
            continue
        if match:
            id_ = match[0]
        else:
            id_ = next(new_ids)
            resolution.new.add(id_)
            index.people[id_] = dict(_NOBODY)
        resolution.ids.append(id_)
        if not any(identifiers[name] for name in STRONG) and any(changes.get(n) for n in STRONG):
            resolution.identified.add(id_)
        if contested:
            resolution.contested[position] = tuple(contested)
        for name, value in changes.items():
            owner = None if value is None else index.owner[name].get(value)
            if owner is not None:
                resolution.assign(index, owner, name, None)
            resolution.assign(index, id_, name, value)
    return resolution


def _changes(
    index: IdentifierIndex,
    record: ProfileRecord,
    identifiers: Mapping[str, str | None],
    *,
    matched_by: str | None,
    own: bool,
) -> tuple[dict[str, str | None], list[str]]:
    """The changes to a person's identifiers, and the identifiers that belong to another person.

    `matched_by` is the identifier that matched the person, None for a new one.
    """
    changes: dict[str, str | None] = {}
    contested = []
    for name, value in record.identifiers.items():
        previous = identifiers[name]
        if value == previous:
            continue
        replaces = own and (matched_by not in _RANKS or _RANKS[name] > _RANKS[matched_by])
        if value is None:
            if replaces:
                changes[name] = None
        elif value not in index.owner[name]:
            if previous is None or replaces:
                changes[name] = value
        elif name == "anonymous_id":
            changes[name] = value
        else:
            contested.append(name)
    return changes, contested


def _conflict(index: IdentifierIndex, record: ProfileRecord, contested: Sequence[str]) -> Problem:
    """The problem, at the strongest identifier that belongs to another person than the others."""
    identifiers = [(name, value) for name, value in record.identifiers.items() if value is not None]
    if record.id is not None:
        first, other = contested[0], f"id {record.id}"
    else:
        first = next(name for name, value in identifiers if value in index.owner[name])
        other = next(f"{name} {value!r}" for name, value in identifiers if name != first)
    message = f"{first} {record.identifiers[first]!r} belongs to another profile than {other}."
    return Problem(f"/{first}", "duplicate_profile", message)


def _without_identifiers(changes: Mapping[str, str | None]) -> Problem:
    message = "Nobody could find the person again: at least one identifier must be left."
    return Problem(f"/{next(iter(changes))}", "no_identifier", message)


def _new_ids(likely: int) -> Iterator[int]:
    """An unlimited supply of new profile ids; `likely` ones are fetched at once."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(named) FROM generate_series(1, %s),"
                " CAST(pg_get_serial_sequence('profiles_profile', 'id') AS regclass) AS named",
                [max(likely, 1)],
            )
            ids = cursor.fetchall()
        yield from (id_ for (id_,) in ids)
        likely = 1


def find(account: Account, id_: str | int) -> Profile:
    """Return a profile by its public id, following merges. Raises NotFound."""
    if not str(id_).isdecimal() or len(str(id_)) > 18:
        raise NotFound("The profile")
    number = int(id_)
    merge = ProfileMerge.objects.filter(account=account, old_id=number).first()
    profile = Profile.objects.filter(
        account=account, pk=merge.profile_id if merge else number
    ).first()
    if profile is None:
        raise NotFound("The profile")
    return profile
