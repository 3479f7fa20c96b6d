"""Putting files at a destination: make one when it is time to, put it there, delete old ones.

The rows say what may be there before it can be. A killed worker's file is put again, under its
name, or deleted when the next one is there; an erased person's files are deleted there, and a new
one is made.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from profiles.changes import current_snapshot, people_since
from segmenter.kernel.errors import Invalid
from segments.destinations.access import access_of
from segments.destinations.delta import OVERLAP
from segments.destinations.file_contents import contents_of
from segments.destinations.kind import DestinationAccess
from segments.destinations.runs import begin_run, finish_run, latest_run
from segments.destinations.schedule import SOON, next_time
from segments.destinations.store import file_stores
from segments.engine.remote_call import NeedsAttention, TryAgain
from segments.engine.remote_sync import LEASE, Claim
from segments.member_files.database_snapshot import (
    DatabaseSnapshot,
    database_snapshot,
    is_in_transaction,
)
from segments.member_files.file import plan_export, write_file
from segments.member_files.member_rows import blocks_query
from segments.member_files.turns import take_turn
from segments.models import (
    Destination,
    DestinationFile,
    DestinationFileBlock,
    DestinationRun,
    Membership,
    MembershipChange,
    Schedule,
)

PACE = 200_000
"""Bytes a second that a store takes at least: so much longer is the lease while it is sent."""
MOST_MOVES = 1_000
"""People in the ledger who are looked at one by one."""
_RENEWAL = timedelta(minutes=1)


class FileWorker:
    """One claim of one file destination."""

    def __init__(self, claim: Claim[Destination]) -> None:
        self._claim, self._destination = claim, claim.row
        self._store = file_stores[claim.row.kind]

    def work(self) -> bool:
        """Do what is due; say whether something is again."""
        access = access_of(self._destination)
        if self._destination.is_ending:
            self._end(access)
            return False
        self._delete_leaving(access)
        is_again = False
        if self._is_due():
            is_again = not self._make(access)
            self._delete_leaving(access)
        present = self._claim.present()
        with self._claim.owned():  # so that no erasure comes in between
            is_again = is_again or self._files().filter(is_leaving=True).exists()
            later = max(self._next_time(), present + SOON)
            self._claim.release(present if is_again else later)
        return is_again

    def _end(self, access: DestinationAccess) -> None:
        """Delete all files there, then the destination."""
        with self._claim.owned():
            self._files().update(is_leaving=True)
        self._delete_leaving(access)
        with self._claim.owned() as own:
            own.delete()

    def _next_time(self) -> datetime:
        return next_time(
            self._destination.schedule,
            self._destination.compared or self._claim.present(),
            hour=self._destination.hour,
            weekday=self._destination.weekday,
            zone=self._destination.account.zone,
        )

    def _is_due(self) -> bool:
        destination = self._destination
        if destination.compared is None or destination.compared_all is None:
            return True
        if self._claim.present() < self._next_time():
            return False
        if destination.schedule not in (Schedule.SOON, Schedule.HOURLY):
            return True
        mark = current_snapshot()
        is_changed = _has_changed(destination)
        if not is_changed:  # what was looked at need not be looked at again
            with self._claim.owned() as own:
                own.update(snapshot=mark)
        return is_changed

    # --- making one --------------------------------------------------------------------------

    def _make(self, access: DestinationAccess) -> bool:
        """Make a file and put it there; false if a person in it was erased meanwhile."""
        if self._destination.segment.as_of is None:
            raise TryAgain(_("The segment is being built."))
        mark, at = current_snapshot(), self._claim.present()
        with self._claim.owned():
            begin_run(self._destination, at, is_full=True)
        with TemporaryDirectory(prefix="segmenter-file-") as folder, ExitStack() as stack:
            file, snapshot = self._begin(stack)
            path = Path(folder) / "content"
            with path.open("wb") as output:
                sink = _LeaseSink(output, self._claim)
                self._write(file, snapshot, sink)
            stack.close()  # of the database's snapshot
            if not self._lease_for(file, sink.size):
                return False
            place = self._store.put(access, file.name, path)
        return self._settle(file, sink, place, mark, at)

    def _begin(self, stack: ExitStack) -> tuple[DestinationFile, DatabaseSnapshot]:
        """Take the snapshot and note who is in it, in turn with erasures."""
        destination, contents = self._destination, contents_of(self._destination)
        own_connection = not is_in_transaction()
        with transaction.atomic():
            take_turn(destination.account_id)
            self._claim.renew()
            snapshot = stack.enter_context(database_snapshot(own=own_connection))
            file = DestinationFile.objects.create(
                destination=destination,
                name=contents.file_name(destination.segment, snapshot.at),
                as_of=snapshot.at,
            )
            query = blocks_query(destination.segment, contents.request.channels, snapshot.at)
            people = 0
            for first_id, last_id, count, ids in snapshot.rows(query):
                _add_block(file, first_id, last_id, ids)
                people += count
            self._check_rows(people)
        return file, snapshot

    def _check_rows(self, people: int) -> None:
        most = self._store.most_rows
        if most is not None and people > most:
            words = _("There are %(people)s people; this takes at most %(most)s.")
            raise NeedsAttention(words % {"people": people, "most": most})

    def _write(self, file: DestinationFile, snapshot: DatabaseSnapshot, sink: _LeaseSink) -> None:
        request = contents_of(self._destination).request
        try:
            plan = plan_export(self._destination.segment, request, snapshot.at)
        except Invalid as failure:
            words = " ".join(problem.message for problem in failure.problems)
            raise NeedsAttention(words) from None
        blocks = DestinationFileBlock.objects.filter(file=file).order_by("first_id")
        write_file(plan, snapshot, list(blocks.values_list("first_id", "last_id")), sink)

    def _lease_for(self, file: DestinationFile, size: int) -> bool:
        """Have the destination for as long as sending takes; false if somebody was erased."""
        with self._claim.owned() as own:
            if DestinationFile.objects.filter(pk=file.pk, is_leaving=True).exists():
                file.delete()  # it was not put there yet
                return False
            pause = LEASE + timedelta(seconds=size / PACE)
            own.update(lease=self._claim.present() + pause)
        return True

    def _settle(
        self, file: DestinationFile, sink: _LeaseSink, place: str, mark: str, at: datetime
    ) -> bool:
        """Note that the file is there, and which others have to go; false if it has to go, too."""
        present = self._claim.present()
        with self._claim.owned() as own:
            file.refresh_from_db()
            file.place, file.rows, file.size = place, sink.rows_done, sink.size
            file.is_stored = True
            file.save(update_fields=["place", "rows", "size", "is_stored"])
            others = self._files().exclude(pk=file.pk)
            others.filter(name=file.name).delete()  # it has replaced them
            others.filter(is_stored=False).update(is_leaving=True)
            keep = contents_of(self._destination).keep
            newest = self._files().filter(is_stored=True, is_leaving=False).order_by("-pk")[:keep]
            others.exclude(pk__in=list(newest.values_list("pk", flat=True))).update(is_leaving=True)
            run = latest_run(self._destination)
            if run is not None:
                DestinationRun.objects.filter(pk=run.pk).update(
                    added=sink.rows_done, file_name=file.name, file_size=sink.size
                )
            finish_run(self._destination, present)
            times = {"compared": at, "compared_all": None if file.is_leaving else at}
            own.update(**times, snapshot=mark, lease=present + LEASE)
        for name, time in times.items():
            setattr(self._destination, name, time)
        return not file.is_leaving

    # --- deleting ----------------------------------------------------------------------------

    def _delete_leaving(self, access: DestinationAccess) -> None:
        for name in set(self._files().filter(is_leaving=True).values_list("name", flat=True)):
            self._store.delete(access, name)
            with self._claim.owned() as own:
                self._files().filter(name=name).delete()
                own.update(lease=self._claim.present() + LEASE)

    def _files(self) -> QuerySet[DestinationFile]:
        return DestinationFile.objects.filter(destination=self._destination)


class _LeaseSink:
    """Writes a file and renews the lease meanwhile."""

    def __init__(self, output: IO[bytes], claim: Claim[Destination]) -> None:
        self.rows_done = self.size = 0
        self._output, self._claim = output, claim
        self._renewed = claim.present()

    def write(self, content: bytes, /) -> int:
        self.size += len(content)
        if self._claim.present() >= self._renewed + _RENEWAL:
            self._claim.renew()
            self._renewed = self._claim.present()
        return self._output.write(content)


def _add_block(file: DestinationFile, first_id: int, last_id: int, ids: str) -> None:
    """Note who is in a block; `ids` is the text of an array, as `blocks_query` gives it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO segments_destinationfileblock (file_id, first_id, last_id, ids)"
            " VALUES (%s, %s, %s, %s::bigint[])",
            [file.pk, first_id, last_id, ids],
        )


