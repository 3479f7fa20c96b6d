"""Pages that answer htmx with a part: `_page.html` instead of `page.html`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from segmenter.accounts.access import SeatRequest


def render_page_or_part(
    request: SeatRequest, template: str, context: dict[str, Any], *, part: str = ""
) -> HttpResponse:
    """Render a page's template, or its `part` (default `_page.html`) for a request of htmx.

    Both have the same URL, so Vary is set: the back button must not show a cached part alone. When
    htmx restores history, it needs the whole page.
    """
    htmx = request.htmx
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        folder, _slash, name = template.rpartition("/")
        template = f"{folder}/{part or f'_{name}'}"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
