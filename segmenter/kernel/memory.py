"""Memory for arrays: settings of the allocator of Linux (glibc), see mallopt(3).

By default, glibc gets arrays of 128 kB and more from the system each time, returns freed memory at
once, and has an arena for each thread. Then every evaluation clears all pages again, and several
threads use more memory than they need.
"""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
ARRAY: Final = 32 << 20
"""Bytes (glibc's maximum): larger arrays are rare, and use huge pages."""
KEEP_BYTES: Final = 256 << 20
"""Bytes of freed memory that a process keeps for itself."""


def keep_freed() -> None:
    """Make this process reuse freed memory; no effect with other C libraries."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, ARRAY)
        mallopt(_TRIM_THRESHOLD, KEEP_BYTES)