def _has_changed(destination: Destination) -> bool:
    """Whether somebody entered or left since the last file, or a member's data changed."""
    assert destination.compared is not None
    ledger = MembershipChange.objects.filter(
        segment=destination.segment_id, at__gt=destination.compared - OVERLAP
    )
    moves = list(ledger.values_list("profile_id", flat=True).distinct()[: MOST_MOVES + 1])
    members = Membership.objects.filter(segment=destination.segment_id)
    if len(moves) > MOST_MOVES or _are_others_in_file(destination, moves):
        return True
    ids = people_since(destination.account_id, destination.snapshot)
    return members.filter(profile_id__in=ids).exists()


def _are_others_in_file(destination: Destination, ids: list[int]) -> bool:
    """Whether of some people others are in the newest file than are members now."""
    file = DestinationFile.objects.filter(destination=destination, is_stored=True).order_by("-pk")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM unnest(%s::bigint[]) AS person(id) WHERE EXISTS ("
            "SELECT FROM segments_membership m WHERE m.segment_id = %s AND m.profile_id = person.id"
            ") IS DISTINCT FROM EXISTS (SELECT FROM segments_destinationfileblock b"
            " WHERE b.file_id = %s AND person.id BETWEEN b.first_id AND b.last_id"
            " AND person.id = ANY(b.ids)))",
            [ids, destination.segment_id, file.values_list("pk", flat=True).first()],
        )
        is_different: bool = cursor.fetchone()[0]
        return is_different
