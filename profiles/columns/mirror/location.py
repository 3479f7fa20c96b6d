"""Finds and opens the mirrors of this machine.

The folder of mirrors contains a file with its unique name (its "home"). A mirror's row names one
home and one database. If either is lost, the row is useless, and the process that notices deletes
it.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock

from cachetools import FIFOCache
from django.conf import settings
from django.db import connection

from profiles.columns.mirror.arrays import DamagedFile, verify
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
    """The name of this machine's folder; empty if there is none and `make` is False."""
    path = _folder() / _NAME
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        if not make:
            return ""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{new_key()}{new_key()}{new_key()}"
    draft = path.with_name(f"{_NAME}-{name}")
    draft.write_text(name)
    try:
        path.hardlink_to(draft)  # one of several processes wins, and nobody reads half a name
    except FileExistsError:
        return home()
    finally:
        draft.unlink()
    return name


def database() -> str:
    """The identity of this database; a restore or a failover changes it."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_DATABASE}")
        name: str = cursor.fetchone()[0]
        return name


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


def open_mirror(mirror_id: int) -> MappedMirror:
    """Open a mirror; files that this process has not verified yet are verified first.

    Raises DamagedFile if one is damaged, and deletes the mirror's row.
    """
    row = MirrorRow.objects.filter(pk=mirror_id).first()
    if row is None:
        raise DamagedFile("The mirror has just been replaced.")
    folder = folder_of(row.database, row.account_id)
    files = {tuple(each["key"]): each["file"] for each in row.files}
    try:
        for name in files.values():
            _verify_once(folder, name)
        return MappedMirror(row.account_id, folder, files, row.snapshot)
    except DamagedFile as error:
        if MirrorRow.objects.filter(pk=mirror_id).delete()[0]:
            log.warning("the mirror of account %s is made anew: %s", row.account_id, error)
        raise


_MOST_VERIFIED = 100_000
_verified: FIFOCache[tuple[str, int], None] = FIFOCache(_MOST_VERIFIED)
_lock = Lock()


def _verify_once(folder: Path, name: str) -> None:
    """Verify a file once in a process. Raises DamagedFile."""
    try:
        file = (name, (folder / name).stat().st_ino)
    except OSError as error:
        raise DamagedFile(f"{name}: {error}") from error
    if file in _verified:
        return
    verify(folder, name)
    with _lock:
        _verified[file] = None


def _folder() -> Path:
    return Path(os.fspath(settings.SEGMENTER_MIRROR))
