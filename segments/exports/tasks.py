"""Celery tasks of exports: making a file, finding what a wake-up missed, deleting old files."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.exports import jobs, stored_files


@app.task(name="segments.export")
def export(export_id: int) -> None:
    """Make an export's file."""
    jobs.run_export(export_id, now)


@app.task(name="segments.sweep_exports")
def sweep_exports() -> None:
    """Put exports in the queue that lost their message or their worker; delete old files."""
    for export_id in jobs.waiting_exports(now()):
        export.delay(export_id)
    jobs.expire(now())


jobs.export_start.subscribe(export.delay)
erase.erasure.subscribe(stored_files.forget_person)
