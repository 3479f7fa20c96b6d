"""Reading a segment's members, and whom a network has been given, for an audience.

One query, so that everyone is of one instant, read through a cursor of the database, so that memory
does not grow with the segment. To be called in a transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any

import psycopg.sql as sql
from django.db import connection

from profiles.models import Property
from profiles.places import country_code
from profiles.reachability import status_of
from segments.audiences.customer import Customer
from segments.audiences.eligibility import ContactStatus
from segments.audiences.network import Identity
from segments.models import Audience

CHUNK = 2_000
"""People that are fetched at a time."""
_GENDERS = frozenset({"gender", "sex", "kön", "płeć"})
_BIRTHS = frozenset(
    {
        *("birthday", "birthdate", "dateofbirth", "dob", "birth"),
        *("födelsedatum", "födelsedag", "dataurodzenia"),
    }
)
_WORDS = {
    **dict.fromkeys(("f", "female", "woman", "kvinna", "k", "kobieta"), "f"),
    **dict.fromkeys(("m", "male", "man", "mężczyzna"), "m"),
}
_OLDEST = date(1900, 1, 1)

STATUS = sql.SQL(
    """e.status, e.status_date IS NULL OR e.status_date <= {at},
       s.status, s.status_date IS NULL OR s.status_date <= {at},
       EXISTS (SELECT FROM profiles_suppression x
               WHERE x.account_id = {account} AND x.profile_id = p.id AND x.date <= {at})"""
)
"""What decides about a profile `p`: status and whether it counts, of "email" and "sms"; and
whether the person is suppressed on any channel."""
CONSENTS = sql.SQL(
    """LEFT JOIN profiles_consent e ON e.account_id = {account} AND e.profile_id = p.id
           AND e.channel = 'email'
       LEFT JOIN profiles_consent s ON s.account_id = {account} AND s.profile_id = p.id
           AND s.channel = 'sms'"""
)
_MEMBERS = sql.SQL(
    """FROM segments_membership m
       JOIN profiles_profile p ON p.account_id = {account} AND p.id = m.profile_id
       {joins}
       LEFT JOIN predictions_prediction r ON r.account_id = {account} AND r.profile_id = p.id
       LEFT JOIN segments_audiencemember k ON k.audience_id = {audience} AND k.profile_id = p.id
       WHERE m.account_id = {account} AND m.segment_id = {segment}"""
)
_AT_NETWORK = sql.SQL(
    """FROM segments_audiencemember k
       LEFT JOIN segments_membership m ON m.account_id = {account} AND m.segment_id = {segment}
           AND m.profile_id = k.profile_id
       LEFT JOIN profiles_profile p ON p.account_id = {account} AND p.id = m.profile_id
       {joins}
       LEFT JOIN predictions_prediction r ON r.account_id = {account} AND r.profile_id = p.id
       WHERE k.audience_id = {audience}"""
)


@dataclass(frozen=True)
class AudienceRow:
    """A person, in the segment or among those a network has been given, or both."""

    profile_id: int | None
    """None: hashes that belong to nobody here any more."""
    is_member: bool
    status: ContactStatus
    customer: Customer
    member_id: int | None
    """The AudienceMember; None for somebody the network has not been given."""
    at_network: Identity
    """What the network has been given."""
    is_partial: bool
    """Whether one of their hashes was removed since (`AudienceMember.is_partial`)."""


class AudienceReader:
    """Reads the people of an audience as of an instant."""

    def __init__(self, audience: Audience, at: datetime, *, only_candidates: bool = False) -> None:
        """`only_candidates` are the people in the temporary table `audience_candidates`."""
        self.audience, self.at, self._only = audience, at, only_candidates

    def members(self) -> Iterator[AudienceRow]:
        """Yield the segment's members, by profile."""
        some = "AND m.profile_id IN (SELECT profile_id FROM audience_candidates)"
        return self._rows(_MEMBERS, sql.SQL(some if self._only else ""), sql.SQL("m.profile_id"))

    def at_network(self) -> Iterator[AudienceRow]:
        """Yield whom the network has been given, in the order of their rows."""
        some = """AND (k.profile_id IS NULL
                       OR k.profile_id IN (SELECT profile_id FROM audience_candidates))"""
        return self._rows(_AT_NETWORK, sql.SQL(some if self._only else ""), sql.SQL("k.id"))

    def _rows(self, source: sql.SQL, some: sql.SQL, order: sql.SQL) -> Iterator[AudienceRow]:
        segment_id = self.audience.segment_id
        account = sql.Literal(self.audience.account_id)
        names: dict[str, sql.Composable] = {
            "account": account,
            "segment": sql.Literal(segment_id),
            "audience": sql.Literal(self.audience.pk),
            "joins": CONSENTS.format(account=account),
        }
        query = sql.SQL(
            """SELECT k.id, k.email_hash, k.phone_hash, k.is_partial, k.profile_id,
                      p.id, p.email, p.phone_number, p.external_id, p.first_name, p.last_name,
                      p.organization, p.title, p.city, p.region, p.country, p.zip,
                      {gender}, {birth}, r.predicted_clv, {status}
               {source} {some} ORDER BY {order}"""
        ).format(
            gender=self._property(_GENDERS),
            birth=self._property(_BIRTHS),
            status=STATUS.format(account=account, at=sql.Literal(self.at)),
            source=source.format(**names),
            some=some,
            order=order,
        )
        with connection.chunked_cursor() as cursor:
            cursor.execute(query)
            while rows := cursor.fetchmany(CHUNK):
                yield from map(self._row, rows)

    def _property(self, names: frozenset[str]) -> sql.Composable:
        """The first value of the custom properties whose names say the same thing."""
        own_names = [name for name in self._own_properties if _squeezed(name) in names]
        if not own_names:
            return sql.SQL("NULL::text")
        values = [sql.SQL("p.properties ->> {}").format(sql.Literal(name)) for name in own_names]
        return sql.SQL("COALESCE({})").format(sql.SQL(", ").join(values))

    @cached_property
    def _own_properties(self) -> list[str]:
        rows = Property.objects.filter(account=self.audience.account_id, metric=None)
        return list(rows.order_by("name").values_list("name", flat=True))

    def _row(self, row: tuple[Any, ...]) -> AudienceRow:
        member_id, email_hash, phone_hash, is_partial, delivery_id, profile_id, *rest = row
        texts = [text or "" for text in rest[:11]]
        email, phone, external_id, first, last, organization, title, city, region, country, code = (
            texts
        )
        gender, birth, value, e_said, e_begun, s_said, s_begun, is_suppressed = rest[11:]
        return AudienceRow(
            profile_id=profile_id or delivery_id,
            is_member=profile_id is not None,
            status=ContactStatus(
                status_of(e_said, e_begun) if email else None,
                status_of(s_said, s_begun) if phone else None,
                is_suppressed,
            ),
            customer=Customer(
                email=email,
                phone=phone,
                external_id=external_id,
                first_name=first,
                last_name=last,
                organization=organization,
                title=title,
                city=city,
                region=region,
                country=_country(country),
                zip=code,
                gender=_WORDS.get((gender or "").strip().casefold(), ""),
                birth=birth_date(birth or "", self.at.date()),
                value=value,
            ),
            member_id=member_id,
            at_network=Identity(_hex(email_hash), _hex(phone_hash)),
            is_partial=bool(is_partial),
        )


def birth_date(text: str, today: date) -> date | None:
    """Read a date as ISO 8601 writes it, with a time or without; None for what cannot be one."""
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return day if _OLDEST <= day <= today else None


@lru_cache(1_000)
def _country(text: str) -> str:
    return country_code(text) or ""


def _squeezed(name: str) -> str:
    """A property's name without case, spaces and signs: "Date of birth" is "dateofbirth"."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _hex(digest: bytes | memoryview | None) -> str:
    return bytes(digest).hex() if digest else ""
