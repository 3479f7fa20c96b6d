"""The log of destinations: a row for each round of bringing one up to date."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from segments.models import Destination, DestinationRun

KEPT = timedelta(days=30)
"""How long the log is kept."""


def latest_run(destination: Destination) -> DestinationRun | None:
    return DestinationRun.objects.filter(destination=destination).order_by("-pk").first()


def begin_run(destination: Destination, at: datetime, *, is_full: bool) -> None:
    """Begin a run; one that was never finished ends."""
    finish_run(destination, at)
    DestinationRun.objects.create(destination=destination, is_full=is_full, started=at)


def add_to_run(destination: Destination, **counts: int) -> None:
    """Count people of the latest run."""
    run = latest_run(destination)
    if run is not None:
        changes = {name: F(name) + count for name, count in counts.items() if count}
        DestinationRun.objects.filter(pk=run.pk).update(**changes) if changes else None


def finish_run(destination: Destination, at: datetime) -> None:
    rows = DestinationRun.objects.filter(destination=destination, finished=None)
    rows.update(finished=at, error="")


def note_failure(destination: Destination, words: str) -> None:
    """Write down why a run does not get on."""
    DestinationRun.objects.filter(destination=destination, finished=None).update(error=words)


def clear_away(at: datetime) -> None:
    """Delete what is old of the log."""
    DestinationRun.objects.filter(started__lt=at - KEPT).delete()
