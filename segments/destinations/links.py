"""Links to files of destinations: their tokens, and reading what is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction

from segmenter.kernel.keys import digest, new_secret
from segmenter.kernel.secrets import UnreadableSecret, decrypt, encrypt, secret_columns
from segments.models import ConnectionState, DestinationLink

MOST_READS = 30
"""Of a link in a minute."""
MINUTE = timedelta(minutes=1)

secret_columns.add("destination links", ("segments_destinationlink", "token"))


@dataclass(frozen=True)
class LinkAnswer:
    """What a read of a link gives: the content, or the seconds to wait."""

    content: bytes = b""
    wait: int = 0


def link_for(destination_id: int) -> DestinationLink:
    """Return a destination's link, which is made if there is none."""
    link = DestinationLink.objects.filter(destination=destination_id).first()
    if link is not None:
        return link
    token = new_secret()
    try:
        with transaction.atomic():
            return DestinationLink.objects.create(
                destination_id=destination_id, token=encrypt(token), token_hash=digest(token)
            )
    except IntegrityError:  # somebody else has just made it
        return DestinationLink.objects.get(destination=destination_id)


def renew(link: DestinationLink) -> None:
    """Give a link another token: the old address leads nowhere."""
    token = new_secret()
    DestinationLink.objects.filter(pk=link.pk).update(
        token=encrypt(token), token_hash=digest(token), reads=0, read=None
    )


def token_of(link: DestinationLink) -> str | None:
    """The token of a link; None if no key decrypts it, and then it has to be renewed."""
    try:
        return decrypt(link.token)
    except UnreadableSecret:
        return None


def read_link(token: str, at: datetime) -> LinkAnswer | None:
    """Read what a link leads to, and count it; None if it leads nowhere (any more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE segments_destinationlink l SET
                   minute_reads = CASE WHEN l.minute > %(before)s AND l.minute <= %(at)s
                                       THEN l.minute_reads + 1 ELSE 1 END,
                   minute = CASE WHEN l.minute > %(before)s AND l.minute <= %(at)s
                                 THEN l.minute ELSE %(at)s END
               FROM segments_destination d JOIN segments_segment s
                   ON s.id = d.segment_id AND s.deleted IS NULL
               WHERE l.token_hash = %(hash)s AND l.content IS NOT NULL
                   AND d.id = l.destination_id AND d.state = %(on)s AND NOT d.is_ending
               RETURNING l.id, l.minute_reads, l.minute""",
            {
                "hash": digest(token),
                "at": at,
                "before": at - MINUTE,
                "on": ConnectionState.ON,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    link_id, reads, minute = row
    if reads > MOST_READS:
        return LinkAnswer(wait=max(1, round((minute + MINUTE - at).total_seconds())))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE segments_destinationlink SET reads = reads + 1, read = %s"
            " WHERE id = %s AND content IS NOT NULL RETURNING content",
            [at, link_id],
        )
        row = cursor.fetchone()
    return None if row is None else LinkAnswer(bytes(row[0]))
