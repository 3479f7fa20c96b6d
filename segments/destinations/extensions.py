"""Destinations among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from segments.destinations import kinds as _kinds  # registers them
from segments.destinations import stores as _stores
from segments.destinations.queries import destinations_of, level_of, title_of
from segments.engine.dependents import Dependent, dependents
from segments.models import ConnectionState, Destination, Segment
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


def _destinations(account_id: int, segments: Sequence[Segment]) -> Iterator[tuple[int, Dependent]]:
    """Destinations that are kept up to date. They follow edits: they are equal to the segment."""
    keys = {segment.pk: segment.key for segment in segments}
    rows = Destination.objects.filter(account=account_id, segment__in=keys, is_ending=False)
    for row in rows.exclude(state=ConnectionState.PAUSED).order_by("pk"):
        yield (
            row.segment_id,
            Dependent(
                gettext("the destination “%(name)s”") % {"name": title_of(row)},
                reverse("segments:destination", args=[keys[row.segment_id], row.key]),
            ),
        )


dependents.add("destinations", _destinations)
