"""Shared by the views of people, lists and metrics: look-ups by URL, rows of tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext

from profiles import display, queries
from profiles.ingest import resolve
from profiles.models import Channel, Event, Metric, Profile
from segmenter.accounts.access import SeatRequest
from segmenter.kernel.errors import NotFound
from segmenter.kernel.periods import Unit

PERIODS = {Unit.DAY: 30, Unit.WEEK: 26, Unit.MONTH: 12}
"""How many periods the charts of metrics and lists show, by their unit."""


def chart_periods(request: SeatRequest) -> dict[str, Any]:
    """The `unit` of a chart that the address asks for, and the `units` that can be chosen."""
    unit = next((unit for unit in PERIODS if unit.value == request.GET.get("unit")), Unit.DAY)
    units = [
        (Unit.DAY, gettext("By day")),
        (Unit.WEEK, gettext("By week")),
        (Unit.MONTH, gettext("By month")),
    ]
    return {"unit": unit, "units": units}


def person_rows(people: list[Profile], at: datetime) -> list[dict[str, Any]]:
    """People as rows of a table; their consents and suppressions must be prefetched."""
    rows = []
    for profile in people:
        consents, suppressions = profile.consents.all(), profile.suppressions.all()
        states = display.channel_states(profile, consents, suppressions, at)
        rows.append(
            {"profile": profile, "email": states[Channel.EMAIL], "sms": states[Channel.SMS]}
        )
    return rows


def profile_or_404(request: SeatRequest, profile_id: str) -> Profile:
    if not profile_id.isascii():
        raise Http404
    try:
        return resolve.find(request.seat.account, profile_id)
    except NotFound:
        raise Http404 from None


def event_row(event: Event) -> dict[str, Any]:
    return {
        "event": event,
        "summary": list(display.summary(event)),
        "properties": display.values(event.properties),
    }


def metric_or_404(request: SeatRequest, key: str) -> Metric:
    try:
        return queries.get_metric(request.seat.account, key)
    except NotFound:
        raise Http404 from None
