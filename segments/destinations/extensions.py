"""Destinations among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segments.destinations import kinds as _kinds  # registers them
from segments.destinations import stores as _stores
from segments.destinations.file_editing import file_destinations
from segments.destinations.store import file_stores
from segments.models import ConnectionState, Segment
from segments.uses import Use, UseRecord, use_records, uses

__all__ = ["_kinds", "_stores"]

_LEVELS = {ConnectionState.ON: "good", ConnectionState.BROKEN: "bad"}
"""Colours of states; the others have none."""


def _file_records(segment: Segment, most: int) -> Iterator[UseRecord]:
    for destination in file_destinations(segment)[:most]:
        state = ConnectionState(destination.state)
        yield UseRecord(
            _("Scheduled file"),
            f"{file_stores[destination.kind].label}: {destination.name}",
            state.label,
            _LEVELS.get(state, ""),
            destination.created,
            str(destination.user) if destination.user else "",
            reverse("segments:scheduled-file", args=[segment.key, destination.key]),
        )


uses.add(
    "scheduled-file",
    Use(
        _("Scheduled files"),
        _("A file at set times: in a folder, an S3 bucket, on an SFTP server or behind a link."),
        "clock",
        "segments:scheduled-files",
        15,
    ),
)
use_records.add("scheduled-file", _file_records)
