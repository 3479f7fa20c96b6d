"""Celery tasks of destinations: bringing one up to date, and finding what a wake-up missed."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.debounce import debounce
from segments.destinations import erasure, file_erasure, runs, sync
from segments.engine import rewind


@app.task(name="segments.bring_destination_up_to_date")
def bring_destination_up_to_date(destination_id: int) -> None:
    """Bring a destination up to date, if it is due."""
    sync.bring_up_to_date(destination_id, now())


@app.task(name="segments.sweep_destinations")
def sweep_destinations() -> None:
    """Find destinations that are due; delete what is too old of the log."""
    runs.clear_away(now())
    for destination_id in sync.due_destinations(now()):
        bring_destination_up_to_date.delay(destination_id)


sync.due.subscribe(debounce(bring_destination_up_to_date, elapsed))
erase.erasure.subscribe(file_erasure.forget)  # first: turns come before locks of rows
erase.erasure.subscribe(erasure.forget)
rewind.clock_rewind.subscribe(sync.rewind)
