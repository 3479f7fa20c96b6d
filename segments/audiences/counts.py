"""How many people an audience would have, without making its file.

People are counted by what decides about them, a few dozen combinations; the rule is asked once for
each, as `profiles.reachability.where` does with columns.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg.sql as sql
from django.db import connection

from profiles.reachability import status_of
from segments.audiences.eligibility import ContactStatus, Eligibility, Exclusion, eligibility
from segments.audiences.members import CONSENTS, STATUS
from segments.audiences.network import Network
from segments.models import Audience, Segment

_MEMBERS = sql.SQL(
    """FROM segments_membership m
    JOIN profiles_profile p ON p.account_id = {account} AND p.id = m.profile_id
    {consents} WHERE m.account_id = {account} AND m.segment_id = {segment}"""
)
_AT_NETWORK = sql.SQL(
    """FROM segments_audiencemember k
    LEFT JOIN segments_membership m ON m.account_id = {account} AND m.segment_id = {segment}
        AND m.profile_id = k.profile_id
    LEFT JOIN profiles_profile p ON p.account_id = {account} AND p.id = m.profile_id
    {consents} WHERE k.audience_id = {audience}"""
)


@dataclass
class AudienceCounts:
    """Who is in and by what, who is not and why."""

    email_and_phone: int = 0
    email_only: int = 0
    phone_only: int = 0
    left_out: Counter[Exclusion] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.email_and_phone + self.email_only + self.phone_only

    def add(self, verdict: Eligibility, people: int) -> None:
        if verdict.exclusion is not None:
            self.left_out[verdict.exclusion] += people
        elif verdict.email and verdict.phone:
            self.email_and_phone += people
        elif verdict.email:
            self.email_only += people
        else:
            self.phone_only += people


def count_audience(
    segment: Segment, network: Network, at: datetime, *, includes_unasked: bool
) -> AudienceCounts:
    """Count a segment's members by how they could be matched."""
    counts = AudienceCounts()
    for _is_member, status, people in _by_status(_MEMBERS, segment, None, at):
        verdict = eligibility(
            status, takes_phone=bool(network.phone_header), includes_unasked=includes_unasked
        )
        counts.add(verdict, people)
    return counts


def count_removals(audience: Audience, network: Network, at: datetime) -> int:
    """Count whom the network has been given and who should not be there any more."""
    removals = 0
    for is_member, status, people in _by_status(_AT_NETWORK, audience.segment, audience, at):
        verdict = eligibility(
            status,
            takes_phone=bool(network.phone_header),
            includes_unasked=audience.includes_unasked,
        )
        if not is_member or verdict.exclusion is not None:
            removals += people
    return removals


def _by_status(
    source: sql.SQL, segment: Segment, audience: Audience | None, at: datetime
) -> list[tuple[bool, ContactStatus, int]]:
    account = sql.Literal(segment.account_id)
    query = sql.SQL(
        """SELECT member, email, phone, e, e_begun, s, s_begun, suppressed, count(*) FROM (
               SELECT p.id IS NOT NULL, p.email <> '', p.phone_number <> '', {status} {source}
           ) AS people (member, email, phone, e, e_begun, s, s_begun, suppressed)
           GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
    ).format(
        status=STATUS.format(account=account, at=sql.Literal(at)),
        source=source.format(
            account=account,
            segment=sql.Literal(segment.pk),
            audience=sql.Literal(audience.pk if audience else None),
            consents=CONSENTS.format(account=account),
        ),
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [_row(row) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...]) -> tuple[bool, ContactStatus, int]:
    is_member, email, phone, e_said, e_begun, s_said, s_begun, is_suppressed, people = row
    status = ContactStatus(
        status_of(e_said, e_begun) if email else None,
        status_of(s_said, s_begun) if phone else None,
        is_suppressed,
    )
    return is_member, status, people
