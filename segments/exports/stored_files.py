"""Files in rows: their pieces, who is in them, and that an erased person is in none of them.

A snapshot and an erasure of the same account take turns, by a lock until each commits. So either
the snapshot does not see the person any more, or the erasure finds them among the blocks, which
are written with the snapshot; then a file is deleted, and one that is being made begins anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import psycopg
from django.db import connection
from django.db.models import F

from segments.member_files.turns import ids_of_person, take_turn
from segments.models import Export, ExportBlock, ExportChunk, ExportStatus


class FileGone(Exception):
    """A piece of a file is not there any more: it was deleted while it was read."""


def blocks_of(export_id: int) -> Iterator[tuple[int, int]]:
    """First and last id of the people of each block, ascending."""
    rows = ExportBlock.objects.filter(export=export_id).order_by("first_id")
    yield from list(rows.values_list("first_id", "last_id"))


def add_block(export_id: int, first_id: int, last_id: int, ids: str) -> None:
    """Note who is in a block; `ids` is the text of an array, as `blocks_query` gives it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_exportblock (export_id, first_id, last_id, ids)"
            " VALUES (%s, %s, %s, %s::bigint[])",
            [export_id, first_id, last_id, ids],
        )


def add_piece(export_id: int, number: int, content: bytes) -> None:
    """Store a piece of a file."""
    # Not by Django's cursor, which would write each byte as two letters into the statement.
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(
            "INSERT INTO segments_exportchunk (export_id, number, content) VALUES (%s, %s, %b)",
            [export_id, number, content],
        )


def pieces_of(export_id: int) -> Iterator[bytes]:
    """The file, piece by piece. Raises FileGone if it is deleted meanwhile."""
    chunks = ExportChunk.objects.filter(export=export_id)
    for place, number in enumerate(chunks.order_by("number").values_list("number", flat=True)):
        chunk = chunks.filter(number=number).first()
        if chunk is None or number != place:
            raise FileGone
        yield bytes(chunk.content)


def drop(export_ids: Collection[int]) -> None:
    """Delete what is stored of some exports' files."""
    ExportChunk.objects.filter(export__in=export_ids).delete()
    ExportBlock.objects.filter(export__in=export_ids).delete()


def forget_person(account_id: int, profile_id: int) -> None:
    """Delete the files that a person is in, under any id that was theirs; in the erasure."""
    take_turn(account_id)
    ids = ids_of_person(account_id, profile_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.export_id FROM unnest(%s::bigint[]) AS person(id)"
            " JOIN segments_exportblock b ON person.id BETWEEN b.first_id AND b.last_id"
            " AND person.id = ANY(b.ids)"
            " JOIN segments_export e ON e.id = b.export_id AND e.account_id = %s",
            [ids, account_id],
        )
        holding = [export_id for (export_id,) in cursor.fetchall()]
    exports = Export.objects.filter(pk__in=holding)
    exports.filter(status=ExportStatus.RUNNING).update(
        status=ExportStatus.WAITING, heartbeat=F("created"), tries=0
    )
    exports.filter(status=ExportStatus.DONE).update(status=ExportStatus.WITHDRAWN)
    drop(holding)
