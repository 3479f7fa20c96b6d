"""Callbacks for layers above that store something derived from membership.

For example the caches of forms. A call may be lost when a process is killed, so such data must
also expire by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from segmenter.kernel.hook import Hook

consumers = Hook[[int, frozenset[str], Sequence[int]]]()
"""Called after the commit with the account's id, the keys of the segments that changed and
the ids of the profiles that entered or left one of them. Layers above subscribe while they get
ready."""


def notify_consumers(account_id: int, first_id: int) -> None:
    """Call the consumers for the account's MembershipChange rows from `first_id` on.

    Must run in the transaction that wrote the rows; the calls follow its commit.
    """
    if not consumers.subscribers:
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
    consumers.call_after_commit(account_id, frozenset(keys or ()), people or [])
