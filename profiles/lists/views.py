"""The pages of lists. Reads queries, calls the verbs of profiles.lists.editing, renders."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from profiles import queries
from profiles.lists import editing
from profiles.lists.growth import list_chart, list_growth
from profiles.models import List
from profiles.page import chart_periods, person_rows, profile_or_404
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.list_page import PAGE_SIZE, cursors, search_words
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segmenter.kernel.pagination import Order, page_of


def list_or_404(request: SeatRequest, key: str) -> List:
    try:
        return queries.get_list(request.seat.account, key)
    except NotFound:
        raise Http404 from None


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    return _index(request)


def _index(request: SeatRequest, *, name: str = "", error: str = "") -> HttpResponse:
    context = {
        "lists": queries.lists_with_sizes(request.seat.account),
        "may_write": request.seat.allows(Role.MARKETER),
        "name": name,
        "error": error,
    }
    return render(request, "profiles/lists/lists.html", context, status=422 if error else 200)


@require_POST
@page(Role.MARKETER)
def create(request: SeatRequest) -> HttpResponseBase:
    name = request.POST.get("name", "")
    try:
        group = editing.create_list(account=request.seat.account, name=name, at=now())
    except ApplicationError as error:
        return _index(request, name=name, error=error.problems[0].message)
    messages.success(request, _("The list “%(name)s” is made.") % {"name": group.name})
    return redirect("profiles:list", group.key)


@require_GET
@page()
def detail(request: SeatRequest, key: str) -> HttpResponse:
    """Who is on a list, and how it grew; `?growth` answers with its growth alone."""
    group = list_or_404(request, key)
    if "growth" in request.GET:
        return render(request, "profiles/lists/_growth.html", _growth(request, group))
    return _detail(request, group)


def _growth(request: SeatRequest, group: List) -> dict[str, Any]:
    choice = chart_periods(request)
    unit = choice["unit"]
    periods = list_growth(group, group.members.count(), unit, now())
    return {
        "list": group,
        **choice,
        "chart": list_chart(group, unit, periods),
        "growth": periods[::-1],
    }


def _detail(
    request: SeatRequest, group: List, *, name: str | None = None, error: str = ""
) -> HttpResponse:
    account = request.seat.account
    words = search_words(request)
    members = queries.members_of(account, group, words)
    members_page = page_of(
        members.prefetch_related("profile__consents", "profile__suppressions"),
        Order("joined", descending=True),
        size=PAGE_SIZE,
        **cursors(request),
    )
    rows = person_rows([member.profile for member in members_page.rows], now())
    for row, member in zip(rows, members_page.rows, strict=True):
        row["joined"] = member.joined
    context = _growth(request, group) | {
        "page": members_page,
        "rows": rows,
        "total": members.count(),
        "words": words,
        "query": urlencode({"q": words}) + "&" if words else "",
        "may_write": request.seat.allows(Role.MARKETER),
        "name": group.name if name is None else name,
        "error": error,
    }
    return render(request, "profiles/lists/list.html", context, status=422 if error else 200)


@require_POST
@page(Role.MARKETER)
def rename(request: SeatRequest, key: str) -> HttpResponseBase:
    name = request.POST.get("name", "")
    group = list_or_404(request, key)
    try:
        editing.rename_list(account=request.seat.account, key=key, name=name, at=now())
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        return _detail(request, group, name=name, error=error.problems[0].message)
    messages.success(request, _("Renamed."))
    return redirect("profiles:list", key)


@require_POST
@page(Role.MARKETER)
def delete(request: SeatRequest, key: str) -> HttpResponseBase:
    try:
        group = editing.delete_list(account=request.seat.account, key=key, at=now())
    except NotFound:
        raise Http404 from None
    except ApplicationError as error:
        messages.error(request, error.problems[0].message)
        return redirect("profiles:list", key)
    messages.success(request, _("The list “%(name)s” is deleted.") % {"name": group.name})
    return redirect("profiles:lists")


@require_POST
@page(Role.MARKETER)
def add(request: SeatRequest, key: str) -> HttpResponseBase:
    """Add the person with an email address, phone number or id to the list."""
    account = request.seat.account
    group = list_or_404(request, key)
    identifier = request.POST.get("who", "")
    profile = queries.find_by_identifier(account, identifier)
    if profile is None:
        message = _("Nobody here has the email, phone number or id “%(said)s”.")
        messages.error(request, message % {"said": identifier.strip()[:100]})
        return redirect("profiles:list", key)
    is_new = editing.add_to_list(account=account, key=key, profile_ids=[profile.pk], at=now())
    words = _("%(person)s is on the list.") if is_new else _("%(person)s was on the list already.")
    messages.success(request, words % {"person": profile.name})
    return redirect("profiles:list", group.key)


@require_POST
@page(Role.MARKETER)
def remove(request: SeatRequest, key: str) -> HttpResponseBase:
    list_or_404(request, key)
    profile = profile_or_404(request, request.POST.get("profile", ""))
    account = request.seat.account
    editing.remove_from_list(account=account, key=key, profile_ids=[profile.pk], at=now())
    messages.success(request, _("%(person)s is off the list.") % {"person": profile.name})
    return redirect("profiles:list", key)


@require_POST
@page(Role.MARKETER)
def person_lists(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """Add one person to a list or remove them from it, on their own page."""
    account = request.seat.account
    profile = profile_or_404(request, profile_id)
    joins, leaves = request.POST.get("add", ""), request.POST.get("remove", "")
    group = list_or_404(request, joins or leaves)
    if joins:
        editing.add_to_list(account=account, key=joins, profile_ids=[profile.pk], at=now())
        message = _("%(person)s is on the list “%(list)s”.")
    else:
        editing.remove_from_list(account=account, key=leaves, profile_ids=[profile.pk], at=now())
        message = _("%(person)s is off the list “%(list)s”.")
    messages.success(request, message % {"person": profile.name, "list": group.name})
    return redirect("profiles:person", profile.pk)
