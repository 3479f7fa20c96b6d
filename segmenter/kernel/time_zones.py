"""The names of the time zones, as the machine or tzdata has them."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones


@cache
def time_zones() -> frozenset[str]:
    """Return the names; read once, since each reading walks through the zones' folders (20 ms)."""
    return frozenset(available_timezones())
