"""Writing ProfileChange rows, and telling the layers above that there are some."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import connection, transaction

from profiles.models import Cause

nudges: list[Callable[[int], None]] = []
"""Called with the account's id after a commit that changed people; a lost call does no harm."""

_SEPARATOR = "\x1f"


def record(account_id: int, touched: Mapping[int, set[str]], *, cause: Cause, at: datetime) -> None:
    """Write one change for each profile with the facts that changed; inside the transaction."""
    if not touched:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO profiles_profilechange
                   (account_id, profile_id, cause, facts, at, transaction)
               SELECT %s, person, %s, string_to_array(facts, %s), %s,
                      pg_current_xact_id()::text::bigint
               FROM unnest(%s::bigint[], %s::text[]) AS t(person, facts)""",
            [
                account_id,
                cause.value,
                _SEPARATOR,
                at,
                list(touched),
                [_SEPARATOR.join(sorted(facts)) for facts in touched.values()],
            ],
        )
    transaction.on_commit(lambda: _nudge(account_id), robust=True)


def _nudge(account_id: int) -> None:
    for nudge in nudges:
        nudge(account_id)
