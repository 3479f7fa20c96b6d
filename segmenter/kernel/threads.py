"""Runs tasks in two threads: NumPy and Arrow release the GIL while they process large arrays.

A call uses at most one helper thread. There are at most as many helpers as other cores.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Thread
from typing import TypeVar

T = TypeVar("T")

_idle = BoundedSemaphore(max(1, (os.cpu_count() or 1) - 1))


def run_together(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """The result of each task, in order; run by this thread, and by a helper if one is idle.

    Tasks must not use the database: connections belong to threads. The first error is raised after
    all running tasks have ended; tasks that have not started are dropped.
    """
    waiting = deque(enumerate(tasks))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def do_next() -> None:
        try:
            place, task = waiting.popleft()
        except IndexError:
            return  # the other thread was first
        try:
            results[place] = task()
        except BaseException as error:
            errors.append(error)
            waiting.clear()

    def help_out() -> None:
        try:
            while waiting:
                do_next()
        finally:
            _idle.release()

    helper: Thread | None = None
    while waiting:
        if helper is None and len(waiting) > 1 and _idle.acquire(blocking=False):
            helper = Thread(target=help_out, daemon=True)
            helper.start()
        do_next()
    if helper is not None:
        helper.join()
    if errors:
        raise errors[0]
    return [results[place] for place in range(len(tasks))]
