"""The WSGI application, and the size limit of a request's body."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.http import HttpResponseBase
from django.utils.http import parse_header_parameters
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segmenter.settings")
django.setup(set_prefix=False)


UNREADABLE = "text/plain; charset=unreadable"
"""What WellFormed answers with 415."""
_is_utf_8 = import_string("segmenter.kernel.wellformed.is_utf_8")
_body_limit = import_string("segmenter.accounts.bodies.body_limit")


class WsgiApplication(WSGIHandler):
    """Django; rejects charsets before Django decodes the query, earlier than any middleware."""

    def body_limit(self, environ: dict[str, Any]) -> int:
        """Return the largest body (bytes) of this request; called before it is read."""
        close_old_connections()  # as at the start of a request
        return int(_body_limit(environ))

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> HttpResponseBase:
        if not _is_readable(environ.get("CONTENT_TYPE", "")):
            environ["CONTENT_TYPE"] = UNREADABLE
        return super().__call__(environ, start_response)


def _is_readable(content_type: str) -> bool:
    try:
        return bool(_is_utf_8(parse_header_parameters(content_type)[1].get("charset")))
    except (LookupError, ValueError):
        return False


application = WsgiApplication()
