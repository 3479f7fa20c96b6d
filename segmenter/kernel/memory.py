"""Memory for arrays: how the C library of Linux (glibc) hands it out and keeps what is freed.

As it comes, it takes arrays of 128 kB and more from the system each time anew, gives freed memory
back at once, and keeps a store of its own for each thread. Every page is then cleared again at
every keystroke, and several threads hold more than they use. The settings are those of mallopt(3).
"""

from __future__ import annotations

import ctypes
from typing import Final

_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
ARRAY: Final = 32 << 20
"""Bytes (the most that glibc takes): larger arrays are rare, and come as large pages."""
KEPT: Final = 256 << 20
"""Bytes of freed memory that a process keeps."""


def keep_freed() -> None:
    """Have this process use freed memory again; does nothing under other C libraries."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, ARRAY)
        mallopt(_TRIM_THRESHOLD, KEPT)
