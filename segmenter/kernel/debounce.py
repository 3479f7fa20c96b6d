"""Waking workers without flooding them: many commits in a moment need one message, not many."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from celery import Task

GAP = 0.1
"""Seconds between two messages of one process for one account."""


class Waker:
    """Sends at most one message each GAP for an account, and never one too few.

    A commit is covered by a message that is sent after it: while one is on its way that will only
    be taken up later, no other is needed.
    """

    def __init__(
        self, send: Callable[[int, float], object], elapsed: Callable[[], float], gap: float = GAP
    ) -> None:
        """`send(account_id, seconds)` sends a message that is taken up after so many seconds;
        `elapsed()` are seconds since whenever."""
        self._send, self._elapsed, self._gap = send, elapsed, gap
        self._taken_up: dict[int, float] = {}
        """When the last message of each account is taken up."""
        self._lock = Lock()

    def wake(self, account_id: int) -> None:
        """Have the account's changes that are committed by now followed."""
        with self._lock:
            present = self._elapsed()
            last = self._taken_up.get(account_id, -self._gap)
            if present < last:
                return
            due = max(present, last + self._gap)
            self._taken_up[account_id] = due
        self._send(account_id, due - present)


def debounce(task: Task[Any, Any], elapsed: Callable[[], float]) -> Callable[[int], None]:
    """Return a function that has a task, which takes an account's or another id, run soon.

    Without workers it does nothing and the rows wait for a sweep: a bulk import in a lone command
    would only be slowed down.
    """

    def send(id_: int, seconds: float) -> None:
        if seconds:
            task.apply_async((id_,), countdown=seconds)
        else:
            task.delay(id_)

    waker = Waker(send, elapsed)

    def wake(id_: int) -> None:
        if not task.app.conf.task_always_eager:
            waker.wake(id_)

    return wake
