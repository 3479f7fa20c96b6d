"""The script at Klaviyo's addresses, and the module that it loads when there is a form to show.

Files for everybody: pages of every domain may load them, and they hold no secret.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from forms_targeting.engine.sites import find_site
from forms_targeting.onsite.script import Script, form_module, site_script, unknown_site_script
from segmenter.kernel.clock import now

SCRIPT_CACHE = "public, max-age=300, stale-while-revalidate=86400"
"""Changed settings reach pages within five minutes."""
UNKNOWN_CACHE = "public, max-age=60"
LASTING_CACHE = "public, max-age=31536000, immutable"


@require_safe
def script(request: HttpRequest, site_key: str = "") -> HttpResponse:
    """GET /onsite/js/<site key>/klaviyo.js and /onsite/js/klaviyo.js?company_id=<site key>"""
    site = find_site(site_key or request.GET.get("company_id", ""), at=now())
    if site is None:
        return _answer(request, unknown_site_script(), cache=UNKNOWN_CACHE)
    return _answer(request, site_script(site), cache=SCRIPT_CACHE)


@require_safe
def module(request: HttpRequest) -> HttpResponse:
    """GET /onsite/js/form.js?v=<revision>"""
    file = form_module()
    is_current = request.GET.get("v") == file.revision
    return _answer(request, file, cache=LASTING_CACHE if is_current else SCRIPT_CACHE)


def _answer(request: HttpRequest, file: Script, *, cache: str) -> HttpResponse:
    is_compressed = "gzip" in request.headers.get("Accept-Encoding", "")
    etag = f'"{file.revision}{"-gzip" if is_compressed else ""}"'
    response: HttpResponse
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(file.compressed if is_compressed else file.content)
        response["Content-Type"] = "text/javascript; charset=utf-8"
        if is_compressed:
            response["Content-Encoding"] = "gzip"
    response["ETag"] = etag
    response["Cache-Control"] = cache
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response
