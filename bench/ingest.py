"""How many events a second are stored: `.venv/bin/python -m bench ingest`.

Batches of 10,000 events through `ingest_events`, each committed to disk, with three properties
an event; and `manage.py import_events` on a file like the CDNOW log (70,000 rows, 23,500 people).
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from django.core.management import call_command

from profiles.ingest.store import ingest_events
from profiles.models import Event
from segmenter.accounts.models import create_account

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BATCH = 10_000
KNOWN = 5_000
ROWS, CUSTOMERS = 70_000, 23_500


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit). `people` is no matter here: the files are of one size."""
    account = create_account(slug="bench")
    dice = random.Random(1)

    def rate(whose: Callable[[int], int], first: int) -> float:
        batches = [
            [_event(dice, whose(n), n) for n in range(first + i * BATCH, first + (i + 1) * BATCH)]
            for i in range(3)
        ]
        return BATCH / median(_seconds(account, batch, new=BATCH) for batch in batches)

    new = rate(lambda n: n, 0)
    yield "ingest_events, everyone new", new, "events/s"
    yield "ingest_events, people known", rate(lambda n: n % KNOWN, 3 * BATCH), "events/s"
    again = [_event(dice, n, n) for n in range(BATCH)]
    yield "ingest_events, the same again", BATCH / _seconds(account, again, new=0), "events/s"
    yield "import_events, CSV like the CDNOW log", ROWS / _import_seconds(dice), "events/s"


def _event(dice: random.Random, person: int, unique_id: int) -> dict[str, Any]:
    item = int(500 * dice.random() ** 3)
    return {
        "metric": ("Placed Order", "Viewed Product", "Visited Site")[dice.randrange(3)],
        "time": (NOW - timedelta(seconds=dice.randrange(63_000_000))).isoformat(),
        "value": round(dice.expovariate(1 / 40), 2),
        "unique_id": str(unique_id),
        "properties": {"Name": f"Item {item}", "Price": item / 10, "Gift": dice.random() < 0.1},
        "profile": {"external_id": f"c{person}"},
    }


def _seconds(account: Any, batch: list[dict[str, Any]], *, new: int) -> float:
    started = perf_counter()
    outcome = ingest_events(account=account, records=batch, at=NOW)
    duration = perf_counter() - started
    if outcome.accepted != new and new:
        raise AssertionError(f"{outcome.accepted} of {new} events were stored")
    return duration


def _import_seconds(dice: random.Random) -> float:
    with tempfile.TemporaryDirectory(prefix="segmenter-bench-") as folder:
        file = Path(folder, "orders.csv")
        with file.open("w") as rows:
            rows.write("customer,date,quantity,amount\n")
            for row in range(ROWS):
                customer = row if row < CUSTOMERS else int(CUSTOMERS * dice.random() ** 2)
                day = datetime(1997, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(545))
                amount = dice.expovariate(1 / 36)
                rows.write(f"{customer + 1:05},{day:%Y%m%d},{dice.randint(1, 5)},{amount:.2f}\n")
        arguments = ["--account", "bench-import", "--metric", "Placed Order"]
        for mapped in ("external_id=customer", "time=date", "value=amount"):
            arguments += ["--map", mapped]
        arguments += ["--map", "properties.Quantity=quantity", "--time-format", "%Y%m%d"]
        started = perf_counter()
        call_command("import_events", str(file), *arguments, stdout=StringIO(), stderr=StringIO())
        duration = perf_counter() - started
    count = Event.objects.filter(account__slug="bench-import").count()
    if count != ROWS:
        raise AssertionError(f"{count} of {ROWS} rows were stored")
    return duration
