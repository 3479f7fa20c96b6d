"""The pages of people and metrics. Reads queries, calls the verbs, renders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from profiles import display, identity, queries
from profiles.models import Channel, Event, Metric, Profile
from profiles.person_cards import cards_for
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, NotFound
from segmenter.kernel.pagination import Order, page_of

PAGE_SIZE = 50
MOST_SEARCHED = 200

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


def asked_words(request: SeatRequest) -> str:
    return request.GET.get("q", "").strip()[:MOST_SEARCHED]


def cursors(request: SeatRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "") for name in ("before", "after")}


def person_rows(people: list[Profile], at: datetime) -> list[dict[str, Any]]:
    """People as rows of a table; their consents and suppressions must be prefetched."""
    rows = []
    for profile in people:
        given, against = profile.consents.all(), profile.suppressions.all()
        stands = display.standings(profile, given, against, at)
        rows.append(
            {"profile": profile, "email": stands[Channel.EMAIL], "sms": stands[Channel.SMS]}
        )
    return rows


@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The account's people, searched and sorted."""
    words = asked_words(request)
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
        "heads": [_head(name, label, sort, kept) for name, label in HEADS],
        "query": urlencode({**kept, "sort": sort}) + "&",
    }
    return render_page_or_part(request, "profiles/people.html", context)


def _head(name: str, label: Any, sort: str, kept: dict[str, str]) -> dict[str, Any]:
    """A column's head: dates sort newest first when asked, names from A."""
    first = name if name == "email" else f"-{name}"
    turned = {name: f"-{name}", f"-{name}": name}
    chosen = sort.lstrip("-") == name
    return {
        "name": name,
        "label": label,
        "query": urlencode({**kept, "sort": turned[sort] if chosen else first}),
        "direction": ("descending" if sort[0] == "-" else "ascending") if chosen else "",
    }


def profile_or_404(request: SeatRequest, profile_id: str) -> Profile:
    if not profile_id.isascii():
        raise Http404
    try:
        return identity.find(request.seat.account, profile_id)
    except NotFound:
        raise Http404 from None


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
    return render(request, "profiles/person.html", context)


@require_GET
@page()
def person_events(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """A further piece of a person's timeline."""
    profile = profile_or_404(request, profile_id)
    context = {"profile": profile, **_timeline(request, profile)}
    return render(request, "profiles/_timeline.html", context)


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


def event_row(event: Event) -> dict[str, Any]:
    return {
        "event": event,
        "summary": list(display.summary(event)),
        "properties": display.values(event.properties),
    }


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def merge(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """Find another profile of the same person, compare the two, and make one of them."""
    account = request.seat.account
    keep = profile_or_404(request, profile_id)
    if request.method == "POST":
        drop = profile_or_404(request, request.POST.get("drop", ""))
        try:
            identity.merge(account=account, keep_id=keep.pk, drop_id=drop.pk, at=now())
        except NotFound:
            raise Http404 from None
        except ApplicationError as error:
            messages.error(request, error.problems[0].message)
            return redirect("profiles:merge", keep.pk)
        messages.success(request, _("The two profiles are one now."))
        return redirect("profiles:person", keep.pk)
    asked = request.GET.get("with", "")
    words = asked_words(request)
    context: dict[str, Any] = {"profile": keep, "words": words}
    if asked:
        other = profile_or_404(request, asked)
        context |= {"other": other, "facts": _compared(keep, other)}
    elif words:
        people = queries.search_people(account, words).exclude(pk=keep.pk)
        context["found"] = people.order_by("-created", "-pk")[:10]
    return render(request, "profiles/merge.html", context)


_COMPARED = (
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


def _compared(keep: Profile, drop: Profile) -> list[dict[str, Any]]:
    rows = []
    for name, label in _COMPARED:
        ours, theirs = getattr(keep, name), getattr(drop, name)
        if ours or theirs:
            rows.append({"label": label, "keep": ours, "drop": theirs, "stays": ours or theirs})
    return rows


def metric_or_404(request: SeatRequest, key: str) -> Metric:
    try:
        return queries.get_metric(request.seat.account, key)
    except NotFound:
        raise Http404 from None


@require_GET
@page()
def metrics(request: SeatRequest) -> HttpResponse:
    """The kinds of events; their numbers are counted after the page is there (`?numbers`)."""
    account = request.seat.account
    numbers = queries.metric_numbers(account) if "numbers" in request.GET else None
    rows = [
        {"metric": metric, "numbers": numbers.get(metric.pk) if numbers is not None else None}
        for metric in queries.metrics_of(account).order_by("name")
    ]
    context = {"rows": rows, "counted": numbers is not None}
    return render_page_or_part(request, "profiles/metrics.html", context)


@require_GET
@page()
def metric(request: SeatRequest, key: str) -> HttpResponse:
    """One kind of event: how often, by whom, with which properties, and the latest."""
    account = request.seat.account
    found = metric_or_404(request, key)
    if "numbers" in request.GET:
        numbers = queries.metric_numbers(account, found).get(found.pk)
        context: dict[str, Any] = {"numbers": numbers, "counted": True, "metric": found}
        return render(request, "profiles/_metric_numbers.html", context)
    recent = page_of(
        queries.events_of(account, metric=found),
        Order("time", descending=True),
        size=PAGE_SIZE,
        **cursors(request),
    )
    samples = display.samples(event.properties for event in recent.rows)
    properties = queries.properties_of(account, found)
    context = {
        "metric": found,
        "page": recent,
        "rows": [event_row(event) for event in recent.rows],
        "properties": [{"property": p, "samples": samples.get(p.name, [])} for p in properties],
    }
    return render(request, "profiles/metric.html", context)
