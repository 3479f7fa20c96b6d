"""What is in a file: its lines, and what changes in whom the network has been given.

People are read in one query and written one by one; what the network is given by this file lies in
a temporary table until all is read. In the caller's transaction, which holds the audience's lock
(`lock_for_writing`), so that two files of one audience are never made at the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection

from segments.audiences.customer import Customer, line_of
from segments.audiences.members import AudienceReader, AudienceRow
from segments.audiences.network import Identity, Network
from segments.audiences.permission import Exclusion, Permission, permission
from segments.models import Audience, AudienceFileKind

BATCH = 2_000
"""Rows that are written to the database at a time."""
LOCK = 0x5E6A
"""The class of advisory locks by which files of one audience take turns."""

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


def wait_for_turn(audience: Audience) -> None:
    """Let no other file of the audience be made until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, audience.pk & 0x7FFF_FFFF])


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


def _judged(row: AudienceRow, audience: Audience, network: Network) -> tuple[Permission, Identity]:
    """Whether somebody may be in the audience, and the hashes that may be used; empty if not."""
    verdict = permission(
        row.standing,
        takes_phone=bool(network.phone_header),
        includes_unasked=audience.includes_unasked,
    )
    if verdict.exclusion is not None:
        return verdict, Identity()
    identity = network.identity(_allowed(row.customer, verdict))
    if not identity:
        return Permission(False, False, Exclusion.NO_IDENTIFIER), identity
    return verdict, identity


def _allowed(customer: Customer, verdict: Permission) -> Customer:
    email = customer.email if verdict.email else ""
    phone = customer.phone if verdict.phone else ""
    return replace(customer, email=email, phone=phone)


# --- everyone and additions ----------------------------------------------------------------------


def _compose_people(
    audience: Audience, network: Network, at: datetime, write: WriteLine, *, only_new: bool
) -> Composition:
    made = Composition()
    write(None, line_of(network.header))
    with _staged("given", "profile_id bigint, email bytea, phone bytea") as stage:
        for row in AudienceReader(audience, at).current():
            verdict, identity = _judged(row, audience, network)
            if verdict.exclusion is not None:
                made.left_out[verdict.exclusion] += 1
                continue
            is_news = identity != row.given or row.is_partial
            if only_new and not is_news:
                continue
            write(row.profile_id, line_of(network.row(_allowed(row.customer, verdict), identity)))
            made.count(identity)
            if is_news:
                stage((row.profile_id, *_digests(identity)))
    _take_over(audience, at)
    return made


def _take_over(audience: Audience, at: datetime) -> None:
    """Keep whom the file gives to the network; addresses they had before wait for removal."""
    about: dict[str, Any] = {"audience": audience.pk, "at": at}
    with connection.cursor() as cursor:
        _lock(cursor, audience)
        audience.save(update_fields=["includes_unasked"])
        cursor.execute(
            """INSERT INTO segments_audiencemember
                   (audience_id, profile_id, email_hash, phone_hash, is_partial, since)
               SELECT %(audience)s, NULL, k.email_hash, k.phone_hash, false, %(at)s
               FROM (SELECT NULLIF(k.email_hash, n.email) AS email_hash,
                            NULLIF(k.phone_hash, n.phone) AS phone_hash
                     FROM segments_audiencemember k JOIN audience_given n USING (profile_id)
                     WHERE k.audience_id = %(audience)s) AS k
               WHERE k.email_hash IS NOT NULL OR k.phone_hash IS NOT NULL""",
            about,
        )
        # Not of people who were erased in the meantime: theirs waits for removal under no name.
        cursor.execute(
            """INSERT INTO segments_audiencemember
                   (audience_id, profile_id, email_hash, phone_hash, is_partial, since)
               SELECT %(audience)s, p.id, n.email, n.phone, false, %(at)s
               FROM audience_given n LEFT JOIN profiles_profile p ON p.id = n.profile_id
               ON CONFLICT (audience_id, profile_id) DO UPDATE
               SET email_hash = excluded.email_hash, phone_hash = excluded.phone_hash,
                   is_partial = false""",
            about,
        )


