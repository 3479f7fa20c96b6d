"""The page that merges two profiles of one person."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from profiles import queries
from profiles.ingest.merge import merge
from profiles.models import Profile
from profiles.page import profile_or_404
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.list_page import search_words
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def merge_page(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """Find another profile of the same person, compare the two, and merge them."""
    account = request.seat.account
    keep = profile_or_404(request, profile_id)
    if request.method == "POST":
        drop = profile_or_404(request, request.POST.get("drop", ""))
        try:
            merge(account=account, keep_id=keep.pk, drop_id=drop.pk, at=now())
        except NotFound:
            raise Http404 from None
        except ApplicationError as error:
            messages.error(request, error.problems[0].message)
            return redirect("profiles:merge", keep.pk)
        messages.success(request, _("The two profiles are one now."))
        return redirect("profiles:person", keep.pk)
    other_id = request.GET.get("with", "")
    words = search_words(request)
    context: dict[str, Any] = {"profile": keep, "words": words}
    if other_id:
        other = profile_or_404(request, other_id)
        context |= {"other": other, "facts": _compare(keep, other)}
    elif words:
        people = queries.search_people(account, words).exclude(pk=keep.pk)
        context["matches"] = people.order_by("-created", "-pk")[:10]
    return render(request, "profiles/people/merge.html", context)


_COMPARISON = (
    ("email", gettext_lazy("Email")),
    ("phone_number", gettext_lazy("Phone")),
    ("external_id", gettext_lazy("External id")),
    ("anonymous_id", gettext_lazy("Anonymous id")),
    ("first_name", gettext_lazy("First name")),
    ("last_name", gettext_lazy("Last name")),
    ("organization", gettext_lazy("Organisation")),
    ("city", gettext_lazy("City")),
    ("country", gettext_lazy("Country")),
)


def _compare(keep: Profile, drop: Profile) -> list[dict[str, Any]]:
    rows = []
    for name, label in _COMPARISON:
        ours, theirs = getattr(keep, name), getattr(drop, name)
        if ours or theirs:
            rows.append({"label": label, "keep": ours, "drop": theirs, "stays": ours or theirs})
    return rows
