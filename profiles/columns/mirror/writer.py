"""Writes a mirror's files, and replaces the old mirror.

The row that lists the files is written last. A process that dies before leaves files that no row
lists; the next one deletes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db import connection, transaction

from profiles.columns.column import Column
from profiles.columns.events import Tally
from profiles.columns.mirror import location
from profiles.columns.mirror.arrays import Array, write
from profiles.columns.mirror.codec import to_arrays
from profiles.columns.mirror.mirror import Key
from profiles.models import Metric, Mirror
from segmenter.accounts.models import Account
from segmenter.kernel.clock import elapsed

Ints = npt.NDArray[np.int64]
_MIRRORED = 7_305_003
"""First key of the advisory lock for writing an account's mirror."""


@contextlib.contextmanager
def writer_lock(account_id: int) -> Iterator[bool]:
    """Lock the account's mirror for writing; False if another process holds the lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_MIRRORED, account_id])
        locked = cursor.fetchone()[0]
        try:
            yield locked
        finally:
            if locked:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_MIRRORED, account_id])


@dataclass
class Files:
    """The files of a mirror that is being written."""

    folder: Path
    rows: list[dict[str, Any]] = field(default_factory=list)
    people: int = 0
    events: int = 0

    def put(self, key: Key, arrays: Mapping[str, Array]) -> None:
        name = write(self.folder, arrays)
        self.keep(key, name)

    def keep(self, key: Key, name: str) -> None:
        """List an existing file."""
        size = (self.folder / name).stat().st_size
        self.rows.append({"key": list(key), "file": name, "bytes": size})

    def column(self, key: Key, column: Column) -> None:
        """Write a column, unless nothing is set in it."""
        if column.is_set.any():
            self.put(key, to_arrays(column))

    def metric(
        self,
        metric: Metric,
        n: int,
        *,
        profiles: npt.NDArray[np.int32],
        times: Ints,
        values: npt.NDArray[np.float64],
        ids: Ints,
    ) -> None:
        """Write the events of a metric, which must be in the order of their times."""
        self.put(
            ("events", metric.key),
            {
                "profiles": profiles,
                "times": times,
                "values": values,
                "ids": ids,
                "metric": np.array([metric.pk]),
            },
        )
        bounds = np.concatenate([[0], np.cumsum(np.bincount(profiles, minlength=n))])
        rows = np.argsort(profiles, kind="stable")
        self.put(
            ("by person", metric.key),
            {"rows": rows.astype(np.int32), "bounds": bounds.astype(np.int64)},
        )
        self.put(("tally", metric.key), {"counts": Tally.of(profiles, n).reshape(-1)})
        self.events += len(times)


def replace(account: Account, snapshot: str, at: datetime, fill: Callable[[Files], None]) -> Mirror:
    """Write files and replace the present mirror by them; old files are deleted."""
    started = elapsed()
    database = location.database()
    folder = location.folder_of(database, account.pk)
    name = location.home(make=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Files(folder)
    fill(files)
    with transaction.atomic():
        # A new row instead of a changed one: readers know by its id which mirror they have open.
        Mirror.objects.filter(account=account, home=name).delete()
        mirror = Mirror.objects.create(
            account=account,
            home=name,
            database=database,
            snapshot=snapshot,
            files=files.rows,
            people=files.people,
            events=files.events,
            taken=at,
            seconds=elapsed() - started,
        )
    tidy(folder, {row["file"] for row in files.rows})
    return mirror


def tidy(folder: Path, listed: set[str]) -> None:
    """Delete files of a folder that are not listed; processes that mapped them can read on."""
    for path in folder.iterdir():
        if path.name not in listed:
            path.unlink(missing_ok=True)
