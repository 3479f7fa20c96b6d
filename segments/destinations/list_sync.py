"""Keeping a list destination equal to its segment: compare, send, settle.

Only who may be different is compared, and everyone once a day or on wish; then the receiver is
asked whom it has, if it can tell, so that what others did there is put right, too. A killed worker
sends again, which changes nothing there, and never loses a removal.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from profiles.changes import current_snapshot
from segments.destinations import delta
from segments.destinations.access import access_of
from segments.destinations.contacts import ContactReader
from segments.destinations.kind import DestinationAccess, Outcome, list_destinations
from segments.destinations.runs import add_to_run, begin_run, finish_run
from segments.destinations.schedule import next_time
from segments.engine.remote_call import TryAgain
from segments.engine.remote_sync import LEASE, Claim
from segments.models import Destination

FULL = timedelta(hours=23)
"""After so long everyone is compared; less than a day, so that a daily one always does."""
TURN = timedelta(minutes=2)
"""How long one destination is sent to before others have their turn."""
FEW = 5_000
"""People, of those who may be different, who are compared in one transaction."""


class ListWorker:
    """One claim of one list destination."""

    def __init__(self, claim: Claim[Destination]) -> None:
        self._claim, self._destination = claim, claim.row
        self._kind = list_destinations[claim.row.kind]
        self._seeks_removals = True

    def work(self) -> bool:
        """Compare if it is time to, and send what waits; say whether anybody still waits."""
        access = access_of(self._destination)
        began = self._claim.present()
        reader = ContactReader(self._destination, self._kind.key_kind, began)
        self._compare(access, reader)
        while self._send_batch(access, reader) and self._claim.present() < began + TURN:
            pass
        return self._end()

    def _end(self) -> bool:
        present = self._claim.present()
        with self._claim.owned() as own:
            waits = delta.is_anybody_due(self._destination)
            if not waits:
                finish_run(self._destination, present)
                if self._destination.is_ending:
                    own.delete()
                    return False
        self._claim.release(present if waits else self._next_time())
        return waits

    def _next_time(self) -> datetime:
        return next_time(
            self._destination.schedule,
            self._destination.compared or self._claim.present(),
            hour=self._destination.hour,
            weekday=self._destination.weekday,
            zone=self._destination.account.zone,
        )

    # --- comparing ---------------------------------------------------------------------------

    def _compare(self, access: DestinationAccess, reader: ContactReader) -> None:
        """Compare everyone, or who may be different, if it is time to."""
        at, last = self._claim.present(), self._destination.compared_all
        is_full = last is None or self._destination.compared is None or at >= last + FULL
        if not is_full and at < self._next_time():
            return
        if self._destination.segment.as_of is None:
            raise TryAgain(_("The segment is being built."))
        snapshot = current_snapshot()
        if is_full:
            self._compare_keys(access)
            self._compare_everyone(reader)
        else:
            self._compare_candidates(reader)
        times = {"compared": at, **({"compared_all": at} if is_full else {})}
        with self._claim.owned() as own:
            if is_full:
                delta.retry_removals(self._destination)
            own.update(**times, snapshot=snapshot, lease=self._claim.present() + LEASE)
            if is_full or delta.is_anybody_due(self._destination):
                begin_run(self._destination, at, is_full=is_full)
        for name, time in times.items():
            setattr(self._destination, name, time)

    def _compare_keys(self, access: DestinationAccess) -> None:
        pages = self._kind.keys(access)
        if pages is None:
            return
        delta.begin_keys()
        for page in pages:
            delta.add_keys(page)
            self._claim.renew()
        with self._claim.owned():
            delta.compare_keys(self._destination)

    def _compare_everyone(self, reader: ContactReader) -> None:
        after = 0
        while True:
            with self._claim.owned() as own:
                last = delta.next_block_end(self._destination, after)
                if last is None:
                    return
                delta.compare(self._destination, reader, after + 1, last)
                own.update(lease=self._claim.present() + LEASE)
            after = last

    def _compare_candidates(self, reader: ContactReader) -> None:
        ids = delta.candidates(self._destination)
        for start in range(0, len(ids), FEW):
            some = ids[start : start + FEW]
            with self._claim.owned() as own:
                delta.compare(self._destination, reader, some[0], some[-1], some)
                own.update(lease=self._claim.present() + LEASE)

    # --- sending -----------------------------------------------------------------------------

    def _send_batch(self, access: DestinationAccess, reader: ContactReader) -> bool:
        """Send the next removals, else placements; say whether there were any."""
        with self._claim.owned() as own:
            removals, placements = self._next_batch(reader)
            own.update(lease=self._claim.present() + LEASE)
        if removals:
            outcome = self._kind.remove(access, [each.key for each in removals])
            counts = {"removed": len(removals) - len(outcome.refusals)}
        elif placements:
            outcome = self._kind.put(access, [each.contact for each in placements])
            counts = _placement_counts(placements, outcome)
        else:
            return False
        with self._claim.owned() as own:
            delta.settle_removals(removals, outcome)
            delta.settle_placements(placements, outcome)
            add_to_run(self._destination, **counts, refused=len(outcome.refusals))
            own.update(lease=self._claim.present() + LEASE, failures=0, error="")
        return True

    def _next_batch(
        self, reader: ContactReader
    ) -> tuple[list[delta.Removal], list[delta.Placement]]:
        """Return removals, if there are any, else placements.

        Looking for removals in vain reads everybody who is due, so it is done before the first
        placements and after the last ones.
        """
        most = self._kind.batch
        if self._seeks_removals and (removals := delta.next_removals(self._destination, most)):
            return removals, []
        placements = delta.next_placements(self._destination, reader, most)
        self._seeks_removals = not placements
        return [] if placements else delta.next_removals(self._destination, most), placements


def _placement_counts(placements: list[delta.Placement], outcome: Outcome) -> dict[str, int]:
    accepted = [each for each in placements if each.contact.key not in outcome.refusals]
    added = sum(each.is_new for each in accepted)
    return {"added": added, "updated": len(accepted) - added}
