"""Erasing a person from the files of destinations."""

from __future__ import annotations

from django.db import connection

from segments.member_files.turns import ids_of_person, take_turn


def forget(account_id: int, profile_id: int) -> None:
    """Have the files deleted that a person is in, and others made without them.

    To be called in the transaction that erases, before anything there locks a destination.
    """
    take_turn(account_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT f.id, f.destination_id FROM unnest(%s::bigint[]) AS person(id)"
            " JOIN segments_destinationfileblock b ON person.id BETWEEN b.first_id AND b.last_id"
            " AND person.id = ANY(b.ids)"
            " JOIN segments_destinationfile f ON f.id = b.file_id"
            " JOIN segments_destination d ON d.id = f.destination_id AND d.account_id = %s",
            [ids_of_person(account_id, profile_id), account_id],
        )
        rows = cursor.fetchall()
        files, destinations = [row[0] for row in rows], sorted({row[1] for row in rows})
        cursor.execute(
            "SELECT id FROM segments_destination WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [destinations],
        )
        cursor.execute(
            "UPDATE segments_destinationlink SET content = NULL WHERE destination_id = ANY(%s)",
            [destinations],
        )
        cursor.execute(
            "UPDATE segments_destinationfile SET is_leaving = true WHERE id = ANY(%s)", [files]
        )
        cursor.execute(
            "UPDATE segments_destination SET compared_all = NULL,"
            " next_at = LEAST(next_at, created) WHERE id = ANY(%s)",
            [destinations],
        )
