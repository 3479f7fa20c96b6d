"""Destinations among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segments.destinations import kinds as _kinds  # registers them
from segments.destinations import stores as _stores
from segments.destinations.queries import destinations_of, level_of, title_of
from segments.models import Segment
from segments.uses import Use, UseRecord, use_records, uses

__all__ = ["_kinds", "_stores"]

uses.add(
    "destinations",
    Use(
        label=_("Destinations"),
        text=_("A list or table elsewhere that is kept equal to this segment; files at set times."),
        icon="refresh",
        url="segments:destinations",
        rank=30,
    ),
)


def _records(segment: Segment, most: int) -> Iterable[UseRecord]:
    for destination in destinations_of(segment)[-most:]:
        yield UseRecord(
            kind=_("Destination"),
            text=title_of(destination),
            state=destination.get_state_display(),
            level=level_of(destination),
            at=destination.created,
            by=str(destination.user) if destination.user else "",
            url=reverse("segments:destination", args=[segment.key, destination.key]),
        )


use_records.add("destinations", _records)