# --- removals ------------------------------------------------------------------------------------


def _compose_removals(
    audience: Audience, network: Network, at: datetime, write: WriteLine
) -> Composition:
    made = Composition()
    write(None, line_of(network.removal_header))
    columns = "member_id bigint, email bytea, phone bytea, goes boolean"
    with _staged("leaving", columns) as stage:
        for row in AudienceReader(audience, at).given():
            verdict, identity = _judged(row, audience, network)
            stays = row.is_member and verdict.exclusion is None
            old = Identity(
                row.given.email if row.given.email != identity.email else "",
                row.given.phone if row.given.phone != identity.phone else "",
            )
            if old or not stays:
                stage((row.member_id, *_digests(old), not stays))
    with connection.cursor() as cursor:
        _lock(cursor, audience)
        for email, phone in _removable(cursor, audience):
            identity = Identity(_hex(email), _hex(phone))
            write(None, line_of(network.removal_row(identity)))
            made.count(identity)
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
    return made


def _removable(cursor: Any, audience: Audience) -> Iterator[tuple[Any, Any]]:
    """The hashes to be removed, without those by which somebody else stays in the audience.

    Two profiles may share one at a network: "anna.lind@" and "annalind@gmail.com" at Google.
    """
    cursor.execute(
        """CREATE TEMPORARY TABLE audience_staying ON COMMIT DROP AS
           SELECT NULLIF(k.email_hash, l.email) AS email, NULLIF(k.phone_hash, l.phone) AS phone
           FROM segments_audiencemember k LEFT JOIN audience_leaving l ON l.member_id = k.id
           WHERE k.audience_id = %s AND l.goes IS NOT TRUE""",
        [audience.pk],
    )
    cursor.execute(
        """DECLARE removable NO SCROLL CURSOR FOR
           SELECT email, phone FROM (
               SELECT CASE WHEN NOT EXISTS (SELECT FROM audience_staying s WHERE s.email = l.email)
                      THEN l.email END,
                      CASE WHEN NOT EXISTS (SELECT FROM audience_staying s WHERE s.phone = l.phone)
                      THEN l.phone END
               FROM audience_leaving l) AS hashes (email, phone)
           WHERE email IS NOT NULL OR phone IS NOT NULL"""
    )
    while True:
        cursor.execute(f"FETCH {BATCH} FROM removable")
        rows = cursor.fetchall()
        if not rows:
            break
        yield from rows
    cursor.execute("CLOSE removable; DROP TABLE audience_staying")


# --- rows ----------------------------------------------------------------------------------------


def _lock(cursor: Any, audience: Audience) -> None:
    """From here on nobody is erased before this transaction ends (`erasure.forget`)."""
    cursor.execute("SELECT FROM segments_audience WHERE id = %s FOR NO KEY UPDATE", [audience.pk])


@contextmanager
def _staged(name: str, columns: str) -> Iterator[Callable[[tuple[Any, ...]], None]]:
    """Make a temporary table `audience_<name>`, and give a function that adds a row to it."""
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS audience_{name}")
        cursor.execute(f"CREATE TEMPORARY TABLE audience_{name} ({columns}) ON COMMIT DROP")

        def flush() -> None:
            with cursor.copy(f"COPY audience_{name} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            rows.clear()

        def add(row: tuple[Any, ...]) -> None:
            rows.append(row)
            if len(rows) >= BATCH:
                flush()

        yield add
        flush()
        cursor.execute(f"ANALYZE audience_{name}")


def _digests(identity: Identity) -> tuple[bytes | None, bytes | None]:
    email, phone = identity.email, identity.phone
    return bytes.fromhex(email) if email else None, bytes.fromhex(phone) if phone else None


def _hex(digest: bytes | memoryview | None) -> str:
    return bytes(digest).hex() if digest else ""
