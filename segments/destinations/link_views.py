"""The file behind a link, for whoever knows its address: no session, no account."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from segmenter.kernel.clock import now
from segments.destinations.links import read_link


@require_safe
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """The file as CSV in UTF-8; 404 for anything else."""
    answer = read_link(token, now())
    if answer is None:
        raise Http404
    if answer.wait:
        response = HttpResponse("Too many requests.\n", status=429, content_type="text/plain")
        response.headers["Retry-After"] = str(answer.wait)
    else:
        response = HttpResponse(answer.content, content_type="text/csv; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
