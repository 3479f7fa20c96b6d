"""What waits to be sent to a network's API: worked out, claimed in batches, settled.

Rows stay until the network has said that they are done, so a killed worker loses nothing; what it
had sent is sent again, which changes nothing there.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from segments.audiences.api import AudienceApi
from segments.audiences.delta import (
    REMOVABLE,
    digests,
    identity_of,
    judge,
    lock,
    rows_into,
    stage_leaving,
    wait_for_turn,
)
from segments.audiences.members import AudienceReader
from segments.audiences.network import Network
from segments.models import Audience, AudienceChange

OVERLAP = timedelta(minutes=15)
"""What was written so long before the last comparison is looked at again: transactions commit in
another order than their times."""

FORGET_ADDITIONS = """
    WITH rows AS (
        DELETE FROM segments_audiencechange WHERE NOT is_removal AND {where}
        RETURNING audience_id, email_hash, phone_hash, is_tried)
    INSERT INTO segments_audiencemember
        (audience_id, profile_id, email_hash, phone_hash, is_partial)
    SELECT audience_id, NULL, email_hash, phone_hash, false FROM rows WHERE is_tried"""
"""Deletes additions that wait; the hashes of those that were tried wait for removal."""

_CANDIDATES = """
    CREATE TEMPORARY TABLE audience_candidates ON COMMIT DROP AS
    SELECT profile_id FROM segments_membershipchange
    WHERE account_id = %(account)s AND segment_id = %(segment)s AND at > %(since)s
    UNION SELECT profile_id FROM profiles_consent
    WHERE account_id = %(account)s AND (recorded > %(since)s OR status_date > %(since)s)
    UNION SELECT profile_id FROM profiles_suppression
    WHERE account_id = %(account)s AND date > %(since)s
    UNION SELECT id FROM profiles_profile WHERE account_id = %(account)s AND updated > %(since)s"""
"""Who may be different since a comparison: who entered or left by the ledger, said yes or no, or
has other addresses. Whatever they miss is found when everyone is compared."""


@dataclass(frozen=True)
class Batch:
    """Some people of one kind, and how many of it are left with them."""

    is_removal: bool
    changes: list[AudienceChange]
    left: int

    @property
    def ids(self) -> list[int]:
        return [change.pk for change in self.changes]


def compare(
    audience: Audience, network: Network, api: AudienceApi, at: datetime, *, since: datetime | None
) -> int:
    """Queue what differs; return how many people that are. In a transaction, the queue is empty.

    `since` is the last comparison: only who may be different since then is looked at; None: all.
    """
    wait_for_turn(audience)
    if since is not None:
        _stage_candidates(audience, since - OVERLAP)
    reader = AudienceReader(audience, at, only_candidates=since is not None)
    stage_leaving(reader, network)
    columns = (
        "segments_audiencechange"
        " (audience_id, is_removal, goes, is_tried, profile_id, email_hash, phone_hash, document)"
    )
    with rows_into(columns) as add:
        for row in reader.members():
            verdict, customer, identity = judge(row, audience, network)
            if verdict.exclusion is None and (identity != row.at_network or row.is_partial):
                document = json.dumps(api.document(customer, identity))
                key = (audience.pk, False, False, False, row.profile_id)
                add((*key, *digests(identity), document))
    lock(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO segments_audiencechange
                    (audience_id, is_removal, member_id, goes, email_hash, phone_hash, is_tried)
                SELECT %s, true, member_id, goes, email, phone, false
                FROM ({REMOVABLE}) AS hashes ORDER BY member_id""",
            [audience.pk],
        )
        cursor.execute(
            """DELETE FROM segments_audiencechange c WHERE c.audience_id = %s
               AND NOT c.is_removal AND NOT EXISTS (
                   SELECT FROM profiles_profile p WHERE p.id = c.profile_id)""",
            [audience.pk],
        )
    _settle_shared(audience)
    return AudienceChange.objects.filter(audience=audience).count()


def discard(audience: Audience) -> None:
    """Forget what waits, to be worked out anew.

    Whom the network may have been sent already, though it has not said so, is removed there first.
    """
    lock(audience)
    with connection.cursor() as cursor:
        cursor.execute(FORGET_ADDITIONS.format(where="audience_id = %s"), [audience.pk])
    AudienceChange.objects.filter(audience=audience).delete()


def next_batch(audience: Audience, most: int) -> Batch | None:
    """Return the next people to be sent, removals first; None if nobody waits.

    They count as sent from here on: whoever is erased now must be removed at the network, too.
    """
    waiting = AudienceChange.objects.filter(audience=audience)
    for is_removal in (True, False):
        rows = waiting.filter(is_removal=is_removal)
        changes = list(rows.order_by("pk")[:most])
        if changes:
            AudienceChange.objects.filter(pk__in=[change.pk for change in changes]).update(
                is_tried=True
            )
            return Batch(is_removal, changes, rows.count())
    return None


def documents(batch: Batch, api: AudienceApi) -> list[Any]:
    """Return what the API is sent of a batch."""
    if not batch.is_removal:
        return [change.document for change in batch.changes]
    return [
        api.removal(identity_of(change.email_hash, change.phone_hash)) for change in batch.changes
    ]


def settle(audience: Audience, batch: Batch) -> None:
    """Keep what the network has done; the people of the batch wait no longer."""
    lock(audience)
    if batch.is_removal:
        _settle_removals(batch.ids)
    else:
        with connection.cursor() as cursor:
            # Whoever was erased in the meantime is removed next time, under no name.
            cursor.execute(
                """INSERT INTO segments_audiencemember
                       (audience_id, profile_id, email_hash, phone_hash, is_partial)
                   SELECT c.audience_id, p.id, c.email_hash, c.phone_hash, false
                   FROM segments_audiencechange c
                   LEFT JOIN profiles_profile p ON p.id = c.profile_id
                   WHERE c.id = ANY(%s)
                   ON CONFLICT (audience_id, profile_id) DO UPDATE
                   SET email_hash = excluded.email_hash, phone_hash = excluded.phone_hash,
                       is_partial = false""",
                [batch.ids],
            )
    AudienceChange.objects.filter(pk__in=batch.ids).delete()


def _stage_candidates(audience: Audience, since: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS audience_candidates")
        about: dict[str, Any] = {
            "account": audience.account_id,
            "segment": audience.segment_id,
            "since": since,
        }
        cursor.execute(_CANDIDATES, about)
        cursor.execute("ANALYZE audience_candidates")


def _settle_shared(audience: Audience) -> None:
    """Removals of nothing, because others stay by the same hashes, need no request."""
    nothing = AudienceChange.objects.filter(
        audience=audience, is_removal=True, email_hash=None, phone_hash=None
    )
    ids = list(nothing.values_list("pk", flat=True))
    if ids:
        _settle_removals(ids)
        nothing.delete()


def _settle_removals(ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM segments_audiencemember k USING segments_audiencechange c
               WHERE c.id = ANY(%s) AND k.id = c.member_id AND c.goes""",
            [ids],
        )
        cursor.execute(
            """UPDATE segments_audiencemember k
               SET email_hash = NULLIF(k.email_hash, c.email_hash),
                   phone_hash = NULLIF(k.phone_hash, c.phone_hash), is_partial = true
               FROM segments_audiencechange c
               WHERE c.id = ANY(%s) AND k.id = c.member_id AND NOT c.goes""",
            [ids],
        )
