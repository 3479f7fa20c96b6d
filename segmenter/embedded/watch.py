"""Starts again what ends by itself: at once the first time, after growing pauses if it goes on.

Knows neither what it watches nor how that is started.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

CRASH_SECONDS = 60.0
"""Crashes that lie further back than this no longer count."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before the second start within CRASH_SECONDS, doubled for each after it; and the most."""


@dataclass
class Watched:
    """Something that should run."""

    name: str
    ended: Callable[[], str]
    """How it ended, or an empty text while it runs."""
    start: Callable[[], None]
    crashes: deque[float] = field(default_factory=deque)
    due: float | None = None
    """When it is to be started again, on the monotonic clock; None while it runs."""

    def pause(self, now: float) -> float:
        """Note a crash; return the seconds to wait before it is started again."""
        while self.crashes and now - self.crashes[0] > CRASH_SECONDS:
            self.crashes.popleft()
        self.crashes.append(now)
        more = len(self.crashes) - 2
        return 0.0 if more < 0 else min(FIRST_PAUSE * 2.0**more, LONGEST_PAUSE)


def look(watched: Sequence[Watched], tell: Callable[[Watched, str, float], None]) -> None:
    """Look once at each, in order, and start what has ended and whose pause is over.

    `tell` is called once for an end, with how it ended and the seconds until the next start.
    """
    for one in watched:
        now = time.monotonic()
        if one.due is None:
            how = one.ended()
            if not how:
                continue
            pause = one.pause(now)
            one.due = now + pause
            tell(one, how, pause)
        if one.due <= now:
            one.start()
            one.due = None
