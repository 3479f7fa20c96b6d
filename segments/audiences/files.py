"""Files for networks: asking for one, making it, downloading it, and when it goes.

A file is made in one transaction that holds its row. If the worker is killed, all of it is undone,
the row is free at once, and the next worker makes the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from segmenter.accounts.models import Account, User
from segmenter.kernel.errors import Conflict, NotFound, Problem
from segmenter.kernel.hook import Hook
from segments.audiences.composition import Composition, WriteLine, compose
from segments.audiences.network import Network, networks
from segments.models import (
    Audience,
    AudienceFile,
    AudienceFileKind,
    AudienceFileLine,
    AudienceFileState,
    Segment,
)

KEPT = timedelta(days=2)
"""How long a file can be downloaded."""
MOST_TRIES = 5
"""Attempts to make a file, those of workers that were killed among them."""
_LINES = 5_000
"""Lines that are stored or read at a time."""

new_files = Hook[[int]]()
"""Called with a file's id after the commit that asked for it; may be lost."""

logger = logging.getLogger(__name__)


def get_network(name: str) -> Network:
    """Return a network by its name in the registry. Raises NotFound."""
    if name not in networks:
        raise NotFound("The network")
    return networks[name]


def get_file(account: Account, key: str) -> AudienceFile:
    """Return a file of an account by its key. Raises NotFound."""
    file = AudienceFile.objects.filter(account=account, key=key).select_related("audience").first()
    if file is None:
        raise NotFound("The file")
    return file


def audience_of(segment: Segment, network: str, at: datetime) -> Audience:
    """Return the segment's audience at a network; it is made the first time."""
    audience, _is_new = Audience.objects.get_or_create(
        segment=segment,
        network=network,
        is_live=False,
        defaults={"account_id": segment.account_id, "created": at},
    )
    return audience


def request_file(
    *,
    segment: Segment,
    network: str,
    kind: AudienceFileKind,
    includes_unasked: bool,
    user: User | None,
    at: datetime,
) -> AudienceFile:
    """Ask for a file; a worker makes it. Raises NotFound, or Conflict if it makes no sense now."""
    with transaction.atomic():
        file = _new_file(segment, network, kind, includes_unasked, user, at)
        new_files.call_after_commit(file.pk)
    return file


def _new_file(
    segment: Segment,
    network: str,
    kind: AudienceFileKind,
    includes_unasked: bool,
    user: User | None,
    at: datetime,
) -> AudienceFile:
    get_network(network)
    if segment.as_of is None:
        message = _("The segment is being built. Wait until it is ready.")
        raise Conflict(Problem("/segment", "building", message))
    audience = audience_of(segment, network, at)
    if kind != AudienceFileKind.EVERYONE and not has_base(audience):
        message = _("There is no file of everyone yet. Make that first.")
        raise Conflict(Problem("/kind", "no_file", message))
    return AudienceFile.objects.create(
        account_id=segment.account_id,
        audience=audience,
        kind=kind,
        includes_unasked=(
            audience.includes_unasked if kind == AudienceFileKind.REMOVALS else includes_unasked
        ),
        user=user,
        created=at,
    )


def has_base(audience: Audience) -> bool:
    """Whether there was a file of everyone, to which there may be additions and removals."""
    states = (AudienceFileState.READY, AudienceFileState.EXPIRED)
    return audience.files.filter(kind=AudienceFileKind.EVERYONE, state__in=states).exists()


# --- making --------------------------------------------------------------------------------------


