"""Where mirrors lie on this machine, which of them hold, and opening them.

A folder has a name of its own that lies in it. A mirror's row speaks of one folder and of one
database: after a loss of either it is of no use, and whoever finds that deletes the row.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock

from cachetools import FIFOCache
from django.conf import settings
from django.db import connection

from profiles.columns.mirror.arrays import Damaged, verify
from profiles.columns.mirror.mirror import MappedMirror
from profiles.models import Mirror as MirrorRow
from segmenter.kernel.keys import new_key

_NAME = "HOME"
_DATABASE = (
    "(SELECT system_identifier || '-' || timeline_id || '-' || pg_database.oid"
    " FROM pg_control_system(), pg_control_checkpoint(), pg_database"
    " WHERE datname = current_database())"
)

log = logging.getLogger(__name__)


def folder_of(database: str, account_id: int) -> Path:
    """The folder of an account's files; it need not exist."""
    return _folder() / database / str(account_id)


def home(*, make: bool = False) -> str:
    """The name of this machine's folder; empty if there is none and it is not to be made."""
    path = _folder() / _NAME
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        if not make:
            return ""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{new_key()}{new_key()}{new_key()}"
    written = path.with_name(f"{_NAME}-{name}")
    written.write_text(name)
    try:
        path.hardlink_to(written)  # of several who come at once, one; and never half of a name
    except FileExistsError:
        return home()
    finally:
        written.unlink()
    return name


def database() -> str:
    """Which database this is: another after a restore or a failover."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DATABASE}")
        found: str = cursor.fetchone()[0]
        return found


def current(account_id: int) -> int | None:
    """The id of the account's mirror on this machine, of this database; None if it has none."""
    name = home()
    if not name:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM profiles_mirror WHERE account_id = %s AND home = %s"
            f" AND database = {_DATABASE}",
            [account_id, name],
        )
        row = cursor.fetchone()
        return row[0] if row else None


def opened(mirror_id: int) -> MappedMirror:
    """Open a mirror, after a look at every file that this process has not seen yet.

    Raises Damaged if one is not whole; then there is no such mirror any more.
    """
    row = MirrorRow.objects.filter(pk=mirror_id).first()
    if row is None:
        raise Damaged("The mirror has just been replaced.")
    folder = folder_of(row.database, row.account_id)
    files = {tuple(each["key"]): each["file"] for each in row.files}
    try:
        for name in files.values():
            _look_at(folder, name)
        return MappedMirror(row.account_id, folder, files, row.snapshot)
    except Damaged as error:
        if MirrorRow.objects.filter(pk=mirror_id).delete()[0]:
            log.warning("the mirror of account %s is made anew: %s", row.account_id, error)
        raise


_MOST_SEEN = 100_000
_seen: FIFOCache[tuple[str, int], None] = FIFOCache(_MOST_SEEN)
_lock = Lock()


def _look_at(folder: Path, name: str) -> None:
    """Verify a file, once a process. Raises Damaged."""
    try:
        seen = (name, (folder / name).stat().st_ino)
    except OSError as error:
        raise Damaged(f"{name}: {error}") from error
    if seen in _seen:
        return
    verify(folder, name)
    with _lock:
        _seen[seen] = None


def _folder() -> Path:
    return Path(os.fspath(settings.SEGMENTER_MIRROR))
