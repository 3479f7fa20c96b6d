"""What differs between whom a network has been given and who should be there now.

For files and connections alike: the rule about one person, temporary tables for what is found, the
locks. All of it in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection

from segments.audiences.customer import Customer
from segments.audiences.eligibility import Eligibility, Exclusion, eligibility
from segments.audiences.members import AudienceReader, AudienceRow
from segments.audiences.network import Identity, Network
from segments.models import Audience

BATCH = 2_000
"""Rows that are written to the database at a time."""
LOCK = 0x5E6A
"""The class of advisory locks by which files of one audience take turns."""

REMOVABLE = """
    SELECT l.member_id, l.goes,
           CASE WHEN NOT EXISTS (SELECT FROM audience_staying s WHERE s.email = l.email)
                THEN l.email END AS email,
           CASE WHEN NOT EXISTS (SELECT FROM audience_staying s WHERE s.phone = l.phone)
                THEN l.phone END AS phone
    FROM audience_leaving l"""
"""The hashes to be removed, without those by which somebody else stays in the audience.

Two profiles may share one at a network: "anna.lind@" and "annalind@gmail.com" at Google."""


def wait_for_turn(audience: Audience) -> None:
    """Let nobody else work out changes of the audience until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, audience.pk & 0x7FFF_FFFF])


def lock(audience: Audience) -> None:
    """From here on nobody is erased before this transaction ends (`erasure.forget`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM segments_audience WHERE id = %s FOR NO KEY UPDATE", [audience.pk]
        )


def judge(
    row: AudienceRow, audience: Audience, network: Network
) -> tuple[Eligibility, Customer, Identity]:
    """Say whether somebody may be in the audience, what of them may be used, and their hashes;
    the hashes are empty if not."""
    verdict = eligibility(
        row.status,
        takes_phone=bool(network.phone_header),
        includes_unasked=audience.includes_unasked,
    )
    customer = replace(
        row.customer,
        email=row.customer.email if verdict.email else "",
        phone=row.customer.phone if verdict.phone else "",
    )
    identity = network.identity(customer)
    if verdict.exclusion is None and not identity:
        verdict = Eligibility(False, False, Exclusion.NO_IDENTIFIER)
    return verdict, customer, identity


def stage_leaving(reader: AudienceReader, network: Network) -> None:
    """Make the tables `audience_leaving`, what is to be removed, and `audience_staying`, the hashes
    by which people stay."""
    audience = reader.audience
    columns = "member_id bigint, email bytea, phone bytea, goes boolean"
    with temporary_table("leaving", columns) as stage:
        for row in reader.at_network():
            verdict, _customer, identity = judge(row, audience, network)
            stays = row.is_member and verdict.exclusion is None
            old = Identity(
                row.at_network.email if row.at_network.email != identity.email else "",
                row.at_network.phone if row.at_network.phone != identity.phone else "",
            )
            if old or not stays:
                stage((row.member_id, *digests(old), not stays))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS audience_staying")
        cursor.execute(
            """CREATE TEMPORARY TABLE audience_staying ON COMMIT DROP AS
               SELECT NULLIF(k.email_hash, l.email) AS email, NULLIF(k.phone_hash, l.phone) AS phone
               FROM segments_audiencemember k LEFT JOIN audience_leaving l ON l.member_id = k.id
               WHERE k.audience_id = %s AND l.goes IS NOT TRUE""",
            [audience.pk],
        )
        cursor.execute("ANALYZE audience_staying")


@contextmanager
def temporary_table(name: str, columns: str) -> Iterator[Callable[[tuple[Any, ...]], None]]:
    """Make a temporary table `audience_<name>`, and give a function that adds a row to it."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS audience_{name}")
        cursor.execute(f"CREATE TEMPORARY TABLE audience_{name} ({columns}) ON COMMIT DROP")
    with rows_into(f"audience_{name}") as add:
        yield add
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE audience_{name}")


@contextmanager
def rows_into(table: str) -> Iterator[Callable[[tuple[Any, ...]], None]]:
    """Give a function that adds a row to a table; many are written at a time."""
    rows: list[tuple[Any, ...]] = []

    def flush() -> None:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        rows.clear()

    def add(row: tuple[Any, ...]) -> None:
        rows.append(row)
        if len(rows) >= BATCH:
            flush()

    yield add
    flush()


def digests(identity: Identity) -> tuple[bytes | None, bytes | None]:
    """Return the hashes as they are stored."""
    email, phone = identity.email, identity.phone
    return bytes.fromhex(email) if email else None, bytes.fromhex(phone) if phone else None


def identity_of(email: bytes | memoryview | None, phone: bytes | memoryview | None) -> Identity:
    """Return stored hashes as a network knows them."""
    return Identity(bytes(email).hex() if email else "", bytes(phone).hex() if phone else "")
