"""ProfileChange rows: writing them, telling the layers above, finding those since a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime, timedelta

from django.db import connection

from profiles.models import Cause
from segmenter.kernel.hook import Hook
from segmenter.kernel.keys import new_key

KEPT = timedelta(days=30)
"""For so long a ledger row leads to the change that caused it."""

profile_change = Hook[[int]]()
"""Called with the account's id after a commit that changed people; a lost call does no harm."""


def record(
    account_id: int,
    changed_facts: Mapping[int, Set[str]],
    *,
    cause: Cause,
    at: datetime,
    from_event: int | None = None,
) -> None:
    """Write one change for each profile with its facts, at least one; inside the transaction.

    `from_event`: the least id that an event stored by the caller can have, if it stored any.
    """
    if not changed_facts:
        return
    between = f"\x1f{new_key()}\x1f"  # no property's name can be made to hold it
    after = f"\x1e{new_key()}\x1e"
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO profiles_profilechange
                   (account_id, profile_id, cause, facts, at, from_event, transaction)
               SELECT %s, person, %s, string_to_array(facts, %s), %s, %s,
                      pg_current_xact_id()::text::bigint
               FROM unnest(string_to_array(%s, ',')::bigint[], string_to_array(%s, %s))
                    AS t(person, facts)""",
            [
                account_id,
                cause.value,
                between,
                at,
                from_event,
                ",".join(map(str, changed_facts)),
                after.join(between.join(sorted(facts)) for facts in changed_facts.values()),
                after,
            ],
        )
    profile_change.call_after_commit(account_id)


def rewind(account_id: int, at: datetime) -> int:
    """Date waiting changes that a clock ahead has dated at `at`, and let none wait for longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE profiles_profilechange SET at = least(at, %(at)s), retry_at = NULL"
            " WHERE account_id = %(account)s AND handled IS NULL"
            " AND (at > %(at)s OR retry_at > %(at)s)",
            {"account": account_id, "at": at},
        )
        return int(cursor.rowcount)


def current_snapshot() -> str:
    """The database's present snapshot (pg_snapshot): what `since` counts from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        snapshot: str = cursor.fetchone()[0]
        return snapshot


SINCE = """FROM profiles_profilechange
    WHERE account_id = %(account)s
    AND (transaction = pg_current_xact_id_if_assigned()::text::bigint OR (
         transaction >= pg_snapshot_xmin(%(snapshot)s::pg_snapshot)::text::bigint
         AND transaction < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
         AND NOT pg_visible_in_snapshot(transaction::text::xid8, %(snapshot)s::pg_snapshot)))"""
"""Changes that are visible now and were not in a snapshot, in whatever order they committed.

Those of the reader's own transaction always count: a snapshot that was taken within it cannot tell
which of them came later. Transaction ids begin anew after a restore: rows from before it are passed
over while their ids are still to come, and at worst some people are looked at once more when those
come round.
"""


def any_since(account_id: int, snapshot: str) -> bool:
    """Whether anything about anyone has changed since a snapshot.

    What the time or a segment changed is nothing about the person: columns stay as they are.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT {SINCE} AND cause NOT IN ('time', 'segment'))",
            {"account": account_id, "snapshot": snapshot},
        )
        return bool(cursor.fetchone()[0])


def people_since(account_id: int, snapshot: str) -> list[int]:
    """The ids of the profiles that have changed since a snapshot (some may be gone)."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT profile_id {SINCE}", {"account": account_id, "snapshot": snapshot}
        )
        return [row[0] for row in cursor.fetchall()]


def forget_handled(at: datetime) -> int:
    """Delete the changes that were handled more than KEPT ago; return how many that were.

    Those that a mirror's files do not know of yet stay, whatever the clock says.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM profiles_profilechange c"
            " WHERE id IN (SELECT id FROM profiles_profilechange ORDER BY id LIMIT 100000)"
            " AND handled < %s AND error = '' AND NOT EXISTS ("
            " SELECT FROM profiles_mirror WHERE account_id = c.account_id AND c.transaction"
            " >= pg_snapshot_xmin(snapshot::pg_snapshot)::text::bigint)",
            [at - KEPT],
        )
        return int(cursor.rowcount)
