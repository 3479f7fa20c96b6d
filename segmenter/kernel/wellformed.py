"""Rejects requests whose text cannot be decoded or stored, before other code reads them.

UTF-8 is the only character set in URLs, queries and forms; PostgreSQL stores neither U+0000 nor
lone surrogates. Contents of files and bodies of the API are checked by their readers.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _

from segmenter.kernel.jsonapi import PREFIXES, plain_error
from segmenter.kernel.storable_text import is_storable

_CHARSETS = frozenset({"utf-8", "ascii"})
_FORM = "application/x-www-form-urlencoded"


class WellFormed:
    """Middleware before the first reader of forms: 415, 413, 404 or 400 for malformed requests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset")
        if not is_utf_8(charset):
            return _refusal(request, 415, _("Text must be in UTF-8."))
        if charset:
            request.encoding = "utf-8"  # ASCII is a part of it
        if not is_storable(request.path_info):  # invalid UTF-8 stays percent-encoded in it
            return HttpResponse(render_to_string("404.html"), status=404)
        if not request.path_info.startswith(PREFIXES):
            query = request.META.get("QUERY_STRING", "").encode("latin-1")
            if not _is_text(unquote_to_bytes(query)):
                return _refusal(request, 400, _("The address has a character that cannot be kept."))
            try:
                request.GET  # noqa: B018 (counts the fields)
            except TooManyFieldsSent:
                return _too_many(request)
        return self._get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Check the form, unless the view reads it itself."""
        if request.path_info.startswith(PREFIXES) or getattr(view, "csrf_exempt", False):
            return None
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced[:19]) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return _too_large(request)
        try:
            is_text = request.content_type != _FORM or _is_text(unquote_to_bytes(request.body))
            fields = request.POST.lists()
        except RequestDataTooBig:
            return _too_large(request)
        except (TooManyFieldsSent, TooManyFilesSent):
            return _too_many(request)
        except (UnreadablePostError, MultiPartParserError, LookupError, ValueError):
            return _refusal(request, 400, _("The form cannot be read."))
        if not is_text or not all(is_storable("".join([name, *values])) for name, values in fields):
            return _refusal(request, 400, _("The form has a character that cannot be kept."))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a form that a view read itself, with a part in an unknown encoding."""
        if type(error) is LookupError:
            return _refusal(request, 400, _("The form cannot be read."))
        return None


def is_utf_8(charset: str | None) -> bool:
    """Whether a declared charset, if there is one, is UTF-8 or ASCII."""
    if not charset:
        return True
    try:
        return codecs.lookup(charset).name in _CHARSETS
    except (LookupError, ValueError):
        return False


def _is_text(raw: bytes) -> bool:
    if b"\0" in raw:
        return False
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _too_large(request: HttpRequest) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return _refusal(request, 413, _("The form is larger than %(most)s bytes.") % {"most": most})


def _too_many(request: HttpRequest) -> HttpResponse:
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    return _refusal(request, 400, _("The form has more than %(most)s fields.") % {"most": most})


def _refusal(request: HttpRequest, status: int, reason: str) -> HttpResponse:
    if request.path_info.startswith(PREFIXES):
        code = "unsupported_media_type" if status == 415 else "invalid"
        return plain_error(status, code, reason)
    if request.headers.get("HX-Request"):
        return HttpResponse(format_html('<p class="muted">{}</p>', reason), status=status)
    return HttpResponse(render_to_string("400.html", {"reason": reason}), status=status)
