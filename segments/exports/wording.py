"""What pages say of exports, in the active language."""

from __future__ import annotations

from django.utils.translation import ngettext

from predictions.pages.wording import number
from segments.member_files.file import format_of
from segments.member_files.request import request_from
from segments.models import Export, ExportStatus


def summary_of(export: Export) -> str:
    """What a file is: format, rows, columns."""
    request = request_from(export.request)
    parts = [str(format_of(request).label)]
    if export.status in (ExportStatus.DONE, ExportStatus.EXPIRED, ExportStatus.WITHDRAWN):
        rows = export.rows_done
        parts.append(ngettext("%(n)s person", "%(n)s people", rows) % {"n": number(rows)})
    columns = len(request.columns)
    parts.append(ngettext("%(n)s column", "%(n)s columns", columns) % {"n": number(columns)})
    return ", ".join(parts)
