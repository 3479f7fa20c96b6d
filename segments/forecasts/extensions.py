"""Forecasts among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Role
from segments.forecasts.wording import sentences
from segments.models import JobStatus, Segment, SegmentForecast
from segments.uses import Use, UseRecord, use_records, uses

_LEVELS = {JobStatus.DONE: "good", JobStatus.FAILED: "bad", JobStatus.RUNNING: "info"}


def _records(segment: Segment, most: int) -> Iterator[UseRecord]:
    forecasts = SegmentForecast.objects.filter(segment=segment).select_related("user")
    for forecast in forecasts.order_by("-created", "-pk")[:most]:
        status = JobStatus(forecast.status)
        texts = sentences(forecast)
        yield UseRecord(
            _("Forecast"),
            texts[0] if texts else "",
            status.label,
            _LEVELS.get(status, ""),
            forecast.created,
            str(forecast.user) if forecast.user else "",
            reverse("segments:forecast", args=[segment.key, forecast.pk]),
        )


uses.add(
    "forecast",
    Use(
        _("Forecast"),
        _("Orders and revenue expected of the members in the next 12 months, and later what came."),
        "trend",
        "segments:forecasts",
        50,
        Role.VIEWER,
    ),
)
use_records.add("forecasts", _records)
