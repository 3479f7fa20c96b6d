"""Erases a person: deletes all rows about them and records the change."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from profiles import changes, facts
from profiles.ingest.resolve import find, lock_identities
from profiles.models import Cause, Profile
from profiles.registries.person_tables import forget_person
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound
from segmenter.kernel.hook import Hook

_TABLES = (
    "profiles_event",
    "profiles_listmember",
    "profiles_consent",
    "profiles_suppression",
    "profiles_profilemerge",
)

_REMOVALS = """INSERT INTO profiles_listremoval (account_id, list_id, profile_id, joined, removed)
    SELECT account_id, list_id, profile_id, joined, %(at)s FROM profiles_listmember
    WHERE account_id = %(account)s AND profile_id = %(person)s"""

erasure = Hook[[int, int]]()
"""Called in the transaction with the account's and the person's id, for what is kept elsewhere.

The person's rows are still there then, and so are the ids that they had before merging.
"""


def erase(*, account: Account, profile_id: int, at: datetime) -> None:
    """Delete a person with all data about them; ids that were merged into theirs become unknown.

    What remains are rows that contain only the deleted id (changes, the ledgers of segments and
    lists).
    Raises NotFound.
    """
    profile = find(account, profile_id)
    with transaction.atomic():
        lock_identities(account.pk)
        locked = Profile.objects.select_for_update().filter(account=account, pk=profile.pk).first()
        if locked is None:
            raise NotFound("The profile")
        profile_pk = locked.pk
        erasure.call(account.pk, profile_pk)
        with connection.cursor() as cursor:
            cursor.execute(_REMOVALS, {"account": account.pk, "person": profile_pk, "at": at})
            for table in _TABLES:
                cursor.execute(
                    f"DELETE FROM {table} WHERE account_id = %s AND profile_id = %s",
                    [account.pk, profile_pk],
                )
        forget_person(account.pk, profile_pk)
        locked.delete()
        changes.record(account.pk, {profile_pk: {facts.EXISTS}}, cause=Cause.ERASE, at=at)
