"""The pages of metrics. Reads queries, renders."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from profiles import display, queries
from profiles.page import event_row, metric_or_404
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import PAGE_SIZE, cursors
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
    """One kind of event: counts, properties, and the latest events."""
    account = request.seat.account
    metric = metric_or_404(request, key)
    if "numbers" in request.GET:
        numbers = queries.metric_numbers(account, metric).get(metric.pk)
        context: dict[str, Any] = {"numbers": numbers, "counted": True, "metric": metric}
        return render(request, "profiles/metrics/_metric_numbers.html", context)
    recent = page_of(
        queries.events_of(account, metric=metric),
        Order("time", descending=True),
        size=PAGE_SIZE,
        **cursors(request),
    )
    samples = display.samples(event.properties for event in recent.rows)
    properties = queries.properties_of(account, metric)
    context = {
        "metric": metric,
        "page": recent,
        "rows": [event_row(event) for event in recent.rows],
        "properties": [{"property": p, "samples": samples.get(p.name, [])} for p in properties],
    }
    return render(request, "profiles/metrics/metric.html", context)
