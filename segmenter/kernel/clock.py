"""The only place that asks what time it is. Everything below a view or a task is given `at`."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, aware, in UTC."""
    return datetime.now(UTC)


def elapsed() -> float:
    """Return seconds since whenever, which never go back: for measuring how long things take."""
    return time.monotonic()
