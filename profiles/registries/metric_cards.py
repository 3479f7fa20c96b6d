"""Cards of the apps above on a metric's page, such as the segments that ask for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from profiles.models import Metric
from segmenter.accounts.access import SeatRequest
from segmenter.kernel.registry import Registry


@dataclass(frozen=True)
class MetricCard:
    """A card: its template, and the template's context (besides `metric`), as `card`."""

    template: str
    context: Callable[[SeatRequest, Metric], dict[str, Any]]


metric_cards: Registry[MetricCard] = Registry("card on a metric's page")
"""Filled in the `extensions.py` of rooms."""


def cards_of_metric(request: SeatRequest, metric: Metric) -> list[tuple[str, dict[str, Any]]]:
    """The cards: template and context."""
    return [(card.template, card.context(request, metric)) for _, card in metric_cards.items()]
