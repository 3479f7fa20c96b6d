"""Pages that answer htmx with a part of themselves: `_page.html` in place of `page.html`."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from segmenter.accounts.access import SeatRequest


def render_page_or_part(
    request: SeatRequest, template: str, context: dict[str, Any], *, part: str = ""
) -> HttpResponse:
    """Render a page's template, or its part (`_page.html` unless named) where htmx asked for one.

    Both have one address, so the browser is told to keep them apart: going back must not show a
    part alone. And htmx, where it goes back, wants the whole page.
    """
    htmx = request.htmx
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        folder, _slash, name = template.rpartition("/")
        template = f"{folder}/{part or f'_{name}'}"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
