"""Tasks of imports: each parses, asks for the time and calls the verb."""

from __future__ import annotations

from profiles.imports import jobs
from segmenter.celery import app
from segmenter.kernel.clock import now


@app.task(name="profiles.run_import")
def run_import(job_id: int) -> None:
    """Import a job's file, or what is left of it."""
    jobs.run_job(job_id, now)


@app.task(name="profiles.sweep_imports")
def sweep_imports() -> None:
    """Queue jobs again that lost their message or their worker; delete old data."""
    for job_id in jobs.waiting_jobs(now()):
        run_import.delay(job_id)
    jobs.discard_old(now())


jobs.job_start.subscribe(run_import.delay)
