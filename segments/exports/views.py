"""Downloads of a segment's members."""

from __future__ import annotations

from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.text import slugify
from django.views.decorators.http import require_GET

from segmenter.accounts.access import SeatRequest, page
from segments.engine.vocabulary import Catalog
from segments.exports.members_csv import write_members
from segments.page import segment_or_404

MOST_PROPERTIES = 100


@require_GET
@page()
def download(request: SeatRequest, key: str) -> HttpResponseBase:
    """All members as a CSV file, with the custom properties that are asked for."""
    segment = segment_or_404(request, key)
    known = Catalog(request.seat.account).own_properties
    chosen = [name for name in request.GET.getlist("property") if name in known][:MOST_PROPERTIES]
    response = StreamingHttpResponse(
        write_members(segment, chosen), content_type="text/csv; charset=utf-8"
    )
    name = slugify(segment.name) or segment.key
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
