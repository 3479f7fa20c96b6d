"""What segments have to do with a metric: which ask for it, and a new one of who did it."""

from __future__ import annotations

import json
from typing import Any

from profiles import facts
from profiles.models import Metric
from segmenter.accounts.access import SeatRequest
from segmenter.accounts.models import Role
from segmenter.kernel.errors import Invalid
from segments.definition.codec import decode
from segments.definition.tree import reads
from segments.engine.queries import segments_of
from segments.models import Segment


def segments_of_metric(request: SeatRequest, metric: Metric) -> dict[str, Any]:
    """The context of the card on a metric's page."""
    segments = segments_of(request.seat.account).order_by("name")
    return {
        "segments": [segment for segment in segments if _asks_for(segment, metric)],
        "definition": json.dumps(who_did(metric), separators=(",", ":")),
        "may_write": request.seat.allows(Role.MARKETER),
    }


def _asks_for(segment: Segment, metric: Metric) -> bool:
    try:
        return facts.metric(metric.key) in reads(decode(segment.definition))
    except Invalid:
        return json.dumps(metric.key) in json.dumps(segment.definition)


def who_did(metric: Metric) -> dict[str, Any]:
    """The definition of everyone who did something at least once in the last 30 days."""
    condition = {
        "type": "profile-metric",
        "metric_id": metric.key,
        "measurement": "count",
        "measurement_filter": {
            "type": "numeric",
            "operator": "greater-than-or-equal",
            "value": 1,
        },
        "timeframe_filter": {
            "type": "date",
            "operator": "in-the-last",
            "quantity": 30,
            "unit": "day",
        },
    }
    return {"condition_groups": [{"conditions": [condition]}]}
