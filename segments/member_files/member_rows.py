"""The queries of an export: who is in the file, how many can be reached, and the rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import psycopg.sql as sql

from segments.engine.reachable import (
    MARKETING_CHANNELS,
    can_receive_in_sql,
    reach_joins,
    reachable_in_sql,
)
from segments.member_files.column import ExportColumn, MemberBlock, joins_of
from segments.member_files.file_format import FileFormat, FileStyle
from segments.models import Segment

BLOCK = 20_000
"""People whose rows are read in one query."""
_MEMBERS = sql.SQL(
    "segments_membership m JOIN profiles_profile p"
    " ON p.id = m.profile_id AND p.account_id = m.account_id"
)


def _members(segment: Segment, channels: Sequence[str], at: datetime) -> sql.Composable:
    """FROM and WHERE of all members, with joins for who can be reached on some channels."""
    within = sql.SQL("c.account_id = {}").format(sql.Literal(segment.account_id))
    joins = [
        join for channel in channels for join in reach_joins(channel, at, within=within).values()
    ]
    return sql.SQL(
        "FROM {members} {joins} WHERE m.account_id = {account} AND m.segment_id = {segment}"
    ).format(
        members=_MEMBERS,
        joins=sql.SQL(" ").join(joins),
        account=sql.Literal(segment.account_id),
        segment=sql.Literal(segment.pk),
    )


def ids_query(segment: Segment, channels: Sequence[str], at: datetime) -> sql.Composable:
    """The ids (`profile_id`) of members who can be reached on one of the channels; all without."""
    query = sql.SQL("SELECT p.id AS profile_id {}").format(_members(segment, channels, at))
    if not channels:
        return query
    return sql.SQL("{} AND {}").format(query, reachable_in_sql(channels))


def blocks_query(segment: Segment, channels: Sequence[str], at: datetime) -> sql.Composable:
    """The same ids, a row for each block, ascending: first and last id, how many, and all of them.

    The ids are the text of an array, to be stored as it is: reading each as a number takes longer
    than the query.
    """
    return sql.SQL(
        "SELECT min(profile_id), max(profile_id), count(*),"
        " array_agg(profile_id ORDER BY profile_id)::text FROM (SELECT profile_id,"
        " (row_number() OVER (ORDER BY profile_id) - 1) / {block} AS block"
        " FROM ({ids}) AS members) AS numbered GROUP BY block ORDER BY block"
    ).format(block=sql.Literal(BLOCK), ids=ids_query(segment, channels, at))


def reach_query(segment: Segment, at: datetime) -> sql.Composable:
    """Counts of members: all, those who can be reached on each channel, and on any of them."""
    counts = [
        sql.SQL("count(*) FILTER (WHERE {})").format(rule)
        for rule in (
            *map(can_receive_in_sql, MARKETING_CHANNELS),
            reachable_in_sql(MARKETING_CHANNELS),
        )
    ]
    return sql.SQL("SELECT count(*), {} {}").format(
        sql.SQL(", ").join(counts), _members(segment, MARKETING_CHANNELS, at)
    )


def rows_query(
    block: MemberBlock,
    channels: Sequence[str],
    columns: Sequence[ExportColumn],
    file_format: FileFormat,
    style: FileStyle,
    at: datetime,
) -> sql.Composable:
    """COPY of the rows of a block, by profile id.

    First the values as they are, then how the format writes them: OFFSET 0 has each value worked
    out once and not wherever it is looked at.
    """
    joins = joins_of(columns, block)
    where = [
        block.of("m"),
        sql.SQL("m.segment_id = {}").format(sql.Literal(block.segment_id)),
        # Of profiles, too: PostgreSQL draws no conclusions about one table from another's range.
        sql.SQL("p.id BETWEEN {} AND {}").format(
            sql.Literal(block.first_id), sql.Literal(block.last_id)
        ),
    ]
    if channels:
        for channel in channels:
            joins |= reach_joins(channel, at, within=block.of("c"))
        where.append(reachable_in_sql(channels))
    values = [
        sql.SQL("{} AS {}").format(column.value, sql.Identifier(f"c{place}"))
        for place, column in enumerate(columns)
    ]
    options: sql.Composable = sql.SQL(file_format.copy_options)
    if file_format.is_styled:
        delimiter = sql.Literal(style.delimiter)
        options = sql.SQL("{}, DELIMITER {}").format(options, delimiter)
    return sql.SQL(
        "COPY (SELECT {cells} FROM (SELECT {values} FROM {members} {joins} WHERE {where}"
        " ORDER BY m.profile_id OFFSET 0) AS r) TO STDOUT WITH (FORMAT csv{options})"
    ).format(
        cells=sql.SQL(", ").join(file_format.cells(columns, style)),
        values=sql.SQL(", ").join(values),
        members=_MEMBERS,
        joins=sql.SQL(" ").join(joins.values()),
        where=sql.SQL(" AND ").join(where),
        options=options,
    )
