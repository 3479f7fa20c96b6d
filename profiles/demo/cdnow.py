"""The CDNOW purchase log, real and public, as facts of the exchange format.

The file ships inside the installed lifetimes package, which is only located, never imported
(importing it takes seconds). A line is customer, date, number of CDs, dollars.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ACCOUNT_SLUG = "cdnow"
ACCOUNT_NAME = "CDNOW (real purchase log, 1997-1998)"
TIME_ZONE = "UTC"
LAST_DAY = date(1998, 6, 30)
"""The day of the log's last purchase."""


def people(*, ends: datetime, shift: bool = True) -> Iterator[dict[str, Any]]:
    """Yield the customers as profiles, created on the day of their first purchase.

    `ends` is an aware moment. With `shift`, all dates move by whole days so that the last purchase
    falls on the day (UTC) before the one that `ends` lies in. Raises FileNotFoundError without the
    log.
    """
    first: dict[str, date] = {}
    for customer, day, _, _ in _lines():
        if day < first.get(customer, LAST_DAY + timedelta(days=1)):
            first[customer] = day
    move = _move(ends) if shift else timedelta()
    for customer, day in first.items():
        yield {"external_id": customer, "created": _midnight(day + move)}


def events(*, ends: datetime, shift: bool = True) -> Iterator[dict[str, Any]]:
    """Yield the purchases as "Placed Order" events: value in dollars, property Quantity.

    Each line of the file is an order of its own, also where two are identical: `unique_id` holds
    the line's number. `ends` and `shift` as in `people`.
    """
    move = _move(ends) if shift else timedelta()
    for number, (customer, day, quantity, dollars) in enumerate(_lines(), start=1):
        yield {
            "metric": "Placed Order",
            "time": _midnight(day + move),
            "value": dollars,
            "unique_id": f"cdnow-{number}",
            "properties": {"Quantity": quantity},
            "profile": {"external_id": customer},
        }


def _lines() -> Iterator[tuple[str, date, int, float]]:
    with _log().open(encoding="ascii") as log:
        next(log)  # The header.
        for line in log:
            customer, day, quantity, dollars = line.split()
            yield (
                customer,
                date(int(day[:4]), int(day[4:6]), int(day[6:])),
                int(quantity),
                float(dollars),
            )


def _log() -> Path:
    package = find_spec("lifetimes")
    if package is None or package.origin is None:
        raise FileNotFoundError("The lifetimes package, which holds the CDNOW log, is missing.")
    return Path(package.origin).parent / "datasets" / "CDNOW_master.txt"


def _move(ends: datetime) -> timedelta:
    return ends.astimezone(UTC).date() - timedelta(days=1) - LAST_DAY


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00+00:00"
