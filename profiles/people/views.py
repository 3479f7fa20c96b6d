"""The pages of people: the list, one person, the timeline."""

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
from profiles.registries.people_filters import apply_filters
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
    """The account's people, searched, filtered and sorted."""
    words = search_words(request)
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "-created"
    people = queries.search_people(request.seat.account, words)
    parameters = {"q": words} if words else {}
    filters = apply_filters(request)
    total = None
    for _filter, answer in filters:
        parameters |= answer.parameters
        if answer.ids is not None:
            people = queries.among(people, answer.ids)
            total = len(answer.ids)
    people_page = page_of(
        people.prefetch_related("consents", "suppressions"),
        ORDERS[sort],
        size=PAGE_SIZE,
        **cursors(request),
    )
    context = {
        "page": people_page,
        "rows": person_rows(people_page.rows, now()),
        "total": people.count() if words or total is None or len(filters) > 1 else total,
        "words": words,
        "filters": [
            {"inputs": each.inputs, "summary": each.summary, "filter": answer.context}
            for each, answer in filters
        ],
        "is_filtered": any(answer.ids is not None for _filter, answer in filters),
        "sort": sort,
        "heads": [
            sort_head(name, label, sort, parameters, ascending=name == "email")
            for name, label in HEADS
        ],
        "query": urlencode({**parameters, "sort": sort}) + "&",
    }
    return render_page_or_part(request, "profiles/people/people.html", context)


@require_GET
@page()
def person(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """One person; the id of a merged profile redirects to the remaining one."""
    account = request.seat.account
    profile = profile_or_404(request, profile_id)
    if str(profile.pk) != profile_id:
        return redirect("profiles:person", profile.pk)
    consents, suppressions = profile.consents.all(), profile.suppressions.all()
    states = display.channel_states(profile, consents, suppressions, now())
    memberships = list(profile.list_memberships.select_related("list").order_by("list__name"))
    list_ids = {membership.list_id for membership in memberships}
    may_write = request.seat.allows(Role.MARKETER)
    others = queries.lists_of(account).exclude(pk__in=list_ids).order_by("name")
    context = {
        "profile": profile,
        "channel_states": [state for state in states.values() if state.has_data],
        "empty_channels": [state.channel for state in states.values() if not state.has_data],
        "properties": display.values(profile.properties),
        "memberships": memberships,
        "other_lists": others if may_write else [],
        "activity": queries.activity_of(account, profile),
        "cards": cards_for(account, profile),
        "may_write": may_write,
        "may_erase": request.seat.allows(Role.OWNER),
        **_timeline(request, profile),
    }
    return render(request, "profiles/people/person.html", context)


@require_GET
@page()
def person_events(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """The next page of a person's timeline."""
    profile = profile_or_404(request, profile_id)
    context = {"profile": profile, **_timeline(request, profile)}
    return render(request, "profiles/people/_timeline.html", context)


def _timeline(request: SeatRequest, profile: Profile) -> dict[str, Any]:
    account = request.seat.account
    key = request.GET.get("metric", "")
    metric = metric_or_404(request, key) if key else None
    events_page = page_of(
        queries.events_of(account, profile=profile, metric=metric),
        Order("time", descending=True),
        size=PAGE_SIZE,
        after=request.GET.get("after", ""),
    )
    return {
        "metric": metric,
        "events": events_page,
        "days": _by_day(events_page.rows),
        "shown_day": request.GET.get("day", ""),
        "last_day": _day_of(events_page.rows[-1]) if events_page.rows else "",
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
