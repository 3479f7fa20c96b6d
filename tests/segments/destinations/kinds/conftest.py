"""What all tests of kinds have: waits that are counted and not waited."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between requests, which take no time here."""
    seconds: list[float] = []
    monkeypatch.setattr("segments.destinations.email_service.sleep", seconds.append)
    return seconds
