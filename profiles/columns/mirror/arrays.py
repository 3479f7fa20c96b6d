"""Immutable files of arrays, named by a hash of their content and shared by processes.

A file is in Arrow's IPC format: one record batch of one row, in which each column is a list that
holds one array. Files are mapped into memory, not copied.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Array: TypeAlias = "npt.NDArray[Any] | pa.Array"
SUFFIX: Final = ".arrow"
_BLOCK = 1 << 22


class DamagedFile(Exception):
    """A file does not exist, or its content does not match its name."""


def write(folder: Path, arrays: Mapping[str, Array]) -> str:
    """Write arrays into a file of the folder and return its name; equal content gets one file."""
    columns = {name: _listed(array) for name, array in arrays.items()}
    batch = pa.RecordBatch.from_pydict(columns)
    unfinished = folder / f"{uuid4().hex}.part"
    try:
        with (
            pa.OSFile(os.fspath(unfinished), "wb") as sink,
            pa.ipc.new_file(sink, batch.schema) as writer,
        ):
            writer.write_batch(batch)
        name = _digest(unfinished) + SUFFIX
        unfinished.chmod(0o600)
        unfinished.rename(folder / name)
    finally:
        unfinished.unlink(missing_ok=True)
    return name


def verify(folder: Path, name: str) -> None:
    """Compare a file's content with its name: damage of the disk must not go into columns.

    Raises Damaged.
    """
    try:
        intact = _digest(folder / name) + SUFFIX == name
    except OSError as error:
        raise DamagedFile(f"{name}: {error}") from error
    if not intact:
        raise DamagedFile(f"{name} does not hold what its name says.")


def read(folder: Path, name: str) -> dict[str, pa.Array]:
    """Map a file and return its arrays. Raises Damaged."""
    try:
        batch = pa.ipc.open_file(pa.memory_map(os.fspath(folder / name))).get_batch(0)
    except (OSError, pa.ArrowInvalid) as error:
        raise DamagedFile(f"{name}: {error}") from error
    return {field: batch.column(field).values for field in batch.schema.names}


def numbers(array: pa.Array) -> npt.NDArray[Any]:
    """An Arrow array of numbers as a NumPy array, without a copy; not to be written into."""
    return array.to_numpy(zero_copy_only=True)


def _listed(array: Array) -> pa.LargeListArray:
    values = pa.array(array) if isinstance(array, np.ndarray) else array
    return pa.LargeListArray.from_arrays(pa.array([0, len(values)], pa.int64()), values)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        block = bytearray(_BLOCK)
        view = memoryview(block)
        while size := file.readinto(block):
            digest.update(view[:size])
    return digest.hexdigest()[:40]
