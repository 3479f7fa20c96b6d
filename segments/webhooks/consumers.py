"""Callbacks for layers above that store something derived from membership.

For example the caches of forms. A call may be lost when a process is killed, so such data must
also expire by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from django.db import connection, transaction

Consumer = Callable[[int, frozenset[str], Sequence[int]], object]

consumers: list[Consumer] = []
"""Each is called after the commit with the account's id, the keys of the segments that changed and
the ids of the profiles that entered or left one of them. Filled in each app's AppConfig.ready."""


def notify_consumers(account_id: int, first_id: int) -> None:
    """Call the consumers for the account's MembershipChange rows from `first_id` on.

    Must run in the transaction that wrote the rows; the calls follow its commit.
    """
    if not consumers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT array_agg(DISTINCT s.key), array_agg(DISTINCT c.profile_id)
               FROM (SELECT * FROM segments_membershipchange WHERE id >= %s OFFSET 0) AS c
               JOIN segments_segment s ON s.id = c.segment_id
               WHERE c.account_id = %s""",
            [first_id, account_id],
        )
        keys, people = cursor.fetchone()
    for consumer in consumers:
        call = partial(consumer, account_id, frozenset(keys or ()), people or [])
        # A lambda: Django cannot log the failure of a partial, which has no name.
        transaction.on_commit(lambda call=call: call(), robust=True)  # type: ignore[misc]
