"""Which text is a date, and which instant it names."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from .windows import read_date

UTC, STO, KTM, SAO = "UTC", "Europe/Stockholm", "Asia/Kathmandu", "America/Sao_Paulo"


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-01", UTC, "2026-03-01T00:00Z"),
        ("2026-03-01", STO, "2026-02-28T23:00Z"),
        ("2026-03-01 14:00:00", STO, "2026-03-01T13:00Z"),
        ("2026-03-01T14:00", KTM, "2026-03-01T08:15Z"),
        ("2026-03-01T14:00:00Z", STO, "2026-03-01T14:00Z"),
        ("2026-03-01 14:00:00.5-05:00", STO, "2026-03-01T19:00:00.5Z"),
        ("2026-03-01T14:00+05:45", UTC, "2026-03-01T08:15Z"),
        ("2018-11-04", SAO, "2018-11-04T03:00Z"),
        ("2018-11-04 00:30", SAO, "2018-11-04T03:30Z"),
        ("2026-10-25T02:30", STO, "2026-10-25T00:30Z"),
        ("2024-02-29", UTC, "2024-02-29T00:00Z"),
    ],
)
def test_text_that_is_a_date(text: str, zone: str, expected: str) -> None:
    stamp = read_date(text, ZoneInfo(zone))
    assert stamp is not None
    assert stamp.instant == datetime.fromisoformat(expected)


@pytest.mark.parametrize(
    "text",
    [
        "", "2026", "2026-03", "20260301", "2026-3-1", "01/03/2026", "2026-02-29", "2026-13-01",
        "2026-03-01T25:00", "2026-03-01T14", "2026-03-01Z", " 2026-03-01", "2026-03-01\n",
        "2026-03-01T14:00+0100", "2026-W09-7", "yesterday", "2026-03-01T14:00:00.",
        "2026-03-01T14:60", "2026-03-01T14:00+25:00", "1772323200",
    ],
)  # fmt: skip
def test_text_that_is_no_date(text: str) -> None:
    assert read_date(text, ZoneInfo(UTC)) is None
