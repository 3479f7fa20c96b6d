"""Advisory file locks that end with the process that holds them, however it ends.

A server inherits the locked descriptor, so "is it running?" is answered by the lock and never by a
process number that something else may bear by now.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from segmenter.embedded import ServiceError


def open_lock(path: Path) -> int:
    """Return a descriptor of the lock file, not locked yet and not inherited."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ServiceError(f"{path} cannot be opened ({error.strerror}).") from error


def take(descriptor: int, *, shared: bool = False) -> None:
    """Wait until the lock is ours."""
    fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def try_take(descriptor: int, *, shared: bool = False) -> bool:
    """Return whether the lock became ours at once. A shared lock held before is lost if not."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_hold(path: Path) -> int | None:
    """Return a descriptor that holds the lock alone, or None when someone else does."""
    descriptor = open_lock(path)
    if try_take(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def is_held(path: Path) -> bool:
    """Return whether someone holds the lock alone. Only under a lock that makes takers wait."""
    descriptor = try_hold(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def wait_until_free(path: Path, seconds: float) -> bool:
    """Return whether nobody holds the lock any more within that time."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while is_held(path):
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    return True


def end_holder(
    path: Path, pid_of: Callable[[], int | None], signals: Mapping[signal.Signals, float]
) -> None:
    """Send the process that holds the lock one signal after the other until the lock is free.

    `signals` says how many seconds each has; `pid_of` looks the process up before each.
    """
    for number, seconds in signals.items():
        if not is_held(path):
            break
        pid = pid_of()
        if pid is not None:
            os.kill(pid, number)
        if wait_until_free(path, seconds):
            break


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold the lock alone, after waiting for it."""
    descriptor = open_lock(path)
    try:
        take(descriptor)
        yield
    finally:
        os.close(descriptor)


def lives(pid: int) -> bool:
    """Return whether any process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
