"""What differs between a list destination and its segment, in the rows of its members.

A member with a profile is to be put there, one without is to be taken out (`DestinationMember`).
Comparing brings the rows up to date and marks who is due; sending is `sync`'s. Everything here is
called in a transaction that holds the destination's row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import QuerySet

from profiles.changes import people_since
from segments.destinations.contacts import ContactReader
from segments.destinations.kind import Contact, Outcome
from segments.models import Destination, DestinationMember, MembershipChange

BLOCK = 20_000
"""People who are compared in one transaction."""
OVERLAP = timedelta(minutes=15)
"""Rows of the ledger that were written so long before the last comparison are looked at again:
transactions commit in another order than their times."""


@dataclass(frozen=True)
class Removal:
    """Somebody to be taken out."""

    member_id: int
    key: str


@dataclass(frozen=True)
class Placement:
    """Somebody to be put there, and what is sent of them."""

    member_id: int
    profile_id: int
    contact: Contact
    fingerprint: bytes
    is_new: bool
    """Whether they were never sent before."""


def candidates(destination: Destination) -> list[int]:
    """Return the ids of people who may be different since the last comparison, ascending: who
    entered or left by the ledger, and whose data changed."""
    assert destination.compared is not None
    ledger = MembershipChange.objects.filter(
        segment=destination.segment_id, at__gt=destination.compared - OVERLAP
    )
    ids = set(ledger.values_list("profile_id", flat=True).distinct())
    if destination.snapshot:
        ids.update(people_since(destination.account_id, destination.snapshot))
    return sorted(ids)


def next_block_end(destination: Destination, after: int) -> int | None:
    """Return the last id of the next BLOCK people in the segment or at the destination; None if
    nobody has an id greater than `after`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT max(profile_id) FROM (
                   (SELECT profile_id FROM segments_membership
                    WHERE segment_id = %(segment)s AND profile_id > %(after)s
                    ORDER BY profile_id LIMIT %(most)s)
                   UNION
                   (SELECT profile_id FROM segments_destinationmember
                    WHERE destination_id = %(destination)s AND profile_id > %(after)s
                    ORDER BY profile_id LIMIT %(most)s)
                   ORDER BY profile_id LIMIT %(most)s) AS people""",
            {
                "segment": destination.segment_id,
                "destination": destination.pk,
                "after": after,
                "most": BLOCK,
            },
        )
        last: int | None = cursor.fetchone()[0]
        return last


def compare(
    destination: Destination,
    reader: ContactReader,
    first: int,
    last: int,
    ids: Sequence[int] | None = None,
) -> None:
    """Bring the rows of people up to date whose ids lie between two, both included; with `ids`,
    only of these. Leaves their contacts staged in the reader."""
    reader.stage(first, last, ids)
    about: dict[str, int | list[int]] = {
        "destination": destination.pk,
        "first": first,
        "last": last,
    }
    theirs = "k.destination_id = %(destination)s AND k.profile_id BETWEEN %(first)s AND %(last)s"
    if ids is not None:
        theirs += " AND k.profile_id = ANY(%(ids)s)"
        about["ids"] = list(ids)
    is_wrong = f"""{theirs} AND NOT EXISTS (
        SELECT FROM destination_wanted w WHERE w.profile_id = k.profile_id AND w.key = k.key)"""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM segments_destinationmember k WHERE NOT k.is_tried AND {is_wrong}", about
        )
        cursor.execute(
            f"""UPDATE segments_destinationmember k
                SET profile_id = NULL, is_due = true, refusal = '' WHERE {is_wrong}""",
            about,
        )
        cursor.execute(
            """UPDATE segments_destinationmember k
               SET profile_id = w.profile_id,
                   is_due = (k.profile_id = w.profile_id AND k.fingerprint = w.fingerprint)
                            IS NOT TRUE
               FROM destination_wanted w
               WHERE k.destination_id = %(destination)s AND k.key = w.key
               AND (k.profile_id = w.profile_id AND k.fingerprint = w.fingerprint AND NOT k.is_due)
                   IS NOT TRUE""",
            about,
        )
        cursor.execute(
            """INSERT INTO segments_destinationmember
                   (destination_id, key, profile_id, is_tried, is_due, refusal)
               SELECT %(destination)s, w.key, w.profile_id, false, true, ''
               FROM destination_wanted w WHERE NOT EXISTS (
                   SELECT FROM segments_destinationmember k
                   WHERE k.destination_id = %(destination)s AND k.key = w.key)
               ORDER BY w.profile_id""",
            about,
        )


def next_removals(destination: Destination, most: int) -> list[Removal]:
    """Return the next people to be taken out."""
    rows = _due(destination).filter(profile_id=None).order_by("pk")[:most]
    return [Removal(pk, key) for pk, key in rows.values_list("pk", "key")]


def next_placements(destination: Destination, reader: ContactReader, most: int) -> list[Placement]:
    """Return the next people to be put there, as they are now.

    They count as sent from here on, and what the receiver has of them as not known: whoever leaves
    or is erased now must be taken out there, too.
    """
    while True:
        rows = _due(destination).exclude(profile_id=None).order_by("pk")[:most]
        profile_by_row = dict(rows.values_list("pk", "profile_id"))
        ids = sorted(pk for pk in profile_by_row.values() if pk is not None)
        if not ids:
            return []
        compare(destination, reader, ids[0], ids[-1], ids)
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE segments_destinationmember k SET is_tried = true, fingerprint = NULL
                   FROM segments_destinationmember old
                   WHERE k.id = ANY(%s) AND k.is_due AND k.profile_id IS NOT NULL
                   AND old.id = k.id
                   RETURNING k.id, k.profile_id, NOT old.is_tried""",
                [list(profile_by_row)],
            )
            marks = cursor.fetchall()
        contacts = reader.contacts([profile_id for _pk, profile_id, _is_new in marks])
        placements = [
            Placement(pk, profile_id, *contacts[profile_id], is_new)
            for pk, profile_id, is_new in sorted(marks)
        ]
        if placements:
            return placements


