"""Beat's scheduler, which keeps its intervals when the clock jumps."""

from __future__ import annotations

from typing import Any

from celery.beat import PersistentScheduler

from segmenter.kernel.clock import elapsed

JUMP = 1.0
"""Least difference (seconds) between the clock and elapsed time that counts as a jump."""


class SteadyScheduler(PersistentScheduler):
    """Restarts its intervals when the clock has jumped; Celery's own scheduler would wait.

    The stored times of an earlier run may be in the future, too.
    """

    _offset: float | None = None

    def tick(self, *arguments: Any, **keywords: Any) -> float:
        offset = self.app.now().timestamp() - elapsed()
        if self._offset is None or abs(offset - self._offset) > JUMP:
            self._offset = offset
            self.count_anew()
        return super().tick(*arguments, **keywords)

    def count_anew(self) -> None:
        """Set last runs in the future to now, and rebuild the queue."""
        for entry in self.schedule.values():
            present = entry.default_now()
            if entry.last_run_at is not None and entry.last_run_at > present:
                entry.last_run_at = present
        self._heap = None
