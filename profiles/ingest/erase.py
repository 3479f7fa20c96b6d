"""Erasing a person: every row that holds them goes, and whoever reads them is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from profiles import changes, facts
from profiles.ingest.resolve import find, hold_still
from profiles.models import Cause, Profile
from profiles.registries.person_tables import forget_person
from segmenter.accounts.models import Account
from segmenter.kernel.errors import NotFound

_TABLES = (
    "profiles_event",
    "profiles_listmember",
    "profiles_consent",
    "profiles_suppression",
    "profiles_profilemerge",
)

erased: list[Callable[[int, int], object]] = []
"""Called in the transaction with the account's and the person's id, for what is kept elsewhere."""


def erase(*, account: Account, profile_id: int, at: datetime) -> None:
    """Delete a person with everything they did, said and were; merged ids lead to nobody then.

    What remains are counts: rows that name the number of someone who no longer is (changes, the
    ledger of segments). Raises NotFound.
    """
    profile = find(account, profile_id)
    with transaction.atomic():
        hold_still(account.pk)
        locked = Profile.objects.select_for_update().filter(account=account, pk=profile.pk).first()
        if locked is None:
            raise NotFound("The profile")
        gone = locked.pk
        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(
                    f"DELETE FROM {table} WHERE account_id = %s AND profile_id = %s",
                    [account.pk, gone],
                )
        forget_person(account.pk, gone)
        for forget in erased:
            forget(account.pk, gone)
        locked.delete()
        changes.record(account.pk, {gone: {facts.EXISTS}}, cause=Cause.ERASE, at=at)
