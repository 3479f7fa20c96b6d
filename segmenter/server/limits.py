"""How long, how slow and how much: the limits of one web process."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes; all of them are of one process."""

    slow_seconds: float = 20.0
    """In which a head must have come, and in each of which a body or an answer must advance."""
    slow_bytes: int = 100_000
    """By how much a body or an answer must advance meanwhile, unless less was left."""
    idle_seconds: float = 75.0
    """How long a connection stays open between two requests; longer than most proxies keep one."""
    linger_seconds: float = 10.0
    """How long the rest of a refused body is read and dropped, so that its sender sees why."""
    head_bytes: int = 65_536
    """A request line and headers; a filter of 20,000 characters has up to 60,000 as a query."""
    memory_bytes: int = 524_288
    """What is longer, of a body or an answer, waits in a temporary file."""
    body_bytes: int = 5_000_000
    """A body may have so many without being asked for; more after the application agreed."""
    bodies_bytes: int = 256_000_000
    """All unfinished bodies of that kind together; beyond it the slowest are cut off."""
    large_bodies: int = 4
    """Larger bodies at once."""
    long_threads: int = 2
    """Threads for large bodies and for answers whose length is not known in advance."""
    long_answers: int = 8
    """Such answers at once, being made or being read; the next is told to come again."""
    answer_bytes: int = 256_000_000
    """So much of an answer waits for its reader; then its thread waits, too."""
    retry_seconds: int = 30
    """When to come again."""
    connections: int = 1_000
    """Connections at once; for one more, the one that has been unfinished for longest goes."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """Return the limits with the time that SEGMENTER_SLOW_SECONDS names."""
        seconds = float(environment.get("SEGMENTER_SLOW_SECONDS") or cls.slow_seconds)
        if not seconds > 0:
            raise ValueError("SEGMENTER_SLOW_SECONDS must be more than 0.")
        return cls(
            slow_seconds=seconds,
            slow_bytes=int(cls.slow_bytes * seconds / cls.slow_seconds),
            connections=min(cls.connections, _descriptors() // 3),
        )


_DESCRIPTORS = 4_096


def _descriptors() -> int:
    """Allow this process as many open files as it needs and may have; return how many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
