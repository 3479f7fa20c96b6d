"""Forecasts among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Role
from segments.engine.dependents import Dependent, dependents
from segments.forecasts.wording import sentences
from segments.models import ForecastPlan, JobStatus, Segment, SegmentForecast
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


def _plans(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    keys = {segment.pk: segment.key for segment in segments}
    rows = ForecastPlan.objects.filter(account=account_id, segment__in=keys).order_by("pk")
    for segment_id in rows.values_list("segment_id", flat=True):
        url = reverse("segments:forecasts", args=[keys[segment_id]])
        yield segment_id, Dependent(gettext("the monthly forecast"), url)


dependents.add("forecasts", _plans)
