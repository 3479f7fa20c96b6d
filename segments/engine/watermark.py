"""As of when live membership is true: computed from the rows that would make it untrue, not stored.

Read it before the counts that are shown with it. What is written in between makes the counts newer
than the watermark claims, never older.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from segmenter.accounts.models import Account
from segments.engine.evaluate import CLOCK_TOLERANCE
from segments.models import Segment

LATE = timedelta(minutes=1)
"""A longer lag shows a warning beside counts."""
CLOCK_SLACK = timedelta(minutes=2)
"""Windows move on the minute and need a worker: a clock so little behind is not late.

Within this time, people who have just crossed an edge may still be missing.
"""


@dataclass(frozen=True)
class Watermark:
    """As of when an account's live membership is true, and what delays it."""

    at: datetime
    """The time of the question."""
    oldest: datetime | None
    """Since when the oldest pending change waits; None if there is none."""
    clock: datetime | None
    """Until when windows have moved; None before the first build, when there are no windows."""
    went_back_at: datetime | None = None
    """When the clock was last found to have gone back; None if it never was."""
    went_back_by: timedelta = timedelta()
    is_repairing: bool = False
    """Whether segments are still being built because the clock went back."""

    @property
    def time(self) -> datetime:
        """All changes committed and all edges of windows up to this time are included.

        Membership of a time in the future is as wrong as membership that is late by as much. Until
        it is corrected, the watermark is as far behind as the clock was ahead.
        """
        times = [self.at]
        if self.oldest is not None:
            times.append(self.oldest)
        if self.clock is not None and self.clock_is_late:
            times.append(self.clock)
        times.append(self.at - self.ahead)
        if self.went_back_at is not None and self.is_repairing:
            times.append(self.went_back_at - self.went_back_by)
        return min(times)

    @property
    def lag(self) -> timedelta:
        return self.at - self.time

    @property
    def is_late(self) -> bool:
        return self.lag > LATE

    @property
    def clock_is_late(self) -> bool:
        return self.clock is not None and self.at - self.clock > CLOCK_SLACK

    @property
    def ahead(self) -> timedelta:
        """How far windows have moved into the future: 0, unless the clock has gone back."""
        ahead = self.clock - self.at if self.clock is not None else timedelta()
        return ahead if ahead > CLOCK_TOLERANCE else timedelta()


def watermark(account: Account, at: datetime) -> Watermark:
    """Return an account's watermark at `at`: membership of all live segments is true as of it.

    A change that was set aside delays nothing; the status page reports it instead.
    """
    return watermarks(at, accounts=[account.pk])[account.pk]


def read_size(segment: Segment, at: datetime) -> Watermark:
    """Return the watermark to show with a segment's size, and read the size again after it."""
    mark = watermark(segment.account, at)
    segment.refresh_from_db(fields=["size", "as_of", "status", "error"])
    return mark


def watermarks(at: datetime, *, accounts: Collection[int] | None = None) -> dict[int, Watermark]:
    """Return account id to watermark, of these accounts or of all: one statement, one snapshot.

    The cost grows with the pending changes (measured: 0.15 ms a thousand). They need not be in the
    order of their times, because an edge is recorded after it has passed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account.id,
                      (SELECT min(at) FROM profiles_profilechange
                       WHERE account_id = account.id AND handled IS NULL),
                      clock.until, clock.went_back_at, coalesce(clock.went_back_by, interval '0'),
                      clock.went_back_at IS NOT NULL AND EXISTS (
                          SELECT FROM segments_build WHERE account_id = account.id
                          AND finished IS NULL AND created <= clock.went_back_at)
               FROM accounts_account account
               LEFT JOIN segments_accountclock clock ON clock.account_id = account.id
               WHERE %(all)s OR account.id = ANY(%(ids)s)""",
            {"all": accounts is None, "ids": list(accounts or ())},
        )
        return {account_id: Watermark(at, *columns) for account_id, *columns in cursor.fetchall()}
