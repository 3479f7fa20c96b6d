"""Advisory file locks, which the system releases when their process ends.

A server inherits the locked descriptor, so that the lock shows whether it runs. A process id does
not: another process may have it by now.
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
    """Return a descriptor of the lock file, unlocked and not inheritable."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ServiceError(f"{path} cannot be opened ({error.strerror}).") from error


def acquire(descriptor: int, *, shared: bool = False) -> None:
    """Wait for the lock."""
    fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)


def try_acquire(descriptor: int, *, shared: bool = False) -> bool:
    """Try to get the lock without waiting. On failure a shared lock of ours is lost."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_lock(path: Path) -> int | None:
    """Return a descriptor with an exclusive lock, or None if another process has one."""
    descriptor = open_lock(path)
    if try_acquire(descriptor):
        return descriptor
    os.close(descriptor)
    return None


def is_locked(path: Path) -> bool:
    """Whether a process has an exclusive lock. The caller must exclude new lockers otherwise."""
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def wait_until_free(path: Path, seconds: float) -> bool:
    """Wait until nobody has an exclusive lock; return False after `seconds`."""
    deadline = time.monotonic() + seconds
    pause = 0.002
    while is_locked(path):
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
        if not is_locked(path):
            break
        pid = pid_of()
        if pid is not None:
            os.kill(pid, number)
        if wait_until_free(path, seconds):
            break


@contextmanager
def locked_file(path: Path) -> Iterator[None]:
    """Wait for an exclusive lock, and release it after the block."""
    descriptor = open_lock(path)
    try:
        acquire(descriptor)
        yield
    finally:
        os.close(descriptor)


def lives(pid: int) -> bool:
    """Whether a process has this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
