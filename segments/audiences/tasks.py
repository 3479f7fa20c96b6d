"""Celery tasks of audiences: making files, finding those that a wake-up missed, letting them go."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.audiences import erasure, files


@app.task(name="segments.make_audience_file")
def make_audience_file(file_id: int) -> None:
    """Make a file that somebody asked for."""
    files.make_file(file_id, now())


@app.task(name="segments.sweep_audiences")
def sweep_audiences() -> None:
    """Find files that nobody makes; delete what is too old."""
    files.expire_files(now())
    for file_id in files.waiting_files():
        make_audience_file.delay(file_id)


def _wake(file_id: int) -> None:
    make_audience_file.delay(file_id)


files.nudges.append(_wake)
erase.erased.append(erasure.forget)
