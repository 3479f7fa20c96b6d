"""The pages of people and metrics. Reads queries, calls the verbs, renders."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from profiles import display, queries
from profiles.models import Event, Profile
from profiles.page import event_row, metric_or_404, person_rows, profile_or_404
from profiles.registries.person_cards import cards_for
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import PAGE_SIZE, cursors, search_words, sort_head
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.pagination import Order, page_of

ORDERS = {
    "-created": Order("created", descending=True),
    "created": Order("created"),
    "-last_active": Order("last_active", descending=True, nullable=True),
    "last_active": Order("last_active", nullable=True),
    "email": Order("email", nullable=True),
    "-email": Order("email", descending=True, nullable=True),
}
HEADS = (
    ("email", gettext_lazy("Email")),
    ("last_active", gettext_lazy("Last active")),
    ("created", gettext_lazy("Added")),
)


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The account's people, searched and sorted."""
    words = search_words(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "-created"
    people = queries.search_people(request.seat.account, words)
    found = page_of(
        people.prefetch_related("consents", "suppressions"),
        ORDERS[sort],
        size=PAGE_SIZE,
        **cursors(request),
    )
    kept = {"q": words} if words else {}
    context = {
        "page": found,
        "rows": person_rows(found.rows, now()),
        "total": people.count(),
        "words": words,
        "sort": sort,
        "heads": [
            sort_head(name, label, sort, kept, ascending=name == "email") for name, label in HEADS
        ],
        "query": urlencode({**kept, "sort": sort}) + "&",
    }
    return render_page_or_part(request, "profiles/people/people.html", context)


@require_GET
@page()
def person(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """Everything about one person; the id of a merged profile leads to who it went to."""
    account = request.seat.account
    profile = profile_or_404(request, profile_id)
    if str(profile.pk) != profile_id:
        return redirect("profiles:person", profile.pk)
    given, against = profile.consents.all(), profile.suppressions.all()
    stands = display.standings(profile, given, against, now())
    memberships = list(profile.list_memberships.select_related("list").order_by("list__name"))
    joined = {membership.list_id for membership in memberships}
    may_write = request.seat.allows(Role.MARKETER)
    others = queries.lists_of(account).exclude(pk__in=joined).order_by("name")
    context = {
        "profile": profile,
        "standings": [stand for stand in stands.values() if stand.says_something],
        "silent": [stand.channel for stand in stands.values() if not stand.says_something],
        "properties": display.values(profile.properties),
        "memberships": memberships,
        "other_lists": others if may_write else [],
        "done": queries.done_by(account, profile),
        "cards": cards_for(account, profile),
        "may_write": may_write,
        **_timeline(request, profile),
    }
    return render(request, "profiles/people/person.html", context)


@require_GET
@page()
def person_events(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """A further piece of a person's timeline."""
    profile = profile_or_404(request, profile_id)
    context = {"profile": profile, **_timeline(request, profile)}
    return render(request, "profiles/people/_timeline.html", context)


def _timeline(request: SeatRequest, profile: Profile) -> dict[str, Any]:
    account = request.seat.account
    key = request.GET.get("metric", "")
    metric = metric_or_404(request, key) if key else None
    found = page_of(
        queries.events_of(account, profile=profile, metric=metric),
        Order("time", descending=True),
        size=PAGE_SIZE,
        after=request.GET.get("after", ""),
    )
    return {
        "metric": metric,
        "events": found,
        "days": _by_day(found.rows),
        "shown_day": request.GET.get("day", ""),
        "last_day": _day_of(found.rows[-1]) if found.rows else "",
    }


def _by_day(events: list[Event]) -> list[dict[str, Any]]:
    """Events by day in the account's zone, in the order they come."""
    days: list[dict[str, Any]] = []
    for event in events:
        day = _day_of(event)
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "time": event.time, "events": []})
        days[-1]["events"].append(event_row(event))
    return days


def _day_of(event: Event) -> str:
    return timezone.localtime(event.time).date().isoformat()
