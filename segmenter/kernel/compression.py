"""Compresses the texts of answers for clients that accept gzip: pages, scripts, styles, JSON.

Downloads keep their length, so that a browser can show how far they are. Secrets of pages: Django
masks the CSRF token anew in each answer and pads each compressed one by a random length (BREACH).
"""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_LEAST_BYTES = 500
"""A shorter answer fits into one packet either way."""


class CompressedTexts(GZipMiddleware):
    """The middleware; outside of the one that serves static files."""

    media_types: ClassVar[frozenset[str]] = frozenset(
        {
            *("text/html", "text/css", "text/javascript", "application/javascript"),
            *("application/json", "application/vnd.api+json", "image/svg+xml", "text/plain"),
        }
    )

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        length = response.headers.get("Content-Length", "")
        is_short = length.isdigit() and int(length) < _LEAST_BYTES
        is_download = "attachment" in response.headers.get("Content-Disposition", "")
        is_part = response.status_code == 206
        if media_type not in self.media_types or is_short or is_download or is_part:
            return response
        return super().process_response(request, response)
