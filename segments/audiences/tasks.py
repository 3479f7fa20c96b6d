"""Celery tasks of audiences: files, live connections, and finding what a wake-up missed."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import elapsed, now
from segmenter.kernel.debounce import debounce
from segments.audiences import connections, erasure, files, sync
from segments.engine import rewind


@app.task(name="segments.make_audience_file")
def make_audience_file(file_id: int) -> None:
    """Make a file that somebody asked for."""
    files.make_file(file_id, now())


@app.task(name="segments.synchronize_audience")
def synchronize_audience(connection_id: int) -> None:
    """Bring the audience of a connection up to date, if it is time to."""
    sync.synchronize(connection_id, now())


@app.task(name="segments.sweep_audiences")
def sweep_audiences() -> None:
    """Find files that nobody makes and connections that are due; delete what is too old."""
    files.expire_files(now())
    sync.clear_away(now())
    for file_id in files.waiting_files():
        make_audience_file.delay(file_id)
    for connection_id in sync.due_connections(now()):
        synchronize_audience.delay(connection_id)


def _make(file_id: int) -> None:
    make_audience_file.delay(file_id)


files.new_files.subscribe(_make)
connections.due.subscribe(debounce(synchronize_audience, elapsed))
erase.erasure.subscribe(erasure.forget)
rewind.clock_rewind.subscribe(sync.rewind)
