"""The status page, the retry of changes that were set aside, and `/metrics`."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.accounts.status import status_of
from segmenter.kernel.clock import now
from segments.health.changes import try_again
from segments.health.exposition import exposition


@dataclass(frozen=True)
class Part:
    """A rendered part of the page."""

    name: str
    html: str
    width: str = "whole"

    @property
    def version(self) -> str:
        """A hash of the HTML. The page sends it back, to receive only the parts that changed."""
        return f"{self.name}:{hashlib.sha256(self.html.encode()).hexdigest()[:12]}"


@never_cache
@require_GET
@page()
def index(request: SeatRequest) -> HttpResponse:
    """The state of everything. The page polls for the parts that have changed."""
    headline, cards = _parts(request)
    if request.htmx and not request.htmx.boosted:
        versions = set(request.GET.getlist("version"))
        news = [part for part in (headline, *cards) if part.version not in versions]
        if not news:
            return HttpResponse(status=204)
        return render(request, "segments/health/_news.html", {"parts": news})
    return render(request, "segments/health/page.html", {"headline": headline, "cards": cards})


def _parts(request: SeatRequest) -> tuple[Part, list[Part]]:
    status = status_of(request.seat.account, now())
    base = {"at": status.at, "may_write": request.seat.allows(Role.MARKETER)}
    headline = render_to_string("segments/health/_headline.html", {"status": status}, request)
    cards = []
    for card in status.cards:
        context = {**base, "content": card.content, "title": card.section.title, "name": card.name}
        html = render_to_string(card.section.template, context, request)
        cards.append(Part(card.name, html, card.section.width))
    return Part("headline", headline), cards


@require_POST
@page(Role.MARKETER)
def again(request: SeatRequest) -> HttpResponseBase:
    """Retry changes that were set aside: the one of `change`, or all."""
    change = request.POST.get("change", "")
    if change and not (change.isascii() and change.isdigit() and len(change) < 19):
        raise Http404
    count = try_again(request.seat.account, int(change) if change else None)
    if change and not count:
        raise Http404
    messages.success(
        request,
        ngettext("%(n)s change is tried again.", "%(n)s changes are tried again.", count)
        % {"n": count}
        if count
        else _("Nothing is set aside."),
    )
    return redirect("segments:status-page")


@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics of all accounts for Prometheus; 404 without permission."""
    if not _may_scrape(request):
        raise Http404
    body, content_type = exposition(now())
    return HttpResponse(body, content_type=content_type)


def _may_scrape(request: HttpRequest) -> bool:
    """Whether a request may read the metrics.

    With a token in the settings, it must send the token. Without one, it must come from this
    machine and through no proxy: behind a proxy on this machine, everybody seems local.
    """
    token: str = settings.SEGMENTER_METRICS_TOKEN
    if token:
        header = request.headers.get("Authorization", "")
        return hmac.compare_digest(header.encode(), f"Bearer {token}".encode())
    if settings.SEGMENTER_PROXIES or {"X-Forwarded-For", "Forwarded"} & set(request.headers):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
