"""The base of the views under /client/ that pages of the shop call: site key, CORS, errors.

They have no session, no private key and no cookie of ours: who calls is nobody, unless a token
proves it. A page of another domain gets no permission to read or to send.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from forms_targeting.engine.sites import find_site, is_own_origin, origin_of
from forms_targeting.models import Site
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from segmenter.kernel.jsonapi import ApiError, answer_exception

ALLOWED_HEADERS = "content-type, revision, accept, x-klaviyo-onsite, x-klaviyo-js-url"
PREFLIGHT_SECONDS = 7_200
BODY_LIMIT = 100_000
"""Bytes; the largest body of one request of a page."""


@method_decorator(csrf_exempt, name="dispatch")
class ClientView(View):
    """A view of one site: `self.site`, `self.account`. Subclasses define `post` or `get`."""

    site: Site

    @property
    def account(self) -> Account:
        return self.site.account

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not hasattr(self, (request.method or "").lower()):
            return self.http_method_not_allowed(request)
        try:
            self.site = self._find_site()
            origin = origin_of(request)
            if origin and not is_own_origin(origin, self.site.domains):
                message = "Pages of this domain may not call: it is not one of the shop's."
                raise ApiError(403, "origin_not_allowed", message)
            if request.method == "OPTIONS":
                response: HttpResponseBase = self._preflight()
            else:
                response = super().dispatch(request, *args, **kwargs)
        except Exception as error:
            response, origin = answer_exception(error, {"request": request}), self._own(request)
        if origin:
            response["Access-Control-Allow-Origin"] = origin
        response["Vary"] = "Origin"
        response["Cache-Control"] = "no-store"
        return response

    def _own(self, request: HttpRequest) -> str:
        """The request's origin if its page may read the error."""
        site, origin = getattr(self, "site", None), origin_of(request)
        return origin if site is not None and is_own_origin(origin, site.domains) else ""

    def site_key(self) -> str:
        """Return the key of the account that the request is for, as it came."""
        return self.request.GET.get("company_id", "")

    def _find_site(self) -> Site:
        site = find_site(self.site_key(), at=now())
        if site is None:
            message = "company_id must be the site key of an account: six letters and digits."
            raise ApiError(404, "not_found", message, parameter="company_id")
        return site

    def _preflight(self) -> HttpResponse:
        methods = [name.upper() for name in ("get", "post") if hasattr(self, name)]
        response = HttpResponse(status=204)
        response["Access-Control-Allow-Methods"] = ", ".join(methods)
        response["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
        response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response
