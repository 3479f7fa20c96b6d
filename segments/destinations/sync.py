"""Bringing destinations up to date: which are due, and the work of one claim."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from segmenter.kernel.hook import Hook
from segments.destinations.file_sync import FileWorker
from segments.destinations.kind import list_destinations
from segments.destinations.list_sync import ListWorker
from segments.destinations.runs import note_failure
from segments.destinations.store import file_stores
from segments.engine import remote_sync
from segments.engine.remote_call import NeedsAttention
from segments.engine.remote_sync import Claim
from segments.models import Destination

due = Hook[[int]]()
"""Called with a destination's id after a commit that gave it something to do; may be lost."""


def due_destinations(at: datetime) -> list[int]:
    """The destinations that have something to do now and nobody at work on them."""
    return remote_sync.due_rows(Destination.objects.filter(segment__deleted=None), at)


def bring_up_to_date(destination_id: int, at: datetime) -> bool:
    """Bring a destination up to date, if it is due; say whether anything was done."""
    rows = Destination.objects.filter(segment__deleted=None)
    rows = rows.select_related("account", "segment")
    return remote_sync.work_on(rows, destination_id, at, _work, note_failure)


def rewind(account_id: int, at: datetime) -> None:
    """Let nothing wait for a time, or be of a worker, that a clock ahead has set."""
    rows = Destination.objects.filter(account_id=account_id)
    ahead = Q(compared__gt=at) | Q(compared_all__gt=at)
    remote_sync.put_back(rows, at, ahead, compared=None, compared_all=None)


def _work(claim: Claim[Destination]) -> None:
    if claim.row.kind in list_destinations:
        waits = ListWorker(claim).work()
    elif claim.row.kind in file_stores:
        waits = FileWorker(claim).work()
    else:
        raise NeedsAttention(_("This kind of destination is not installed here any more."))
    if waits:
        due.call_after_commit(claim.row.pk)
