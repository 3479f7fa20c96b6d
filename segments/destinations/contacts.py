"""Who is to be at a list destination, and what it is given of each, worked out in the database.

A temporary table holds them for some people at a time: the members of the segment who can be
reached as chosen, with their key and a fingerprint of what is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg.sql as sql
from django.db import connection

from profiles.consent_words import Channel
from segmenter.kernel.errors import Invalid
from segments.destinations.kind import Contact, KeyKind
from segments.engine.reachable import can_receive_in_sql, has_consent_in_sql, reach_joins
from segments.engine.remote_call import NeedsAttention
from segments.member_files.column import ExportColumn, MemberBlock, Shop, columns_of, joins_of
from segments.models import Destination

WIDTH = 5_000
"""Ids in one range of people who are looked at one by one."""
MOST_CLUSTERS = 50
"""Such ranges in one query."""
_OF_PERSON = ("email", "phone_number", "external_id", "first_name", "last_name")
_EMAIL = Channel.EMAIL.value
_KEYS = {
    KeyKind.EMAIL: sql.SQL("lower(p.email)"),
    KeyKind.PROFILE: sql.SQL("p.id::text"),
}
_TABLE = sql.SQL(
    """CREATE TEMPORARY TABLE destination_wanted ON COMMIT DROP AS
       SELECT profile_id, key, contact,
              substr(sha256(convert_to(contact::text, 'UTF8')), 1, 16) AS fingerprint
       FROM ({people}) AS people WHERE key IS NOT NULL"""
)
_PEOPLE = sql.SQL(
    """SELECT p.id AS profile_id, {key} AS key,
              jsonb_build_object(
                  'id', p.id, {person}, 'has_consent', {has_consent}, 'fields', {fields}
              ) AS contact
       FROM segments_membership m
       JOIN profiles_profile p ON p.id = m.profile_id AND p.account_id = m.account_id {joins}
       WHERE {where}"""
)
_NOBODY = sql.SQL("SELECT 0::bigint AS profile_id, NULL::text AS key, NULL::jsonb AS contact")


class ContactReader:
    """Reads the people of one destination as of an instant."""

    def __init__(self, destination: Destination, key_kind: KeyKind, at: datetime) -> None:
        """Raises NeedsAttention for a column that is no more."""
        self._destination, self._key_kind, self._at = destination, key_kind, at
        self._columns = _columns(destination, at)

    def stage(self, first: int, last: int, ids: Sequence[int] | None) -> None:
        """Make the table `destination_wanted` of the people with ids between two, both included;
        with `ids`, only of these."""
        people: sql.Composable = _NOBODY
        if not self._destination.is_ending:
            parts = [(first, last, ids)] if ids is None else _clusters(ids)
            people = sql.SQL(" UNION ALL ").join(self._people(*part) for part in parts)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS destination_wanted")
            cursor.execute(_TABLE.format(people=people))
            cursor.execute("ANALYZE destination_wanted")

    def contacts(self, profile_ids: Sequence[int]) -> dict[int, tuple[Contact, bytes]]:
        """Return some of the staged people by their id, each with the fingerprint."""
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT profile_id, key, contact, fingerprint FROM destination_wanted
                   WHERE profile_id = ANY(%s)""",
                [list(profile_ids)],
            )
            return {
                profile_id: (self._contact(key, contact), bytes(fingerprint))
                for profile_id, key, contact, fingerprint in cursor.fetchall()
            }

    def _contact(self, key: str, document: str) -> Contact:
        contact: Mapping[str, Any] = json.loads(document)
        values = contact["fields"]
        return Contact(
            key=key,
            profile_key=str(contact["id"]),
            has_consent=contact["has_consent"],
            fields={column.name: values[f"c{place}"] for place, column in enumerate(self._columns)},
            **{name: contact[name] for name in _OF_PERSON},
        )

    def _people(self, first: int, last: int, ids: Sequence[int] | None) -> sql.Composable:
        destination, at = self._destination, self._at
        block = MemberBlock(destination.account_id, destination.segment_id, first, last)
        joins = joins_of(self._columns, block)
        where = [
            block.of("m"),
            sql.SQL("m.segment_id = {}").format(sql.Literal(destination.segment_id)),
            sql.SQL("p.id BETWEEN {} AND {}").format(sql.Literal(first), sql.Literal(last)),
        ]
        if ids is not None:
            where.append(sql.SQL("m.profile_id = ANY({})").format(sql.Literal(list(ids))))
        joins |= reach_joins(_EMAIL, at, within=block.of("c"))
        if destination.channel:
            joins |= reach_joins(destination.channel, at, within=block.of("c"))
            where.append(can_receive_in_sql(destination.channel))
        return _PEOPLE.format(
            key=_KEYS[self._key_kind],
            person=sql.SQL(", ").join(
                sql.SQL("{}, p.{}").format(sql.Literal(name), sql.Identifier(name))
                for name in _OF_PERSON
            ),
            has_consent=has_consent_in_sql(_EMAIL),
            fields=self._fields(),
            joins=sql.SQL(" ").join(joins.values()),
            where=sql.SQL(" AND ").join(where),
        )

    def _fields(self) -> sql.Composable:
        if not self._columns:
            return sql.SQL("NULL::jsonb")
        return sql.SQL("(SELECT to_jsonb(f) FROM (SELECT {}) AS f)").format(
            sql.SQL(", ").join(
                sql.SQL("{} AS {}").format(column.value, sql.Identifier(f"c{place}"))
                for place, column in enumerate(self._columns)
            )
        )


def _clusters(ids: Sequence[int]) -> Iterator[tuple[int, int, Sequence[int]]]:
    """Cut ascending ids where they lie far apart: what is joined is read by ranges of ids."""
    width = max(WIDTH, (ids[-1] - ids[0]) // MOST_CLUSTERS)
    start = 0
    for place, profile_id in enumerate(ids):
        if profile_id - ids[start] > width:
            yield ids[start], ids[place - 1], ids[start:place]
            start = place
    yield ids[start], ids[-1], ids[start:]


def _columns(destination: Destination, at: datetime) -> list[ExportColumn]:
    if not destination.columns:
        return []
    try:
        return columns_of(Shop(destination.account, at), destination.columns)
    except Invalid as failure:
        words = " ".join(problem.message for problem in failure.problems)
        raise NeedsAttention(words) from None
