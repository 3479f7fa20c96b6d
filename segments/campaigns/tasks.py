"""Celery tasks of test reports: counting one, finding those that were lost, deleting old ones."""

from __future__ import annotations

from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.campaigns import jobs
from segments.engine.job_lease import late_jobs
from segments.models import CampaignReport


@app.task(name="segments.count_report")
def count_report(report_id: int) -> None:
    """Count a test report."""
    jobs.run_report(report_id, now)


@app.task(name="segments.sweep_reports")
def sweep_reports() -> None:
    """Queue reports that lost their message or their worker; delete old ones."""
    for report_id in late_jobs(CampaignReport, now()):
        count_report.delay(report_id)
    jobs.forget_old(now())


jobs.report_start.subscribe(count_report.delay)
