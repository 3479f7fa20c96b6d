"""The pages of metrics. Reads queries, renders."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from profiles import queries
from profiles.metrics.activity import activity_chart, activity_rows, metric_activity
from profiles.metrics.property_shares import LATEST, property_shares
from profiles.page import chart_periods, event_row, metric_or_404
from profiles.registries.metric_cards import cards_of_metric
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import PAGE_SIZE, cursors
from segmenter.kernel.clock import now
from segmenter.kernel.pagination import Order, page_of


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The kinds of events; a second request counts them (`?numbers`)."""
    account = request.seat.account
    numbers = queries.metric_numbers(account) if "numbers" in request.GET else None
    rows = [
        {"metric": metric, "numbers": numbers.get(metric.pk) if numbers is not None else None}
        for metric in queries.metrics_of(account).order_by("name")
    ]
    context = {"rows": rows, "counted": numbers is not None}
    return render_page_or_part(request, "profiles/metrics/metrics.html", context)


@require_GET
@page()
def detail(request: SeatRequest, key: str) -> HttpResponse:
    """One kind of event: counts, activity, properties, and the latest events."""
    account = request.seat.account
    metric, at = metric_or_404(request, key), now()
    context: dict[str, Any] = {"metric": metric, **chart_periods(request)}
    unit = context["unit"]
    if "numbers" in request.GET:
        periods = metric_activity(account, metric, unit, at)
        context |= {
            "numbers": queries.metric_numbers(account, metric).get(metric.pk),
            "counted": True,
            "chart": activity_chart(account, metric, unit, periods),
            "activity": activity_rows(account, unit, periods),
        }
        return render(request, "profiles/metrics/_metric_numbers.html", context)
    events = queries.events_of(account, metric=metric)
    recent = page_of(events, Order("time", descending=True), size=PAGE_SIZE, **cursors(request))
    latest = list(events.order_by("-time", "-pk").values_list("properties", flat=True)[:LATEST])
    properties = queries.properties_of(account, metric)
    context |= {
        "page": recent,
        "rows": [event_row(event) for event in recent.rows],
        "properties": property_shares(properties, latest),
        "looked_at": len(latest),
        "cards": cards_of_metric(request, metric),
    }
    return render(request, "profiles/metrics/metric.html", context)
