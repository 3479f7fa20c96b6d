"""The oracle's windows against the golden table."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from .golden_windows import ROWS, UTC, Filter
from .windows import holds
from .world import instant


@pytest.mark.parametrize(("zone", "at", "filter_", "moment", "inside"), ROWS)
def test_golden_window(zone: str, at: str, filter_: Filter, moment: str, inside: bool) -> None:
    assert holds(instant(moment), filter_, instant(at), ZoneInfo(zone)) is inside


def test_all_time_holds_for_every_instant() -> None:
    moment = instant("1600-01-01T00:00Z")
    assert holds(moment, {"operator": "alltime"}, instant("2026-01-01T00:00Z"), ZoneInfo(UTC))
