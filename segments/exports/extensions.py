"""Exports among the uses of a segment."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from segments.exports.wording import summary_of
from segments.models import Export, ExportStatus, Segment
from segments.uses import Use, UseRecord, use_records, uses

LEVELS = {
    ExportStatus.RUNNING: "info",
    ExportStatus.DONE: "good",
    ExportStatus.FAILED: "bad",
}
"""Colours of states; the others have none."""


def _records(segment: Segment, most: int) -> Iterator[UseRecord]:
    exports = Export.objects.filter(segment=segment).select_related("user")
    for export in exports.order_by("-created", "-pk")[:most]:
        status = ExportStatus(export.status)
        yield UseRecord(
            _("Export"),
            summary_of(export),
            status.label,
            LEVELS.get(status, ""),
            export.created,
            str(export.user) if export.user else "",
            reverse("segments:export", args=[segment.key, export.pk]),
        )


uses.add(
    "export",
    Use(
        _("Export"),
        _("All members as a file for Excel or another program, with the columns that you choose."),
        "download",
        "segments:exports",
        10,
    ),
)
use_records.add("export", _records)
