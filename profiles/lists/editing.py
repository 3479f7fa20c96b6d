"""Creates, renames and deletes lists, and changes their members; only ingest does so, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from profiles import changes, facts
from profiles.ingest.store import ingest_profiles
from profiles.models import Cause, List, ListMember, ListRemoval, Profile
from profiles.queries import get_list
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segmenter.kernel.registry import Registry

MOST_NAME = 200

uses: Registry[Callable[[int, str], list[str]]] = Registry("use of lists")
"""Registered by the apps above: (account id, key of a list) -> names of what refers to it."""


def create_list(*, account: Account, name: str, at: datetime) -> List:
    """Create an empty list. Raises Invalid for a bad name, Conflict for an existing one."""
    try:
        with transaction.atomic():
            return List.objects.create(
                account=account, name=_clean_name(name), created=at, updated=at
            )
    except IntegrityError:
        raise _duplicate_name(name) from None


def rename_list(*, account: Account, key: str, name: str, at: datetime) -> List:
    """Rename a list. Raises NotFound, Invalid or Conflict."""
    row = get_list(account, key)
    row.name, row.updated = _clean_name(name), at
    try:
        with transaction.atomic():
            row.save(update_fields=["name", "updated"])
    except IntegrityError:
        raise _duplicate_name(name) from None
    return row


def delete_list(*, account: Account, key: str, at: datetime) -> List:
    """Remove all members of a list and delete it. Raises NotFound, Conflict while it is in use."""
    with transaction.atomic():
        row = _lock_list(account, key)
        names = sorted(name for _app, use in uses.items() for name in use(account.pk, key))
        if names:
            message = _("This list is still in use: %(names)s.") % {"names": ", ".join(names)}
            raise Conflict(Problem("", "in_use", message))
        members = ListMember.objects.filter(account=account, list=row)
        _remove_members(account, row, list(members.values_list("profile_id", flat=True)), at)
        row.delete()
        return row


def add_to_list(*, account: Account, key: str, profile_ids: Sequence[int], at: datetime) -> int:
    """Add people to a list; return how many are new on it. Raises NotFound for the list."""
    row = get_list(account, key)
    records = [{"id": id_, "lists": [{"name": row.name}]} for id_ in profile_ids]
    outcome = ingest_profiles(account=account, records=records, at=at, cause=Cause.LIST)
    if outcome.rejected:
        raise NotFound(_("The profile"))
    return outcome.accepted


def fill_list(*, account: Account, key: str, profile_ids: Sequence[int], at: datetime) -> int:
    """Add many people to a list; return how many are new on it. Raises NotFound for the list.

    People who no longer exist are skipped. For sets that a program made: `add_to_list` checks each.
    """
    with transaction.atomic():
        row = _lock_list(account, key)
        people = Profile.objects.filter(account=account, pk__in=profile_ids).order_by("pk")
        locked = list(people.select_for_update().values_list("pk", flat=True))
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO profiles_listmember (account_id, list_id, profile_id, joined)"
                " SELECT %s, %s, person, %s FROM unnest(%s::bigint[]) AS t(person)"
                " ON CONFLICT DO NOTHING RETURNING profile_id",
                [account.pk, row.pk, at, locked],
            )
            new_ids = sorted(id_ for (id_,) in cursor.fetchall())
        fact = facts.group(row.key)
        changes.record(account.pk, {id_: {fact} for id_ in new_ids}, cause=Cause.LIST, at=at)
        return len(new_ids)


def remove_from_list(
    *, account: Account, key: str, profile_ids: Sequence[int], at: datetime
) -> int:
    """Remove people from a list; return how many were on it. Raises NotFound for the list."""
    with transaction.atomic():
        return _remove_members(account, _lock_list(account, key), profile_ids, at)


def _lock_list(account: Account, key: str) -> List:
    return get_list(account, key, locked=True)


def _remove_members(account: Account, row: List, profile_ids: Sequence[int], at: datetime) -> int:
    people = Profile.objects.filter(account=account, pk__in=profile_ids).order_by("pk")
    locked = list(people.select_for_update().values_list("pk", flat=True))
    members = ListMember.objects.filter(account=account, list=row, profile_id__in=locked)
    stays = list(members.values_list("profile_id", "joined"))
    removed_ids = {person for person, _since in stays}
    ListRemoval.objects.bulk_create(
        ListRemoval(account=account, list=row, profile_id=person, joined=since, removed=at)
        for person, since in stays
    )
    members.delete()
    fact = facts.group(row.key)
    changes.record(
        account.pk, {id_: {fact} for id_ in sorted(removed_ids)}, cause=Cause.LIST, at=at
    )
    return len(removed_ids)


def _clean_name(name: str) -> str:
    name = name.strip()
    if not name or not name.isprintable():
        raise Invalid(Problem("/name", "required", _("A list needs a name.")))
    if len(name) > MOST_NAME:
        message = _("The name is longer than %(most)d characters.") % {"most": MOST_NAME}
        raise Invalid(Problem("/name", "too_long", message))
    return name


def _duplicate_name(name: str) -> Conflict:
    message = _("There is a list “%(name)s” already.") % {"name": name.strip()}
    return Conflict(Problem("/name", "duplicate", message))
