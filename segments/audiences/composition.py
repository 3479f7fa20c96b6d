"""What is in a file: its lines, and what changes in whom the network has been given.

People are read in one query and written one by one; what the network is given by this file lies in
a temporary table until all is read (`segments.audiences.delta`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from segments.audiences.customer import line_of
from segments.audiences.delta import (
    BATCH,
    REMOVABLE,
    digests,
    identity_of,
    judge,
    lock,
    stage_leaving,
    temporary_table,
    wait_for_turn,
)
from segments.audiences.eligibility import Exclusion
from segments.audiences.members import AudienceReader
from segments.audiences.network import Identity, Network
from segments.models import Audience, AudienceFileKind

WriteLine = Callable[[int | None, str], object]
"""Takes the profile whose line it is (None in removals) and the line without its end."""


@dataclass
class Composition:
    """What a file holds."""

    rows: int = 0
    emails: int = 0
    phones: int = 0
    left_out: Counter[Exclusion] = field(default_factory=Counter)

    def count(self, identity: Identity) -> None:
        self.rows += 1
        self.emails += bool(identity.email)
        self.phones += bool(identity.phone)


def compose(
    audience: Audience,
    network: Network,
    kind: str,
    at: datetime,
    write: WriteLine,
    *,
    includes_unasked: bool = False,
) -> Composition:
    """Write the lines of a file, header first, and keep in rows whom the network has been given.

    `includes_unasked` is of everyone and additions; removals go by the last choice.
    """
    wait_for_turn(audience)
    if kind == AudienceFileKind.REMOVALS:
        return _compose_removals(audience, network, at, write)
    audience.includes_unasked = includes_unasked
    only_new = kind == AudienceFileKind.ADDITIONS
    return _compose_people(audience, network, at, write, only_new=only_new)


def _compose_people(
    audience: Audience, network: Network, at: datetime, write: WriteLine, *, only_new: bool
) -> Composition:
    content = Composition()
    write(None, line_of(network.header))
    with temporary_table("news", "profile_id bigint, email bytea, phone bytea") as stage:
        for row in AudienceReader(audience, at).members():
            verdict, customer, identity = judge(row, audience, network)
            if verdict.exclusion is not None:
                content.left_out[verdict.exclusion] += 1
                continue
            is_news = identity != row.at_network or row.is_partial
            if only_new and not is_news:
                continue
            write(row.profile_id, line_of(network.row(customer, identity)))
            content.count(identity)
            if is_news:
                stage((row.profile_id, *digests(identity)))
    _take_over(audience)
    return content


def _take_over(audience: Audience) -> None:
    """Keep whom the file gives to the network; addresses they had before wait for removal."""
    about = {"audience": audience.pk}
    lock(audience)
    audience.save(update_fields=["includes_unasked"])
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO segments_audiencemember
                   (audience_id, profile_id, email_hash, phone_hash, is_partial)
               SELECT %(audience)s, NULL, k.email_hash, k.phone_hash, false
               FROM (SELECT NULLIF(k.email_hash, n.email) AS email_hash,
                            NULLIF(k.phone_hash, n.phone) AS phone_hash
                     FROM segments_audiencemember k JOIN audience_news n USING (profile_id)
                     WHERE k.audience_id = %(audience)s) AS k
               WHERE k.email_hash IS NOT NULL OR k.phone_hash IS NOT NULL""",
            about,
        )
        # Without a profile for people who were erased in the meantime: theirs waits for removal.
        # Whoever had another address may be taken out with it, so they are in the next additions.
        cursor.execute(
            """INSERT INTO segments_audiencemember AS k
                   (audience_id, profile_id, email_hash, phone_hash, is_partial)
               SELECT %(audience)s, p.id, n.email, n.phone, false
               FROM audience_news n LEFT JOIN profiles_profile p ON p.id = n.profile_id
               ON CONFLICT (audience_id, profile_id) DO UPDATE
               SET email_hash = excluded.email_hash, phone_hash = excluded.phone_hash,
                   is_partial = (k.email_hash IS NOT NULL
                                 AND k.email_hash IS DISTINCT FROM excluded.email_hash)
                             OR (k.phone_hash IS NOT NULL
                                 AND k.phone_hash IS DISTINCT FROM excluded.phone_hash)""",
            about,
        )


def _compose_removals(
    audience: Audience, network: Network, at: datetime, write: WriteLine
) -> Composition:
    content = Composition()
    write(None, line_of(network.removal_header))
    stage_leaving(AudienceReader(audience, at), network)
    lock(audience)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""DECLARE removable NO SCROLL CURSOR FOR
                SELECT email, phone FROM ({REMOVABLE}) AS hashes
                WHERE email IS NOT NULL OR phone IS NOT NULL"""
        )
        while True:
            cursor.execute(f"FETCH {BATCH} FROM removable")
            rows = cursor.fetchall()
            if not rows:
                break
            for email, phone in rows:
                identity = identity_of(email, phone)
                write(None, line_of(network.removal_row(identity)))
                content.count(identity)
        cursor.execute("CLOSE removable")
        cursor.execute(
            """DELETE FROM segments_audiencemember k USING audience_leaving l
               WHERE k.id = l.member_id AND l.goes"""
        )
        cursor.execute(
            """UPDATE segments_audiencemember k
               SET email_hash = NULLIF(k.email_hash, l.email),
                   phone_hash = NULLIF(k.phone_hash, l.phone), is_partial = true
               FROM audience_leaving l WHERE k.id = l.member_id AND NOT l.goes"""
        )
    return content
