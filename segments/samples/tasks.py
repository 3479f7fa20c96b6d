"""Celery tasks of samples: drawing one, and finding those whose message or worker was lost."""

from __future__ import annotations

from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.samples import jobs


@app.task(name="segments.draw_sample")
def draw_sample(sample_id: int) -> None:
    """Draw a sample, or what is left of it."""
    jobs.run_sample(sample_id, now)


@app.task(name="segments.sweep_samples")
def sweep_samples() -> None:
    """Put samples in the queue again that lost their message or their worker."""
    for sample_id in jobs.waiting_samples(now()):
        draw_sample.delay(sample_id)


jobs.sample_start.subscribe(draw_sample.delay)
