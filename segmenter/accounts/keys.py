"""Authentication of the private API: a request needs a valid key with the scope.

Views are bound to the key's account. Keys are looked up for each request: a revoked key stops
working at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from segmenter.accounts.models import Account, ApiKey, find_api_key
from segmenter.kernel import jsonapi
from segmenter.kernel.jsonapi import ApiError

SCHEME = "Klaviyo-API-Key"
_LONGEST = 200
"""Most characters of a key that is looked up."""


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Klaviyo-API-Key pk_...`; `request.auth` is the key."""

    def authenticate(self, request: Request) -> tuple[None, ApiKey] | None:
        scheme, _space, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != SCHEME.lower() or not secret:
            return None
        key = find_api_key(secret) if len(secret) <= _LONGEST and secret.isascii() else None
        if key is None:
            raise AuthenticationFailed("There is no such key, or it was revoked.")
        return None, key

    def authenticate_header(self, request: Request) -> str:
        return SCHEME


class CarriesScope(BasePermission):
    """The key carries the scope that the view names for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        if not isinstance(key, ApiKey):
            return False
        scope = _scope(view, request.method or "")
        if scope is not None and not key.allows(scope):
            raise ApiError(403, "permission_denied", f"The key lacks the scope {scope}.")
        return True


def _scope(view: APIView, method: str) -> str | None:
    """None for a method that the view does not support, which is rejected later for all keys."""
    if not isinstance(view, ApiView):
        return None
    return view.scopes.get("GET" if method == "HEAD" else method)


class OneForm(BaseContentNegotiation):
    """Ignores Accept: answers are always JSON:API documents."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), jsonapi.MEDIA_TYPE


class ApiView(APIView):
    """A view of the private API. `scopes` names the scope that each of its methods needs."""

    scopes: ClassVar[Mapping[str, str]] = {}
    authentication_classes = (KeyAuthentication,)
    permission_classes = (CarriesScope,)
    content_negotiation_class = OneForm
    parser_classes = ()
    renderer_classes = (JSONRenderer,)
    metadata_class = None

    @property
    def account(self) -> Account:
        """The account of the request's key."""
        return self.key.account

    @property
    def key(self) -> ApiKey:
        key = self.request.auth
        assert isinstance(key, ApiKey)  # checked by the permission
        return key

    def get_exception_handler(self) -> Callable[..., Any]:
        return jsonapi.answer_exception
