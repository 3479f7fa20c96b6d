"""Restarts services that end by themselves: the first time at once, then after growing pauses.

Knows no service; callers pass functions.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CRASH_SECONDS = 60.0
"""Older crashes do not count."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the second restart within CRASH_SECONDS, doubled each time; and the longest."""


@dataclass
class WatchedService:
    """A service that should run."""

    name: str
    ended: Callable[[], str]
    """Returns how it ended, or "" while it runs."""
    start: Callable[[], None]
    crashes: deque[float] = field(default_factory=deque)
    due: float | None = None
    """When to restart it, on the monotonic clock; None while it runs."""

    def pause(self, now: float) -> float:
        """Record a crash; return the seconds to wait before the restart."""
        while self.crashes and now - self.crashes[0] > CRASH_SECONDS:
            self.crashes.popleft()
        self.crashes.append(now)
        more = len(self.crashes) - 2
        return 0.0 if more < 0 else min(FIRST_PAUSE * 2.0**more, LONGEST_PAUSE)


def restart_ended(
    services: Sequence[WatchedService], tell: Callable[[WatchedService, str, float], None]
) -> None:
    """Check each service once, in order, and restart those that ended and whose pause is over.

    `tell` is called once for an end, with its reason and the seconds until the restart.
    """
    for service in services:
        now = time.monotonic()
        if service.due is None:
            reason = service.ended()
            if not reason:
                continue
            pause = service.pause(now)
            service.due = now + pause
            tell(service, reason, pause)
        if service.due <= now:
            service.start()
            service.due = None
