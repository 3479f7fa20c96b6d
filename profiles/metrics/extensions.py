"""Metrics in the search for everything."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from profiles.models import Metric
from segmenter.kernel.search import Hit, Search, searches


def _find(account_id: int, words: str, limit: int) -> list[Hit]:
    rows = Metric.objects.filter(account_id=account_id, name__icontains=words).order_by("name")
    return [
        Hit(metric.name, reverse("profiles:metric", args=[metric.key])) for metric in rows[:limit]
    ]


searches.add("metrics", Search(_("Metrics"), "metrics", 40, _find))
