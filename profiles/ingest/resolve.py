"""Who a record speaks of: finding people by their identifiers, making new ones, merging two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import connection

from profiles.ingest.identifier_index import IdentifierIndex
from profiles.ingest.parse import ProfileRecord
from profiles.models import IDENTIFIERS, Profile, ProfileMerge
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound, Problem

_RANKS = {name: rank for rank, name in enumerate(IDENTIFIERS)}
_NOBODY: Mapping[str, str | None] = MappingProxyType(dict.fromkeys(IDENTIFIERS))
_STILL = 7_305_001
"""First key of the advisory lock under which an account's profiles are made and merged."""


@dataclass
class Resolution:
    """Whom each record speaks of, and what that makes of people's identifiers."""

    ids: list[int | Problem]
    """One for each record: the profile's id, or why there is none."""
    new: set[int] = field(default_factory=set)
    identifiers: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """The identifiers that change, by profile; also of people whom no record means."""
    held: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """What stood in their place when they were looked up, of profiles that exist."""
    contested: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Place of a record to those of its identifiers that are somebody else's and stay there."""

    def assign(self, index: IdentifierIndex, id_: int, name: str, value: str | None) -> None:
        """Give a person an identifier that nobody has, or take theirs."""
        if id_ not in self.new:
            self.held.setdefault(id_, {}).setdefault(name, index.stored(id_, name))
        index.give(id_, name, value)
        self.identifiers.setdefault(id_, {})[name] = value


def hold_still(account_id: int, *, shared: bool = False) -> None:
    """Let nobody else make or merge people of the account until this transaction ends.

    `shared`: except those who say so, too. To be taken before any profile is locked.
    """
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [_STILL, account_id])


def resolve(
    account_id: int,
    records: Sequence[ProfileRecord],
    *,
    own: bool,
    refuse: bool = False,
    shared: bool = False,
) -> Resolution:
    """Find or make the profile of each record, in order; call it inside a transaction.

    A record means the person whom its strongest identifier finds (docs/adr/0012). What it gives
    besides is added to them. An identifier of somebody else is left with them and counted; with
    `refuse` the record is a conflict instead. A device id is nobody's for good: it goes to the
    latest who used it together with a stronger identifier.

    `own` (a person's own record, no event): what it gives also replaces, and null clears, what is
    weaker than what led to the person.

    Nobody else makes people of the account until the transaction ends; with `shared` others who
    say so may, and where two make the same person the database refuses the later one
    (IntegrityError).
    """
    index = IdentifierIndex(account_id, records)
    unsettled = [record for record in records if index.whole(record) is None]
    if unsettled:
        hold_still(account_id, shared=shared)
        index.read(unsettled)
    resolution = Resolution([])
    fresh = _new_ids(sum(map(index.leads_nowhere, unsettled)))
    for place, record in enumerate(records):
        whole = index.whole(record)
        if whole is not None:
            resolution.ids.append(whole)
            continue
        meant = index.meant(record)
        if meant is None and record.id is not None:
            problem = Problem("/id", "not_found", f"There is no profile {record.id}.")
            resolution.ids.append(problem)
            continue
        known = index.people[meant[0]] if meant else _NOBODY
        changes, contested = _changes(index, record, known, led=meant and meant[1], own=own)
        if contested and refuse:
            resolution.ids.append(_conflict(index, record, contested))
            continue
        if any(known.values()) and not any({**known, **changes}.values()):
            resolution.ids.append(_nameless(changes))
            continue
        if meant:
            id_ = meant[0]
        else:
            id_ = next(fresh)
            resolution.new.add(id_)
            index.people[id_] = dict(_NOBODY)
        resolution.ids.append(id_)
        if contested:
            resolution.contested[place] = tuple(contested)
        for name, value in changes.items():
            owner = None if value is None else index.owner[name].get(value)
            if owner is not None:
                resolution.assign(index, owner, name, None)
            resolution.assign(index, id_, name, value)
    return resolution


def _changes(
    index: IdentifierIndex,
    record: ProfileRecord,
    known: Mapping[str, str | None],
    *,
    led: str | None,
    own: bool,
) -> tuple[dict[str, str | None], list[str]]:
    """What a record changes of a person's identifiers, and which of its own are somebody else's.

    `led` is what led to the person, None to a new one.
    """
    changes: dict[str, str | None] = {}
    contested = []
    for name, value in record.identifiers.items():
        previous = known[name]
        if value == previous:
            continue
        replaces = own and (led not in _RANKS or _RANKS[name] > _RANKS[led])
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
    """The conflict, at the strongest identifier that is another person's than the rest says."""
    given = [(name, value) for name, value in record.identifiers.items() if value is not None]
    if record.id is not None:
        first, other = contested[0], f"id {record.id}"
    else:
        first = next(name for name, value in given if value in index.owner[name])
        other = next(f"{name} {value!r}" for name, value in given if name != first)
    message = f"{first} {record.identifiers[first]!r} belongs to another profile than {other}."
    return Problem(f"/{first}", "duplicate_profile", message)


def _nameless(changes: Mapping[str, str | None]) -> Problem:
    message = "Nobody could find the person again: at least one identifier must be left."
    return Problem(f"/{next(iter(changes))}", "no_identifier", message)


def _new_ids(likely: int) -> Iterator[int]:
    """Ids of profiles to be made, as many as are asked for; most of the `likely` ones are used."""
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
