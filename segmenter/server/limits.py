"""The limits of one web process: times, rates and sizes."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Times in seconds, sizes in bytes; all of them are of one process."""

    slow_seconds: float = 20.0
    """Time limit of a head, and the interval in which a body or an answer must advance."""
    slow_bytes: int = 100_000
    """Least progress of a body or an answer in that interval, unless less is left."""
    idle_seconds: float = 75.0
    """How long a connection stays open between requests; longer than most proxies keep one."""
    linger_seconds: float = 10.0
    """How long the rest of a rejected body is read and dropped, so that its sender sees why."""
    head_bytes: int = 65_536
    """A request line and headers; a filter of 20,000 characters has up to 60,000 as a query."""
    memory_bytes: int = 524_288
    """Longer bodies and answers are buffered in a temporary file."""
    body_bytes: int = 5_000_000
    """A larger body needs the application's permission."""
    bodies_bytes: int = 256_000_000
    """All unfinished smaller bodies together; above it the slowest are cut."""
    large_bodies: int = 4
    """Concurrent larger bodies."""
    long_threads: int = 2
    """Threads for large bodies and for answers of unknown length."""
    long_answers: int = 8
    """Concurrent answers of unknown length; one more gets a 503."""
    answer_bytes: int = 256_000_000
    """Most buffered bytes of an answer; then its thread waits."""
    retry_seconds: int = 30
    """Retry-After of a 503."""
    connections: int = 1_000
    """Concurrent connections; for one more, the one that waits for its client longest is cut."""

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
    """Raise this process's limit of open files to what it needs, if allowed; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    target = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft == resource.RLIM_INFINITY or soft >= target:
        return _DESCRIPTORS
    resource.setrlimit(resource.RLIMIT_NOFILE, (target, hard))
    return target
