"""The pages of a segment's forecasts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

import segments.forecasts.tasks  # noqa: F401 - makes known what starts a forecast
from predictions.pages.wording import without_sentences
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict
from segments.engine import job_lease
from segments.forecasts import jobs, plans
from segments.forecasts.charts import forecast_charts
from segments.forecasts.wording import month_rows, sentences
from segments.models import Segment, SegmentForecast
from segments.page import segment_context, segment_or_404

LATEST = 36
"""Forecasts on the list."""


def forecast_or_404(segment: Segment, forecast_id: int) -> SegmentForecast:
    """One of the segment's forecasts."""
    forecasts = SegmentForecast.objects.filter(segment=segment).select_related("user")
    forecast = forecasts.filter(pk=forecast_id).first() if forecast_id < 2**63 else None
    if forecast is None:
        raise Http404
    return forecast


@require_GET
@page()
def index(request: SeatRequest, key: str) -> HttpResponse:
    """The segment's forecasts, the latest first, and the form for the next one."""
    segment = segment_or_404(request, key)
    forecasts = SegmentForecast.objects.filter(segment=segment).select_related("user")
    context = segment_context(request, segment, "use") | {
        "forecasts": [
            (forecast, sentences(forecast))
            for forecast in forecasts.order_by("-created", "-pk")[:LATEST]
        ],
        "refusal": jobs.refusal_of(segment),
        "plan": plans.plan_of(segment),
    }
    return render(request, "segments/forecasts/index.html", context)


@require_GET
@page()
def detail(request: SeatRequest, key: str, forecast_id: int) -> HttpResponse:
    """What is expected of the members, and what came; or how far the forecast is."""
    segment = segment_or_404(request, key)
    forecast = forecast_or_404(segment, forecast_id)
    context = segment_context(request, segment, "use") | {
        "forecast": forecast,
        "sentences": sentences(forecast),
        "charts": forecast_charts(forecast),
        "rows": month_rows(forecast) if forecast.expected else [],
        "without": without_sentences(forecast.without, forecast.day) if forecast.without else [],
    }
    return render_page_or_part(request, "segments/forecasts/forecast.html", context)


@require_POST
@page(Role.MARKETER)
def make(request: SeatRequest, key: str) -> HttpResponseBase:
    """Make a forecast of the members of now; with `monthly`, one each month from now on."""
    segment = segment_or_404(request, key)
    try:
        forecast = jobs.ask_for_forecast(segment, user=request.seat.user, at=now())
    except Conflict as error:
        messages.error(request, error.problems[0].message)
        return redirect("segments:forecasts", key)
    if request.POST.get("monthly"):
        plans.start_plan(segment, user=request.seat.user, at=now())
    return redirect("segments:forecast", key, forecast.pk)


@require_POST
@page(Role.MARKETER)
def monthly(request: SeatRequest, key: str) -> HttpResponseBase:
    """Start (`on`) or stop the monthly forecasts."""
    segment = segment_or_404(request, key)
    if request.POST.get("on") == "1":
        plans.start_plan(segment, user=request.seat.user, at=now())
        messages.success(request, _("A forecast is made at the beginning of each month."))
    elif plans.stop_plan(segment):
        messages.success(request, _("No more forecasts are made by themselves."))
    return redirect("segments:forecasts", key)


@require_POST
@page(Role.MARKETER)
def cancel(request: SeatRequest, key: str, forecast_id: int) -> HttpResponseBase:
    """Stop a forecast that waits or is being made."""
    forecast = forecast_or_404(segment_or_404(request, key), forecast_id)
    job_lease.cancel(forecast, at=now())
    return redirect("segments:forecast", key, forecast_id)
