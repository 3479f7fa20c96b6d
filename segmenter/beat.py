"""Beat's scheduler: what is due every few seconds stays so when a clock jumps."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from segmenter.kernel.clock import elapsed

JUMP = 1.0
"""Seconds by which the clock must have gone otherwise than the time that has passed."""


class SteadyScheduler(PersistentScheduler):
    """Counts anew from now when the clock has jumped: Celery's own waits until it is there again.

    What was kept of an earlier run may lie in the future as well.
    """

    _offset: float | None = None

    def tick(self, *arguments: Any, **named: Any) -> float:
        offset = self.app.now().timestamp() - elapsed()
        if self._offset is None or abs(offset - self._offset) > JUMP:
            self._offset = offset
            self.count_anew()
        return super().tick(*arguments, **named)

    def count_anew(self) -> None:
        """Take what was last sent in the future for sent now, and order all by when it is due."""
        for entry in self.schedule.values():
            present = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > present:
                entry.last_run_at = present
        self._heap = None
