"""One worker's claim of a connection to another system: lease, failures, the next try.

For the rooms that keep something elsewhere equal to a segment. A claim has a lease, which every
step renews. Requests are made outside of transactions; what came of them is written in one that
checks the claim.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import perf_counter
from typing import Generic, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from segments.engine.remote_call import ApiFailure, NeedsAttention, TryAgain
from segments.models import ConnectionState, RemoteConnection

LEASE = timedelta(minutes=5)
"""A worker that was silent for so long is gone; a request takes a minute at most."""
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""From each failure to the next try; the last one again and again."""
MOST_WAIT = timedelta(hours=6)
"""The longest pause that a receiver can ask for."""

logger = logging.getLogger(__name__)
Row = TypeVar("Row", bound=RemoteConnection)


class ClaimLost(Exception):
    """The connection is another worker's by now, or was paused, changed or deleted."""


class Claim(Generic[Row]):
    """The right of one worker to work on one connection."""

    def __init__(self, row: Row, rows: QuerySet[Row], present: Callable[[], datetime]) -> None:
        """`present` returns the time."""
        self.row, self.present, self._rows = row, present, rows

    @contextmanager
    def owned(self) -> Iterator[QuerySet[Row]]:
        """Give the row, locked and still claimed, in a transaction. Raises ClaimLost."""
        rows = self._rows.select_related(None).filter(pk=self.row.pk)
        own = rows.filter(claim=self.row.claim, state=ConnectionState.ON)
        with transaction.atomic():
            if not own.select_for_update(no_key=True).exists():
                raise ClaimLost
            yield rows

    def renew(self) -> None:
        """Have the row for another LEASE. Raises ClaimLost."""
        with self.owned() as own:
            own.update(lease=self.present() + LEASE)

    def release(self, next_at: datetime) -> None:
        """End the claim after a success. Raises ClaimLost."""
        with self.owned() as own:
            own.update(next_at=next_at, claim=None, lease=None, failures=0, error="")

    def fail(self, failure: ApiFailure, note: Callable[[str], object]) -> None:
        """End the claim: write down what went wrong, and when it is tried again, if it is.

        `note` is called in the same transaction with the words.
        """
        failures, words = self.row.failures + 1, failure.words.replace("\0", "")
        pause = PAUSES[min(failures, len(PAUSES)) - 1]
        if failure.wait is not None:
            pause = min(max(pause, timedelta(seconds=failure.wait)), MOST_WAIT)
        is_final = isinstance(failure, NeedsAttention)
        try:
            with self.owned() as own:
                own.update(
                    failures=failures,
                    error=words,
                    state=ConnectionState.BROKEN if is_final else ConnectionState.ON,
                    next_at=self.present() + pause,
                    claim=None,
                    lease=None,
                )
                note(words)
        except ClaimLost:
            return


def due_rows(rows: QuerySet[Row], at: datetime) -> list[int]:
    """The connections that have something to do now and nobody at work on them."""
    due = rows.filter(_free(at), state=ConnectionState.ON, next_at__lte=at)
    return list(due.order_by("next_at").values_list("pk", flat=True))


def work_on(
    rows: QuerySet[Row],
    pk: int,
    at: datetime,
    work: Callable[[Claim[Row]], object],
    note: Callable[[Row, str], object],
) -> bool:
    """Claim a connection that is due and do its work; say whether there was any.

    `rows` are read whole, with what the work needs beside them. What fails is written into the
    row, and `note` is called with it and the words.
    """
    row = _take(rows, pk, at)
    if row is None:
        return False
    began = perf_counter()
    claim = Claim(row, rows, lambda: at + timedelta(seconds=perf_counter() - began))
    try:
        work(claim)
    except ClaimLost:
        return False
    except ApiFailure as failure:
        claim.fail(failure, lambda words: note(row, words))
    except Exception:
        logger.exception("The connection %s could not be brought up to date.", row)
        words = _("Something went wrong here. The log of the server says what.")
        claim.fail(TryAgain(words), lambda text: note(row, text))
    return True


def put_back(rows: QuerySet[Row], at: datetime, ahead: Q, **changes: object) -> None:
    """Let nothing wait for a time, or be of a worker, that a clock ahead has set.

    `ahead` are further times that must not be ahead, and `changes` what follows if one is.
    """
    waits = Q(next_at__gt=at + MOST_WAIT) | Q(lease__gt=at + LEASE)
    rows.filter(waits | ahead).update(next_at=at, lease=None, claim=None, **changes)


def _free(at: datetime) -> Q:
    return Q(lease=None) | Q(lease__lte=at)


def _take(rows: QuerySet[Row], pk: int, at: datetime) -> Row | None:
    with transaction.atomic():
        due = rows.filter(_free(at), state=ConnectionState.ON, next_at__lte=at)
        row = due.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
        if row is None:
            return None
        row.claim, row.lease = uuid.uuid4(), at + LEASE
        row.save(update_fields=["claim", "lease"])
        return row
