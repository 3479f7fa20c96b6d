"""The pages of sign-in, switching accounts, language and search; health check."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import LoginView
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST
from django.views.i18n import set_language

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.forms import SignInForm
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.middleware import SESSION_KEY
from segmenter.accounts.models import User
from segmenter.accounts.return_address import can_be_visited
from segmenter.accounts.set_up import needs_set_up
from segmenter.kernel.search import find_everything

MOST_SEARCHED = 200


class SignIn(LoginView):
    """The sign-in page; 429 with Retry-After after too many failures."""

    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if needs_set_up():
            return redirect("set-up")
        return super().get(request, *args, **kwargs)

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """The URL in `next`, if it answers GET."""
        address = super().get_redirect_url()
        loops = urlsplit(address).path == self.request.path
        return address if can_be_visited(address) and not loops else ""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        remember_language(response, form.get_user().language)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        if form.pause:
            response.status_code = 429
            response["Retry-After"] = str(form.pause)
        return response


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Set the language cookie; "" deletes it, so that the browser's language counts."""
    name = settings.LANGUAGE_COOKIE_NAME
    if language:
        response.set_cookie(name, language, max_age=31_536_000, samesite="Lax")
    else:
        response.delete_cookie(name, samesite="Lax")


@require_POST
def language(request: HttpRequest) -> HttpResponseBase:
    """Change the language of this browser, and of the person if somebody is signed in."""
    code = request.POST.get("language", "")
    if isinstance(request.user, User) and code in dict(settings.LANGUAGES):
        request.user.language = code
        request.user.save(update_fields=["language"])
    return set_language(request)


@require_POST
@page()
def switch_account(request: SeatRequest) -> HttpResponseBase:
    """Work in another of the person's accounts."""
    slug = request.POST.get("account", "")
    seat = next((seat for seat in request.seats if seat.account.slug == slug), None)
    if seat is None:
        raise Http404
    request.session[SESSION_KEY] = seat.account_id
    return redirect("home")


@require_GET
@page()
def search(request: SeatRequest) -> HttpResponse:
    """Find people, segments, lists and metrics of the account."""
    words = "".join(filter(str.isprintable, request.GET.get("q", "")))[:MOST_SEARCHED].strip()
    results = find_everything(request.seat.account_id, words)
    context = {"words": words, "results": results}
    return render_page_or_part(
        request, "accounts/search.html", context, part="_search_results.html"
    )


@require_GET
def health(request: HttpRequest) -> HttpResponse:
    """Health check: 200 if the database answers, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database is away", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return redirect("segments:list")
