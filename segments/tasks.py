"""Celery's door to segments: each task parses, asks for the time and calls the verb."""

from __future__ import annotations

from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.engine.build import queue_build, run_build, waiting_builds


@app.task(name="segments.build")
def build(build_id: int) -> None:
    """Build one segment's membership."""
    run_build(build_id, now())


@app.task(name="segments.sweep")
def sweep() -> None:
    """Put builds in the queue again whose message or worker was lost."""
    for build_id in waiting_builds(now()):
        build.delay(build_id)


queue_build.append(build.delay)
