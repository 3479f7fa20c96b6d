"""Who a record speaks of: finding people by their identifiers, making new ones, merging two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from profiles import changes, facts
from profiles.models import IDENTIFIERS, Cause, Consent, Profile, ProfileMerge, Suppression
from profiles.person_tables import move_person
from profiles.places import locate
from profiles.records import LOCATION_FIELDS, TEXT_FIELDS, ProfileRecord
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound, Problem
from segmenter.kernel.keys import new_key

_STILL = 7_305_001
"""First key of the advisory lock under which an account's profiles are made and merged."""


@dataclass
class Resolution:
    """Whom each record speaks of, and what that makes of their identifiers."""

    ids: list[int | Problem]
    """One for each record: the profile's id, or why there is none."""
    new: set[int] = field(default_factory=set)
    identifiers: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """The identifiers that change, by profile."""
    held: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """What stood in their place when they were looked up, of profiles that exist."""


class _Index:
    """The profiles that some records could mean, by identifier."""

    def __init__(self, account_id: int, records: Sequence[ProfileRecord]) -> None:
        self.people: dict[int, dict[str, str | None]] = {}
        self.merged: dict[int, int] = {}
        self.owner: dict[str, dict[str, int]] = {name: {} for name in IDENTIFIERS}
        self.account_id = account_id
        self.read(records)

    def read(self, records: Sequence[ProfileRecord]) -> None:
        """Look up whom these records could mean, as things are now."""
        ids = [record.id for record in records if record.id is not None]
        with connection.cursor() as cursor:
            if ids:
                cursor.execute(
                    "SELECT old_id, profile_id FROM profiles_profilemerge"
                    " WHERE account_id = %s AND old_id = ANY(%s)",
                    [self.account_id, ids],
                )
                self.merged |= dict(cursor.fetchall())
                self._read(cursor, "id", [self.merged.get(i, i) for i in ids])
            for name in IDENTIFIERS:
                values = {v for r in records if (v := r.identifiers.get(name)) is not None}
                if values:
                    self._read(cursor, name, list(values))

    def _read(self, cursor: Any, column: str, values: list[Any]) -> None:
        between = f"\x1f{new_key()}\x1f"  # no identifier can be made to hold it
        cursor.execute(
            f"SELECT p.id, {', '.join(f'p.{name}' for name in IDENTIFIERS)}"
            " FROM unnest(string_to_array(%s, %s)"
            f"::{'bigint' if column == 'id' else 'text'}[]) AS wanted(value)"
            f" JOIN profiles_profile p ON p.{column} = wanted.value AND p.account_id = %s",
            [between.join(map(str, values)), between, self.account_id],
        )
        for id_, *identifiers in cursor.fetchall():
            self.people[id_] = dict(zip(IDENTIFIERS, identifiers, strict=True))
            for name, value in self.people[id_].items():
                if value is not None:
                    self.owner[name][value] = id_

    def candidates(self, record: ProfileRecord) -> dict[int, str]:
        """The profiles that the record could mean, strongest first, each with what led to it."""
        found: dict[int, str] = {}
        if record.id is not None:
            id_ = self.merged.get(record.id, record.id)
            if id_ in self.people:
                found[id_] = "id"
        for name in IDENTIFIERS:
            value = record.identifiers.get(name)
            if value is not None and (owner := self.owner[name].get(value)) is not None:
                found.setdefault(owner, name)
        return found

    def give(self, id_: int, name: str, value: str | None) -> None:
        previous = self.people[id_].get(name)
        if previous is not None:
            del self.owner[name][previous]
        self.people[id_][name] = value
        if value is not None:
            self.owner[name][value] = id_


def hold_still(account_id: int, *, shared: bool = False) -> None:
    """Let nobody else make or merge people of the account until this transaction ends.

    `shared`: except those who say so, too. To be taken before any profile is locked.
    """
    lock = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(%s, %s)", [_STILL, account_id])


