"""What all tests of kinds have: waits that are counted and not waited."""

from __future__ import annotations

import pytest

from segments.destinations import email_service


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits between requests, which take no time here."""
    seconds: list[float] = []
    monkeypatch.setattr(email_service.time, "sleep", seconds.append)
    return seconds