def settle_removals(removals: Sequence[Removal], outcome: Outcome) -> None:
    """Forget who was taken out. Who was not stays, and is tried again when all are compared."""
    for removal in removals:
        if removal.key in outcome.refusals:
            DestinationMember.objects.filter(pk=removal.member_id, profile_id=None).update(
                is_due=False, refusal=_plain(outcome.refusals[removal.key])
            )
    done_ids = [each.member_id for each in removals if each.key not in outcome.refusals]
    DestinationMember.objects.filter(pk__in=done_ids, profile_id=None).delete()


def settle_placements(placements: Sequence[Placement], outcome: Outcome) -> None:
    """Keep what the receiver has answered to. Who was erased in the meantime stays due."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE segments_destinationmember k
               SET fingerprint = t.fingerprint, refusal = t.refusal, is_due = false
               FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[], %s::text[])
                    AS t(id, profile_id, fingerprint, refusal)
               WHERE k.id = t.id AND k.profile_id = t.profile_id""",
            [
                [each.member_id for each in placements],
                [each.profile_id for each in placements],
                [each.fingerprint for each in placements],
                [_plain(outcome.refusals.get(each.contact.key, "")) for each in placements],
            ],
        )


def begin_keys() -> None:
    """Make an empty table for the keys that the receiver has. Not bound to a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS destination_keys")
        cursor.execute("CREATE TEMPORARY TABLE destination_keys (key text)")


def add_keys(keys: Sequence[str]) -> None:
    """Put keys that the receiver has into the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO destination_keys SELECT unnest(%s::text[])", [list(map(_plain, keys))]
        )


def compare_keys(destination: Destination) -> None:
    """Find strangers at the receiver, who are to be taken out, and who is missing there."""
    about = {"destination": destination.pk}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE destination_keys")
        cursor.execute(
            """INSERT INTO segments_destinationmember
                   (destination_id, key, is_tried, is_due, refusal)
               SELECT DISTINCT %(destination)s, t.key, true, true, '' FROM destination_keys t
               WHERE NOT EXISTS (
                   SELECT FROM segments_destinationmember k
                   WHERE k.destination_id = %(destination)s AND k.key = t.key)""",
            about,
        )
        cursor.execute(
            """UPDATE segments_destinationmember k SET is_tried = true
               WHERE k.destination_id = %(destination)s AND NOT k.is_tried
               AND EXISTS (SELECT FROM destination_keys t WHERE t.key = k.key)""",
            about,
        )
        cursor.execute(
            """UPDATE segments_destinationmember k SET fingerprint = NULL, is_due = true
               WHERE k.destination_id = %(destination)s AND k.profile_id IS NOT NULL
               AND k.fingerprint IS NOT NULL AND k.refusal = '' AND NOT EXISTS (
                   SELECT FROM destination_keys t WHERE t.key = k.key)""",
            about,
        )
        cursor.execute("DROP TABLE destination_keys")


def retry_removals(destination: Destination) -> None:
    """Try again to take those out whom the receiver refused to."""
    rows = DestinationMember.objects.filter(destination=destination, profile_id=None)
    rows.filter(is_due=False).update(is_due=True)


def is_anybody_due(destination: Destination) -> bool:
    return _due(destination).exists()


def _due(destination: Destination) -> QuerySet[DestinationMember]:
    return DestinationMember.objects.filter(destination=destination, is_due=True)


def _plain(text: str) -> str:
    return text.replace("\0", "")
