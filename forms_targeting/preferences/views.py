"""The preference page: what a person agreed to, their data, and being forgotten.

The link's token proves the person. There is no session and no cookie, so there is none to abuse:
the token in the address is the only right to do anything here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import update_wrapper
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forms_targeting.engine.circumstances import Circumstances, circumstances_of
from forms_targeting.engine.hosted_page import GUARDS, render_hosted, render_unknown_link
from forms_targeting.engine.sites import site_of
from forms_targeting.models import Site
from forms_targeting.preferences import choices
from forms_targeting.preferences.personal_data import personal_data
from profiles.ingest.erase import erase
from profiles.models import Profile
from profiles.visitor_tokens import person_of_preferences
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound

View = Callable[[HttpRequest, str, Site, Profile, datetime], HttpResponse]


def _by_link(*methods: str) -> Callable[[View], Callable[[HttpRequest, str], HttpResponse]]:
    """Find the site and the person of the link; every other link gets the same answer."""

    def wrap(view: View) -> Callable[[HttpRequest, str], HttpResponse]:
        def by_link(request: HttpRequest, token: str) -> HttpResponse:
            at = now()
            person = person_of_preferences(token, at=at)
            if person is None:
                return render_unknown_link(request)
            return view(request, token, site_of(person.account, at=at), person, at)

        update_wrapper(by_link, view)
        return csrf_exempt(require_http_methods([*methods])(by_link))

    return wrap


@_by_link("GET", "HEAD", "POST")
def preferences(
    request: HttpRequest, token: str, site: Site, person: Profile, at: datetime
) -> HttpResponse:
    """Show what the person agreed to; POST stores their choices, or unsubscribes from all."""
    notice = ""
    if request.method == "POST":
        about = _circumstances(request)
        if request.POST.get("action") == "all":
            choices.unsubscribe_from_all(site, person, circumstances=about, at=at)
            notice = "left"
        else:
            choices.save_choices(
                site,
                person,
                channels=request.POST.getlist("channel"),
                list_keys=request.POST.getlist("list"),
                circumstances=about,
                at=at,
            )
            notice = "saved"
    return _page(request, token, site, person, at, notice=notice)


@_by_link("GET", "HEAD", "POST")
def unsubscribe(
    request: HttpRequest, token: str, site: Site, person: Profile, at: datetime
) -> HttpResponse:
    """Unsubscribe from e-mail by one click of a mail program (RFC 8058).

    A GET changes nothing and leads to the page: mail scanners open every link.
    """
    if request.method != "POST":
        return _guard(redirect("forms_targeting:preferences", token))
    choices.unsubscribe_by_one_click(site, person, circumstances=_circumstances(request), at=at)
    return _page(request, token, site, person, at, notice="left")


@_by_link("POST")
def download(
    request: HttpRequest, token: str, site: Site, person: Profile, at: datetime
) -> HttpResponse:
    """All that is stored about the person, as a file."""
    response = JsonResponse(
        personal_data(person, at=at), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return _guard(response)


@_by_link("GET", "HEAD", "POST")
def forget(
    request: HttpRequest, token: str, site: Site, person: Profile, at: datetime
) -> HttpResponse:
    """Ask whether the person wants to be forgotten; POST erases them."""
    is_done = False
    if request.method == "POST":
        try:
            erase(account=person.account, profile_id=person.pk, at=at)
        except NotFound:
            return render_unknown_link(request)
        is_done = True
    context = {"token": token, "is_done": is_done}
    return render_hosted(request, "forms_targeting/preferences/forget.html", site, context)


def _page(
    request: HttpRequest, token: str, site: Site, person: Profile, at: datetime, *, notice: str
) -> HttpResponse:
    context: dict[str, Any] = {
        "token": token,
        "notice": notice,
        "choices": choices.channel_choices(person, at=at),
        "lists": choices.joined_lists(person),
    }
    return render_hosted(request, "forms_targeting/preferences/preferences.html", site, context)


def _circumstances(request: HttpRequest) -> Circumstances:
    """The circumstances of a click here, without the address's secret."""
    return circumstances_of(
        request, page=request.build_absolute_uri("/preferences/"), language=get_language() or "en"
    )


def _guard(response: HttpResponse) -> HttpResponse:
    for header, value in GUARDS.items():
        response[header] = value
    return response
