"""Public links: the page on which marketers make and end one, and the page that it opens."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Conflict, Invalid
from segments.definition.codec import decode
from segments.definition.describe import describe
from segments.engine.growth import Unit
from segments.engine.growth_range import PRESETS, preset_label, read_range
from segments.engine.queries import Inventory
from segments.engine.watermark import read_size
from segments.models import PublicLink, Segment, SegmentStatus
from segments.page import segment_context, segment_or_404
from segments.sharing import public_links
from segments.sharing.forms import PublicLinkForm
from segments.sharing.public_growth import LEAST, UNITS, public_growth, recent_growth, size_text

GUARDS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
"""Headers of the public page: no cache keeps it, no other site hears of it, no search lists it."""


# --- for marketers -------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@page(Role.MARKETER)
def public_link(request: SeatRequest, key: str) -> HttpResponseBase:
    """A segment's public link, what its page shows and until when; POST opens or changes it."""
    segment = segment_or_404(request, key)
    link = public_links.open_link(segment, now())
    form = PublicLinkForm(request.POST or None, initial=_settings_of(link))
    if request.method == "POST":
        form = PublicLinkForm(request.POST)
        if form.is_valid():
            try:
                public_links.save_link(
                    segment, **form.cleaned_data, user=request.seat.user, at=now()
                )
            except Invalid as error:
                form.add_error("last_day", error.problems[0].message)
            else:
                messages.success(request, _("Saved.") if link else _("The public link is open."))
                return redirect("segments:public-link", key)
    context = segment_context(request, segment, "use") | {
        "form": form,
        "link": link,
        "address": _address(request, link),
        "least": LEAST,
        "today": now().astimezone(segment.account.zone).date(),
    }
    status = 422 if form.errors else 200
    return render(request, "segments/sharing/public_link.html", context, status=status)


def _settings_of(link: PublicLink | None) -> dict[str, Any]:
    if link is None:
        return {}
    return {
        "shows_conditions": link.shows_conditions,
        "last_day": public_links.last_day_of(link),
    }


def _address(request: SeatRequest, link: PublicLink | None) -> str:
    """The link's whole address; "" if its token can no longer be read."""
    token = public_links.token_of(link) if link is not None else ""
    return request.build_absolute_uri(reverse("segments:public", args=[token])) if token else ""


@require_POST
@page(Role.MARKETER)
def renew(request: SeatRequest, key: str) -> HttpResponseBase:
    """Give the public page another address; the old one opens nothing any more."""
    segment = segment_or_404(request, key)
    try:
        public_links.renew_link(segment, user=request.seat.user, at=now())
    except Conflict as error:
        messages.error(request, error.problems[0].message)
    else:
        messages.success(request, _("The link has a new address; the old one opens nothing."))
    return redirect("segments:public-link", key)


@require_POST
@page(Role.MARKETER)
def end(request: SeatRequest, key: str) -> HttpResponseBase:
    """End the public link."""
    segment = segment_or_404(request, key)
    if public_links.end_link(segment, user=request.seat.user, at=now()):
        messages.success(request, _("The public link is ended: its address opens nothing."))
    return redirect("segments:public-link", key)


# --- for everybody -------------------------------------------------------------------------------


@require_safe
def public(request: HttpRequest, token: str) -> HttpResponse:
    """What a link shows to whoever follows it: name, count and growth of one segment."""
    at = now()
    link = public_links.find_public_link(token, at)
    if link is None:
        raise Http404
    segment = link.segment
    mark = read_size(segment, at)
    zone = segment.account.zone
    query = {name: request.GET.get(name, "") for name in ("unit", "last")}
    if query["unit"] not in list(UNITS):
        query["unit"] = Unit.DAY
    date_range = read_range(
        query,
        created=segment.created.astimezone(zone).date(),
        today=at.astimezone(zone).date(),
    )
    report = recent_growth(segment, date_range, at)
    presets = PRESETS[date_range.unit]
    is_current = segment.status == SegmentStatus.READY
    with timezone.override(zone):
        context = {
            "name": segment.name,
            "is_counted": segment.as_of is not None,
            "size": segment.size,
            "size_text": size_text(segment.size),
            "as_of": mark.time if is_current else segment.as_of,
            "offset": at.astimezone(zone).isoformat()[-6:],
            "growth": public_growth(report, zone, at),
            "least": LEAST,
            "unit": date_range.unit.value,
            "units": [(unit.value, unit is date_range.unit) for unit in UNITS],
            "presets": [(n, preset_label(date_range.unit, n)) for n in presets],
            "preset": date_range.preset,
            "sentence": _sentence(segment) if link.shows_conditions else "",
        }
        response = render(request, "segments/sharing/public.html", context)
    for header, value in GUARDS.items():
        response[header] = value
    return response


def _sentence(segment: Segment) -> str:
    """The conditions in words; "" if they cannot be read."""
    try:
        return describe(decode(segment.definition), Inventory(segment.account))
    except Invalid:
        return ""
