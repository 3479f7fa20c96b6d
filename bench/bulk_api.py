"""How long a bulk request of 1,000 events takes, and how much of that is not `ingest`.

`python -m bench.bulk_api`, on a database of its own that is gone afterwards. Prints one line of
JSON for each form of request: medians in milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import statistics
import time
from typing import Any

import django
from django.core.management import call_command
from django.test import Client

from tests.database import new_folder, throw_away_lease

EVENTS = 1_000
ROUNDS, WARM = 12, 2


def main() -> None:
    folder = new_folder("segmenter-bench-")
    try:
        with throw_away_lease(folder) as lease:
            os.environ.update(lease.environment())
            os.environ["DJANGO_SETTINGS_MODULE"] = "segmenter.settings"
            django.setup()
            call_command("migrate", verbosity=0)
            for events_each in (1, 10):
                print(json.dumps(measure(events_each)), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(events_each: int) -> dict[str, Any]:
    """Times of requests in which each person has so many events."""
    # These need the settings.
    from django.db import connection  # noqa: PLC0415

    from profiles.api import events as endpoint  # noqa: PLC0415
    from segmenter.accounts.models import create_account, create_api_key  # noqa: PLC0415

    account = create_account(slug=f"bench-{events_each}")
    secret = create_api_key(account=account, name="bench")[1]
    ingest, inside = endpoint.ingest_events, [0.0, 0.0]

    def timed(**arguments: Any) -> Any:
        wall, processor = time.perf_counter(), time.process_time()
        try:
            return ingest(**arguments)
        finally:
            inside[:] = time.perf_counter() - wall, time.process_time() - processor

    endpoint.ingest_events = timed  # type: ignore[assignment]
    client, dice, rows = Client(), random.Random(events_each), []
    for turn in range(ROUNDS):
        body = document(events_each, turn, dice)
        wall, processor = time.perf_counter(), time.process_time()
        response = client.post(
            "/api/event-bulk-create-jobs",
            body,
            content_type="application/json",
            headers={"Authorization": f"Klaviyo-API-Key {secret}"},
        )
        wall, processor = time.perf_counter() - wall, time.process_time() - processor
        assert response.status_code == 202
        rows.append((wall, wall - inside[0], processor - inside[1]))
    endpoint.ingest_events = ingest
    connection.close()
    total, besides, busy = (statistics.median(c) * 1000 for c in zip(*rows[WARM:], strict=True))
    return {
        "events": EVENTS,
        "events_a_person": events_each,
        "bytes": len(body),
        "total_ms": round(total, 1),
        "besides_ingest_ms": round(besides, 1),
        "besides_ingest_cpu_ms": round(busy, 1),
    }


def document(events_each: int, turn: int, dice: random.Random) -> str:
    """A bulk request as a shop would send it."""
    entries = [
        {
            "type": "event-bulk-create",
            "attributes": {
                "profile": resource("profile", email=f"p{dice.randrange(5000)}@example.com"),
                "events": {
                    "data": [
                        event(f"{turn}-{number}-{one}", dice)["data"] for one in range(events_each)
                    ]
                },
            },
        }
        for number in range(EVENTS // events_each)
    ]
    attributes = {"events-bulk-create": {"data": entries}}
    return json.dumps({"data": {"type": "event-bulk-create-job", "attributes": attributes}})


def event(unique_id: str, dice: random.Random) -> dict[str, Any]:
    return resource(
        "event",
        metric=resource("metric", name=dice.choice(["Placed Order", "Viewed Product"])),
        time=f"2026-11-01T00:00:{dice.randrange(60):02}+00:00",
        value=12.5,
        unique_id=unique_id,
        properties={
            "Items": ["Hat", "Scarf", "Mössa"],
            "Total": 12.5,
            "Quantity": 3,
            "Brand": "Acme",
            "Categories": ["Winter", "Sale"],
            "Discount code": None,
            "First": True,
        },
    )


def resource(type_: str, **attributes: Any) -> dict[str, Any]:
    return {"data": {"type": type_, "attributes": attributes}}


if __name__ == "__main__":
    main()
