"""What the machine itself can do: how fast one core reads memory."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import numpy as np

from bench.ten_segments import READS, Read

BYTES = 512_000_000
_TURNS = 5


def bandwidth() -> float:
    """Bytes a second of a plain NumPy scan (the sum of int64) over memory that no cache holds."""
    numbers = np.ones(BYTES // 8, dtype=np.int64)
    times = []
    for _ in range(_TURNS):
        started = perf_counter()
        numbers.sum()
        times.append(perf_counter() - started)
    return BYTES / median(times)


def least_milliseconds(name: str, rows: dict[Read, int], speed: float) -> float:
    """How long it takes to read once, at that speed, what a segment cannot be counted without.

    `rows` says how many rows each reading has.
    """
    return 1000 * sum(rows[read] * read.bytes_each for read in READS[name]) / speed
