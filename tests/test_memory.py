"""Memory for arrays, as the process was set up by the app of people."""

from __future__ import annotations

import platform
import resource

import numpy as np
import pytest


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left alone")
def test_freed_memory_is_used_again() -> None:
    def pages() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(10):
            [np.ones(1 << 18) for _ in range(10)]  # 2 MB, 512 pages each
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    pages()
    assert pages() < 5_000
