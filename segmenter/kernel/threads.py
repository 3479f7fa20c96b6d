"""Work shared by two threads: NumPy and Arrow leave Python's lock while they go over large arrays.

There are as many helpers at a time as cores besides the caller's, and one for each piece of work.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore, Thread
from typing import TypeVar

T = TypeVar("T")

_idle = BoundedSemaphore(max(1, (os.cpu_count() or 1) - 1))


def together(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """What each task gives, in their order; done by this thread, and by another once one is idle.

    Tasks must not ask the database: its connections belong to threads. The first error of a task
    is raised when none is being done any more; those that had not begun are left.
    """
    waiting = deque(enumerate(tasks))
    given: dict[int, T] = {}
    errors: list[BaseException] = []

    def do_next() -> None:
        try:
            place, task = waiting.popleft()
        except IndexError:
            return  # the other thread has just taken the last one
        try:
            given[place] = task()
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
    return [given[place] for place in range(len(tasks))]
