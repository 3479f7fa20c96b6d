"""What the machine itself can do: how fast one core reads memory, and whether it is free."""

from __future__ import annotations

import os
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import numpy as np

from bench.ten_segments import READS, Read

BYTES = 512_000_000
_TURNS = 5
_STAT = Path("/proc/stat")
_AT_REST = slice(3, 5)
"""The columns of time in which a core waits, for work or for a disk."""


def busy_cores(seconds: float = 2.0) -> float:
    """Cores that other processes use, while this process waits for `seconds`."""
    if not _STAT.exists():
        return os.getloadavg()[0]
    before = _ticks()
    sleep(seconds)
    return (_ticks() - before) / os.sysconf("SC_CLK_TCK") / seconds


def _ticks() -> int:
    """What all cores together have worked since the machine was started."""
    times = [int(word) for word in _STAT.read_text().split("\n", 1)[0].split()[1:9]]
    return sum(times) - sum(times[_AT_REST])


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
    return 1000 * sum(rows[each] * each.bytes_each for each in READS[name]) / speed