def resolve(
    account_id: int, records: Sequence[ProfileRecord], *, strict: bool, shared: bool = False
) -> Resolution:
    """Find or make the profile of each record, in order; call it inside a transaction.

    Nobody else makes people of the account until it ends; with `shared` others who say so may,
    and where two make the same person the database refuses the later one (IntegrityError).

    `strict` (a person's own record): identifiers that belong to two people are a conflict, and
    those that are given replace what was known; two external ids are two people, who cannot share
    another identifier. Otherwise (an event): the strongest one decides, and only
    missing ones are added.
    """
    index = _Index(account_id, records)
    unknown = [r for r in records if r.id is None and not index.candidates(r)]
    if unknown:
        hold_still(account_id, shared=shared)
        index.read(unknown)
    resolution = Resolution([])
    fresh = _new_ids(sum(not index.candidates(record) for record in unknown))
    for record in records:
        found = index.candidates(record)
        if record.id is not None and "id" not in found.values():
            problem = Problem("/id", "not_found", f"There is no profile {record.id}.")
            resolution.ids.append(problem)
            continue
        if strict and len(found) > 1:
            resolution.ids.append(_conflict(found, record))
            continue
        if found:
            id_ = next(iter(found))
            if strict and (other := _shared(index.people[id_], found[id_], record)):
                resolution.ids.append(other)
                continue
        else:
            id_ = next(fresh)
            resolution.new.add(id_)
            index.people[id_] = dict.fromkeys(IDENTIFIERS)
        resolution.ids.append(id_)
        for name, value in record.identifiers.items():
            held = index.people[id_].get(name)
            if value == held or (not strict and (held is not None or value is None)):
                continue
            if value is not None and value in index.owner[name]:
                continue
            if id_ not in resolution.new:
                resolution.held.setdefault(id_, {}).setdefault(name, held)
            index.give(id_, name, value)
            resolution.identifiers.setdefault(id_, {})[name] = value
    return resolution


def _conflict(found: dict[int, str], record: ProfileRecord) -> Problem:
    first, second = list(found.items())[:2]
    message = (
        f"{second[1]} {record.identifiers.get(second[1])!r} belongs to another profile"
        f" than {first[1]} {record.identifiers.get(first[1], record.id)!r}."
    )
    return Problem(f"/{second[1]}", "duplicate_profile", message)


def _shared(held: Mapping[str, str | None], led: str, record: ProfileRecord) -> Problem | None:
    """What is wrong where `led`, which led to a person, comes with another external id."""
    given = record.identifiers.get("external_id")
    if led == "id" or given is None or held["external_id"] in (None, given):
        return None
    message = (
        f"{led} {record.identifiers[led]!r} belongs to another profile than external_id {given!r}."
    )
    return Problem(f"/{led}", "duplicate_profile", message)


def _new_ids(most: int) -> Iterator[int]:
    if most == 0:
        return iter(())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(named) FROM generate_series(1, %s),"
            " CAST(pg_get_serial_sequence('profiles_profile', 'id') AS regclass) AS named",
            [most],
        )
        return iter([row[0] for row in cursor.fetchall()])


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


