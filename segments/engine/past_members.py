"""All members of a segment at some instants of the past, from the ledger. Reads only.

When a change counts is said in `segments.engine.growth`. `members_on` there reads a page of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import psycopg
from django.db import connection
from pyroaring import BitMap64

from segments.engine.growth import COUNTS_FROM, SKEW
from segments.engine.membership import Ids
from segments.models import Segment

_MICROSECOND = timedelta(microseconds=1)

_MEMBERS_AND_LATER = f"""
SELECT (SELECT string_agg(int8send(profile_id), ''::bytea)
        FROM segments_membership WHERE segment_id = %(segment)s),
       string_agg(int8send(profile_id), ''::bytea ORDER BY id),
       string_agg(int4send(period), ''::bytea ORDER BY id),
       string_agg(int4send(entered::int), ''::bytea ORDER BY id)
FROM (SELECT id, profile_id, entered, width_bucket(since, %(edges)s::timestamptz[]) AS period
      FROM ({COUNTS_FROM}) AS ledger) AS later WHERE period > 0"""


def members_at(segment: Segment, instants: Sequence[datetime]) -> list[Ids]:
    """int64[] ascending for each of some ascending instants: the ids of who was a member.

    Changes that count from an instant are included. Ids of people who no longer exist, merged or
    erased, are included. One statement, so that all are of one state of the ledger.
    """
    if not instants:
        return []
    now_in, people, periods, entered = _read(segment, instants)
    members = _bitmap(now_in)
    result = []
    for number in range(len(instants), 0, -1):  # back from now: undo each person's first change
        rows = np.flatnonzero(periods == number)
        persons, first = np.unique(people[rows], return_index=True)
        came = entered[rows][first] == 1
        members |= _bitmap(persons[~came])
        members -= _bitmap(persons[came])
        result.append(np.array(members.to_array(), dtype=np.int64))
    return result[::-1]


def _read(segment: Segment, instants: Sequence[datetime]) -> tuple[Ids, Ids, Any, Any]:
    parameters = {
        "segment": segment.pk,
        "edges": [instant + _MICROSECOND for instant in instants],
        "floor": instants[0] - SKEW,
    }
    connection.ensure_connection()
    # Django's own cursor has no binary format.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_MEMBERS_AND_LATER, parameters, binary=True)
        columns = cursor.fetchone() or (None,) * 4
    kinds = (">i8", ">i8", ">i4", ">i4")
    now_in, people, periods, entered = (
        np.frombuffer(column or b"", dtype=kind).astype(np.int64)
        for column, kind in zip(columns, kinds, strict=True)
    )
    return now_in, people, periods, entered


def _bitmap(ids: Ids) -> BitMap64:
    return BitMap64(ids.astype(np.uint64))
