"""Segments as JSON:API resources. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.http import HttpRequest

from segmenter.kernel.collection import Fields
from segments.models import Segment

SEGMENT_ATTRIBUTES = (
    *("name", "definition", "created", "updated"),
    *("is_active", "is_processing", "is_starred"),
)


class SegmentRow(NamedTuple):
    """The columns of a segment that its resource shows."""

    key: str
    name: str
    definition: Any
    created: datetime
    updated: datetime
    is_active: bool
    is_processing: bool
    is_starred: bool


def row_of(segment: Segment) -> SegmentRow:
    """Return what a resource tells, of a segment as the database holds it."""
    return SegmentRow(
        segment.key,
        segment.name,
        segment.definition,
        segment.created,
        segment.updated,
        segment.is_active,
        segment.is_processing,
        segment.is_starred,
    )


def segment_resources(
    request: HttpRequest, segments: Iterable[SegmentRow], fields: Fields
) -> list[dict[str, Any]]:
    """The resources of segments, with the selected attributes."""
    place = request.build_absolute_uri("/api/segments/")
    return [
        {
            "type": "segment",
            "id": segment.key,
            "attributes": fields.of(_attributes(segment)),
            "links": {"self": f"{place}{segment.key}/"},
        }
        for segment in segments
    ]


def _attributes(segment: SegmentRow) -> dict[str, Any]:
    return {
        "name": segment.name,
        "definition": segment.definition,
        "created": segment.created.isoformat(),
        "updated": segment.updated.isoformat(),
        "is_active": segment.is_active,
        "is_processing": segment.is_processing,
        "is_starred": segment.is_starred,
    }
