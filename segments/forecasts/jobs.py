"""Making a forecast: asked for, made by a worker, kept with the people that it is of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from predictions.pages.wording import why_not
from predictions.storage.people_months import PeoplePredictions, forecast_months, months_of
from predictions.storage.queries import PredictionState, state_of
from segmenter.accounts.models import User
from segmenter.kernel.errors import Conflict, Problem
from segmenter.kernel.hook import Hook
from segments.engine import job_lease
from segments.engine.job_lease import JobLease
from segments.forecasts.cohorts import members_with_predictions, take_turn, write_cohort
from segments.forecasts.months import last_day_of_month
from segments.models import JobStatus, Segment, SegmentForecast

forecast_start = Hook[[int]]()
"""Called with a forecast's id when it waits for a worker; a lost call does no harm."""


def refusal_of(segment: Segment) -> str:
    """Say why no forecast can be made of a segment; "" if one can."""
    if segment.as_of is None:
        return _("The segment is being built for the first time: it has no members yet.")
    state = state_of(segment.account)
    return why_not(state, state.lack) if state.lack else ""


def ask_for_forecast(segment: Segment, *, user: User | None, at: datetime) -> SegmentForecast:
    """Have a worker make a forecast of the members of now; one that is being made is as good.

    Raises Conflict if none can be made.
    """
    refusal = refusal_of(segment)
    if refusal:
        raise Conflict(Problem("", "not_available", refusal))
    with transaction.atomic():
        Segment.objects.select_for_update().get(pk=segment.pk)
        unfinished = SegmentForecast.objects.filter(segment=segment, finished=None).first()
        if unfinished is not None:
            return unfinished
        forecast = SegmentForecast.objects.create(
            account=segment.account, segment=segment, user=user, created=at, heartbeat=at
        )
        forecast_start.call_after_commit(forecast.pk)
    return forecast


def run_forecast(forecast_id: int, clock: Callable[[], datetime]) -> None:
    """Make a forecast, unless another worker does."""
    job_lease.carry(SegmentForecast, forecast_id, clock, lambda lease: _make(lease, clock))


def _make(lease: JobLease, clock: Callable[[], datetime]) -> None:
    forecast = SegmentForecast.objects.select_related("segment__account").get(pk=lease.job.pk)
    segment = forecast.segment
    refusal = refusal_of(segment)
    if refusal:
        raise Conflict(Problem("", "not_available", refusal))
    state, people = _note_members(forecast, lease, clock)
    expected = None
    if len(people.ids):
        expected = forecast_months(state, people, beat=lease.renew_if_due)
        if expected is None:
            message = _("The predictions are older than the orders; try again tomorrow.")
            raise Conflict(Problem("", "out_of_date", message))
    assert state.day is not None
    due = (
        last_day_of_month(months_of(expected, state.day.day), state.day.day, 0)
        if expected
        else None
    )
    lease.end(JobStatus.DONE, expected=expected, actual={}, due=due, error="")


def _note_members(
    forecast: SegmentForecast, lease: JobLease, clock: Callable[[], datetime]
) -> tuple[PredictionState, PeoplePredictions]:
    """Write down who is forecast, in turn with erasures."""
    with transaction.atomic():
        take_turn(forecast.account_id)
        state = state_of(forecast.account)
        assert state.day is not None
        as_of = clock()
        people = members_with_predictions(forecast.segment)
        write_cohort(forecast, people.ids)
        figures: dict[str, Any] = {
            "as_of": as_of,
            "day": state.day.day,
            "people": len(people.ids),
            "without": people.without,
            "members": len(people.ids) + sum(people.without.values()),
            "erased": 0,
        }
        lease.renew(**figures)
    return state, people
