"""Celery tasks of forecasts: making one, the monthly ones, and counting what came."""

from __future__ import annotations

from profiles.ingest import erase
from segmenter.accounts.models import Account
from segmenter.celery import app
from segmenter.kernel.clock import now
from segments.engine.job_lease import late_jobs
from segments.forecasts import actuals, cohorts, jobs, plans
from segments.models import SegmentForecast


@app.task(name="segments.forecast")
def forecast(forecast_id: int) -> None:
    """Make a forecast."""
    jobs.run_forecast(forecast_id, now)


@app.task(name="segments.sweep_forecasts")
def sweep_forecasts() -> None:
    """Queue forecasts that lost their message or their worker."""
    for forecast_id in late_jobs(SegmentForecast, now()):
        forecast.delay(forecast_id)


@app.task(name="segments.count_forecasts")
def count_forecasts(account_id: int) -> None:
    """Count what came of an account's forecasts."""
    actuals.count_actuals(Account.objects.get(pk=account_id), now())


@app.task(name="segments.follow_forecasts")
def follow_forecasts() -> None:
    """Make the monthly forecasts that are due, and count the months that are over."""
    plans.make_monthly(now())
    for account_id in actuals.accounts_to_count(now()):
        count_forecasts.delay(account_id)


jobs.forecast_start.subscribe(forecast.delay)
erase.erasure.subscribe(cohorts.forget_person)
