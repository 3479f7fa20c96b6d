"""Read-only endpoints of metrics. A metric is created by its first event."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from profiles.api import resources
from profiles.models import Metric
from profiles.queries import get_metric, metrics_of
from segmenter.accounts.keys import ApiView
from segmenter.kernel.collection import Fields, page_links, read_fields, read_include, read_page
from segmenter.kernel.errors import NotFound
from segmenter.kernel.filtering import parse_filter
from segmenter.kernel.jsonapi import answer, refuse_parameter
from segmenter.kernel.keys import KEY_LENGTH
from segmenter.kernel.pagination import Order

PAGE_SIZE = 200
_INTEGRATION = {f"integration.{name}": resources.INTEGRATION[name] for name in ("name", "category")}


class Metrics(ApiView):
    """GET /api/metrics."""

    scopes: ClassVar = {"GET": "metrics:read"}

    def get(self, request: Request) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        rows = metrics_of(self.account)
        if not _of_this_integration(request):
            rows = rows.none()
        page = read_page(request, rows, Order("id"), size=PAGE_SIZE, most=PAGE_SIZE)
        data = [resources.metric_resource(request, metric, fields) for metric in page.rows]
        return answer({"data": data, "links": page_links(request, page)})


class OneMetric(ApiView):
    """GET /api/metrics/{id}."""

    scopes: ClassVar = {"GET": "metrics:read"}

    def get(self, request: Request, metric_id: str) -> HttpResponse:
        fields = _fields(request)
        read_include(request)
        data = resources.metric_resource(request, self._metric(metric_id), fields)
        return answer({"data": data, "links": {"self": data["links"]["self"]}})

    def _metric(self, key: str) -> Metric:
        if len(key) != KEY_LENGTH or not key.isascii() or not key.isalnum():
            raise NotFound("The metric")
        return get_metric(self.account, key)


def _fields(request: Request) -> Fields:
    return read_fields(request, "metric", resources.METRIC_ATTRIBUTES)


def _of_this_integration(request: Request) -> bool:
    """Whether a filter by integration matches our metrics, which all have the same one."""
    for clause in parse_filter(request.GET.get("filter", "")):
        if clause.field not in _INTEGRATION or clause.operator != "equals":
            allowed = ", ".join(_INTEGRATION)
            refuse_parameter("filter", f"Metrics can be filtered by equals on: {allowed}.")
        if clause.value != _INTEGRATION[clause.field]:
            return False
    return True
