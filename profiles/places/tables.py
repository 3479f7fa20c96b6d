"""The shipped tables: their folder, reading them, the unit of their coordinates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

DATA = Path(__file__).parent.parent / "data"
"""Made by its rebuild.py; README.md there states origins and licences."""

SCALE = 10_000
"""Degrees are stored as whole ten-thousandths, about 11 m."""


def read(name: str, group: int | None = None) -> pa.Table:
    """Return a table, or one of its row groups, with one chunk a column."""
    # Not pq.read_table: it loads Arrow's dataset modules, which take 2 s and 60 MB.
    file = pq.ParquetFile(DATA / name)
    rows = file.read(use_threads=False) if group is None else file.read_row_group(group)
    rows = rows.combine_chunks()
    pa.default_memory_pool().release_unused()
    return rows


def integers(rows: pa.Table, column: str) -> npt.NDArray[np.int32]:
    """Return an int32 column without nulls, without a copy."""
    # Not Arrow's to_numpy, which first loads pandas: 1.6 s and 60 MB.
    return np.asarray(np.from_dlpack(rows[column].chunk(0)), dtype=np.int32)