def merge(*, account: Account, keep_id: int, drop_id: int, at: datetime) -> Profile:
    """Make one person of two: everything of `drop` goes to `keep`, whose own facts win.

    Events with the same metric and unique_id are kept once. Raises Invalid for one and the same
    profile, NotFound if either is not this account's.
    """
    keep, drop = find(account, keep_id), find(account, drop_id)
    if keep.pk == drop.pk:
        raise Invalid(Problem("", "same_profile", "A profile cannot be merged with itself."))
    with transaction.atomic():
        hold_still(account.pk)
        locked = {
            profile.pk: profile
            for profile in Profile.objects.select_for_update()
            .filter(account=account, pk__in=[keep.pk, drop.pk])
            .order_by("pk")
        }
        if len(locked) < 2:
            raise NotFound("The profile")
        keep, drop = locked[keep.pk], locked[drop.pk]
        gone = drop.pk
        touched = _facts_of(account.pk, gone) | _facts_of(account.pk, keep.pk)
        _move_rows(account.pk, keep.pk, gone)
        move_person(account.pk, keep=keep.pk, drop=gone)
        identifiers = {name: getattr(drop, name) for name in IDENTIFIERS}
        ProfileMerge.objects.filter(account=account, profile=drop).update(profile=keep)
        drop.delete()
        _take_over(keep, drop, identifiers, at)
        ProfileMerge.objects.create(account=account, old_id=gone, profile=keep, at=at)
        changes.record(
            account.pk,
            {keep.pk: {facts.EXISTS, *touched}, gone: {facts.EXISTS}},
            cause=Cause.MERGE,
            at=at,
        )
    return keep


def _take_over(
    keep: Profile, drop: Profile, identifiers: dict[str, str | None], at: datetime
) -> None:
    """Fill what `keep` lacks from what `drop` had."""
    for name in (*IDENTIFIERS, *TEXT_FIELDS, "time_zone"):
        if getattr(keep, name) is None:
            setattr(keep, name, identifiers.get(name, getattr(drop, name)))
    if all(getattr(keep, name) is None for name in (*LOCATION_FIELDS, "latitude", "longitude")):
        for name in (*LOCATION_FIELDS, "latitude", "longitude"):
            setattr(keep, name, getattr(drop, name))
    keep.point_latitude, keep.point_longitude = locate(location_of(vars(keep))) or (None, None)
    keep.properties = {**drop.properties, **keep.properties}
    keep.created = min(keep.created, drop.created)
    for name, pick in (("first_active", min), ("last_active", max)):
        times = [t for t in (getattr(keep, name), getattr(drop, name)) if t is not None]
        setattr(keep, name, pick(times, default=None))
    keep.updated = at
    keep.save()


def location_of(columns: Any) -> dict[str, Any]:
    """The part of a profile's columns that says where the person is."""
    return {name: columns[name] for name in (*LOCATION_FIELDS, "latitude", "longitude")}


def _facts_of(account_id: int, profile_id: int) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT m.key FROM profiles_event e JOIN profiles_metric m ON m.id ="
            " e.metric_id WHERE e.account_id = %s AND e.profile_id = %s",
            [account_id, profile_id],
        )
        touched = {facts.metric(key) for (key,) in cursor.fetchall()}
        cursor.execute(
            "SELECT l.key FROM profiles_listmember m JOIN profiles_list l ON l.id = m.list_id"
            " WHERE m.account_id = %s AND m.profile_id = %s",
            [account_id, profile_id],
        )
        touched |= {facts.group(key) for (key,) in cursor.fetchall()}
    for model in (Consent, Suppression):
        rows = model.objects.filter(account_id=account_id, profile_id=profile_id)
        touched |= {facts.consent(row.channel) for row in rows}
    return touched


_MOVES = (
    """DELETE FROM profiles_event d USING profiles_event k
       WHERE d.account_id = %(account)s AND d.profile_id = %(drop)s
       AND k.account_id = %(account)s AND k.profile_id = %(keep)s
       AND k.metric_id = d.metric_id AND k.unique_id = d.unique_id""",
    """UPDATE profiles_event SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s""",
    """UPDATE profiles_listmember d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_listmember k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.list_id = d.list_id)""",
    """UPDATE profiles_consent d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_consent k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.channel = d.channel)""",
    """UPDATE profiles_suppression d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_suppression k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.channel = d.channel AND k.reason = d.reason)""",
)


def _move_rows(account_id: int, keep: int, drop: int) -> None:
    with connection.cursor() as cursor:
        for statement in _MOVES:
            cursor.execute(statement, {"account": account_id, "keep": keep, "drop": drop})
