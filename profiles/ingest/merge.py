"""Merging two people into one."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from profiles import changes, facts
from profiles.facts import FactKey
from profiles.ingest.identifiers import is_placeholder
from profiles.ingest.location import location_of
from profiles.ingest.parse import LOCATION_FIELDS, TEXT_FIELDS
from profiles.ingest.resolve import find, lock_identities
from profiles.ingest.write_consents import SLACK
from profiles.models import CAUTION, IDENTIFIERS, Cause, Consent, Profile, ProfileMerge, Suppression
from profiles.places import locate
from profiles.registries.person_tables import move_person
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Invalid, NotFound, Problem


def merge(*, account: Account, keep_id: int, drop_id: int, at: datetime) -> Profile:
    """Merge `drop` into `keep`. Where both have a value, the one of `keep` stays.

    Events with the same metric and unique_id are kept once. Raises Invalid if both are the same
    profile, NotFound if one is not of this account.
    """
    keep, drop = find(account, keep_id), find(account, drop_id)
    if keep.pk == drop.pk:
        raise Invalid(Problem("", "same_profile", "A profile cannot be merged with itself."))
    with transaction.atomic():
        lock_identities(account.pk)
        locked = {
            profile.pk: profile
            for profile in Profile.objects.select_for_update()
            .filter(account=account, pk__in=[keep.pk, drop.pk])
            .order_by("pk")
        }
        if len(locked) < 2:
            raise NotFound("The profile")
        keep, drop = locked[keep.pk], locked[drop.pk]
        drop_pk = drop.pk
        changed_facts = _facts_of(account.pk, drop_pk) | _facts_of(account.pk, keep.pk)
        _move_rows(account.pk, keep.pk, drop_pk, at)
        move_person(account.pk, keep=keep.pk, drop=drop_pk)
        identifiers = {name: getattr(drop, name) for name in IDENTIFIERS}
        ProfileMerge.objects.filter(account=account, profile=drop).update(profile=keep)
        drop.delete()
        _take_over(keep, drop, identifiers, at)
        ProfileMerge.objects.create(account=account, old_id=drop_pk, profile=keep, at=at)
        changes.record(
            account.pk,
            {keep.pk: {facts.EXISTS, *changed_facts}, drop_pk: {facts.EXISTS}},
            cause=Cause.MERGE,
            at=at,
        )
    return keep


def _take_over(
    keep: Profile, drop: Profile, identifiers: dict[str, str | None], at: datetime
) -> None:
    """Fill empty fields of `keep` from `drop`."""
    for name, value in identifiers.items():
        if getattr(keep, name) is None or is_placeholder(getattr(keep, name)):
            setattr(keep, name, value)
    for name in (*TEXT_FIELDS, "time_zone"):
        if getattr(keep, name) is None:
            setattr(keep, name, getattr(drop, name))
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


def _facts_of(account_id: int, profile_id: int) -> set[FactKey]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT m.key FROM profiles_event e JOIN profiles_metric m ON m.id ="
            " e.metric_id WHERE e.account_id = %s AND e.profile_id = %s",
            [account_id, profile_id],
        )
        result = {facts.metric(key) for (key,) in cursor.fetchall()}
        cursor.execute(
            "SELECT l.key FROM profiles_listmember m JOIN profiles_list l ON l.id = m.list_id"
            " WHERE m.account_id = %s AND m.profile_id = %s",
            [account_id, profile_id],
        )
        result |= {facts.group(key) for (key,) in cursor.fetchall()}
    for model in (Consent, Suppression):
        rows = model.objects.filter(account_id=account_id, profile_id=profile_id)
        result |= {facts.consent(row.channel) for row in rows}
    return result


_MOVES = (
    """DELETE FROM profiles_event d USING profiles_event k
       WHERE d.account_id = %(account)s AND d.profile_id = %(drop)s
       AND k.account_id = %(account)s AND k.profile_id = %(keep)s
       AND k.metric_id = d.metric_id AND k.unique_id = d.unique_id""",
    """UPDATE profiles_event SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s""",
    """UPDATE profiles_listmember k SET joined = d.joined FROM profiles_listmember d
       WHERE d.account_id = %(account)s AND d.profile_id = %(drop)s
       AND k.account_id = %(account)s AND k.profile_id = %(keep)s
       AND k.list_id = d.list_id AND d.joined < k.joined""",
    """UPDATE profiles_listmember d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_listmember k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.list_id = d.list_id)""",
    """UPDATE profiles_listremoval SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s""",
    """DELETE FROM profiles_consent k USING profiles_consent d
       WHERE d.account_id = %(account)s AND d.profile_id = %(drop)s
       AND k.account_id = %(account)s AND k.profile_id = %(keep)s AND k.channel = d.channel
       AND (d.status = 'unsubscribed' OR coalesce(d.status_date <= %(present)s, true),
            coalesce(d.status_date, '-infinity'),
            array_position(%(caution)s::text[], d.status::text))
         > (k.status = 'unsubscribed' OR coalesce(k.status_date <= %(present)s, true),
            coalesce(k.status_date, '-infinity'),
            array_position(%(caution)s::text[], k.status::text))""",
    """UPDATE profiles_consent d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_consent k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.channel = d.channel)""",
    """UPDATE profiles_suppression d SET profile_id = %(keep)s
       WHERE account_id = %(account)s AND profile_id = %(drop)s
       AND NOT EXISTS (SELECT FROM profiles_suppression k WHERE k.account_id = %(account)s
       AND k.profile_id = %(keep)s AND k.channel = d.channel AND k.reason = d.reason)""",
)
"""Of two consents the one stays that `write_consents.prevailing` would choose; of two memberships
of a list the earlier one."""


def _move_rows(account_id: int, keep: int, drop: int, at: datetime) -> None:
    parameters: dict[str, int | datetime | list[str]] = {
        "account": account_id,
        "keep": keep,
        "drop": drop,
        "caution": list(CAUTION),
        "present": at + SLACK,
    }
    with connection.cursor() as cursor:
        for statement in _MOVES:
            cursor.execute(statement, parameters)