def waiting_files() -> list[int]:
    """The files that nobody has made yet, the oldest first."""
    waiting = AudienceFile.objects.filter(state=AudienceFileState.WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def make_file(file_id: int, at: datetime) -> bool:
    """Make a file and store its lines; say whether this was done, now and by this call."""
    if not _try(file_id, at):
        return False
    try:
        with transaction.atomic():
            file = _waiting(file_id)
            if file is None:
                return False
            lines = _StoredLines(file)
            _write(file, at, lines.add)
            lines.finish()
            file.rows -= _take_out_erased(file)
            file.save(update_fields=["rows"])
    except Exception:
        logger.exception("The audience file %s could not be made.", file_id)
        AudienceFile.objects.filter(pk=file_id, tries__gte=MOST_TRIES).update(
            state=AudienceFileState.FAILED, finished=at
        )
        return False
    return True


def write_file(
    *,
    segment: Segment,
    network: str,
    kind: AudienceFileKind,
    includes_unasked: bool,
    at: datetime,
    write: Callable[[bytes], object],
    keep: Callable[[], object],
) -> AudienceFile:
    """Make a file at once, line by line into `write`; nothing of it is stored.

    `keep` is called when all is written, and what it raises undoes the file.
    """
    with transaction.atomic():
        file = _new_file(segment, network, kind, includes_unasked, None, at)
        _write(file, at, lambda _profile_id, line: write(f"{line}\r\n".encode()))
        file.state = AudienceFileState.EXPIRED
        file.save(update_fields=["state"])
        keep()
    return file


def _try(file_id: int, at: datetime) -> bool:
    """Count an attempt; give up a file whose workers were killed again and again."""
    with transaction.atomic():
        file = _waiting(file_id)
        if file is None:
            return False
        if file.tries >= MOST_TRIES:
            file.state, file.finished = AudienceFileState.FAILED, at
        else:
            file.tries += 1
        file.save(update_fields=["state", "finished", "tries"])
        return file.state == AudienceFileState.WAITING


def _waiting(file_id: int) -> AudienceFile | None:
    """The file, locked, if it waits and nobody is making it."""
    rows = AudienceFile.objects.select_for_update(skip_locked=True, of=("self",))
    rows = rows.filter(pk=file_id, state=AudienceFileState.WAITING)
    return rows.select_related("audience__segment").first()


def _write(file: AudienceFile, at: datetime, write: WriteLine) -> None:
    content = compose(
        file.audience,
        get_network(file.audience.network),
        file.kind,
        at,
        write,
        includes_unasked=file.includes_unasked,
    )
    _note(file, content, at)


def _note(file: AudienceFile, content: Composition, at: datetime) -> None:
    file.rows = content.rows
    file.matches = {"email": content.emails, "phone": content.phones}
    file.left_out = {reason.value: people for reason, people in sorted(content.left_out.items())}
    file.state, file.at, file.finished, file.error = AudienceFileState.READY, at, at, ""
    file.save()


class _StoredLines:
    """Adds lines to a file's rows, some thousands at a time."""

    def __init__(self, file: AudienceFile) -> None:
        self._file, self._number = file, 0
        self._rows: list[tuple[int, int, int | None, str]] = []

    def add(self, profile_id: int | None, line: str) -> None:
        self._rows.append((self._file.pk, self._number, profile_id, line))
        self._number += 1
        if len(self._rows) >= _LINES:
            self.finish()

    def finish(self) -> None:
        with connection.cursor() as cursor:
            table = "segments_audiencefileline (file_id, number, profile_id, line)"
            with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                for row in self._rows:
                    copy.write_row(row)
        self._rows.clear()


def _take_out_erased(file: AudienceFile) -> int:
    """Delete the lines of people who were erased while the file was made; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM segments_audiencefileline l
               WHERE l.file_id = %s AND l.profile_id IS NOT NULL AND NOT EXISTS (
                   SELECT FROM profiles_profile p WHERE p.id = l.profile_id)""",
            [file.pk],
        )
        return int(cursor.rowcount)


# --- downloading, and the end --------------------------------------------------------------------


def read_lines(file: AudienceFile) -> Iterator[bytes]:
    """Yield a file's lines, some thousands at a time. Each piece is read anew, so that nobody who
    is erased meanwhile is in what follows."""
    last = -1
    while True:
        lines = AudienceFileLine.objects.filter(file=file, number__gt=last).order_by("number")
        rows = list(lines.values_list("number", "line")[:_LINES])
        if not rows:
            return
        last = rows[-1][0]
        yield "".join(f"{line}\r\n" for _number, line in rows).encode()


def expire_files(at: datetime) -> int:
    """Delete the lines of files that are older than KEPT; return how many files that were."""
    rows = AudienceFile.objects.filter(state=AudienceFileState.READY, finished__lte=at - KEPT)
    expired = 0
    for file_id in rows.values_list("pk", flat=True):
        with transaction.atomic():
            AudienceFileLine.objects.filter(file=file_id).delete()
            expired += rows.filter(pk=file_id).update(state=AudienceFileState.EXPIRED)
    return expired
