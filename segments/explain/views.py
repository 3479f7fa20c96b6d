"""The pages that say why somebody is in a segment or not. Reads, calls the verb, renders."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from profiles.page import profile_or_404
from profiles.queries import search_people
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import search_words
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound
from segments.explain.explain import explain as explained
from segments.models import Membership
from segments.page import segment_context, segment_or_404

MOST_FOUND = 20


@require_GET
@page()
def why(request: SeatRequest, key: str) -> HttpResponse:
    """Find the person whose membership is to be explained."""
    account, words = request.seat.account, search_words(request)
    segment = segment_or_404(request, key)
    found = search_people(account, words).order_by("-created", "-pk")[:MOST_FOUND] if words else []
    inside = set(
        Membership.objects.filter(
            account=account, segment=segment, profile__in=[profile.pk for profile in found]
        ).values_list("profile_id", flat=True)
    )
    context = segment_context(request, segment, "why") | {
        "words": words,
        "rows": [{"profile": one, "inside": one.pk in inside} for one in found],
    }
    return render_page_or_part(request, "segments/explain/search.html", context, part="_found.html")


@require_GET
@page()
def explain(request: SeatRequest, key: str, profile_id: str) -> HttpResponseBase:
    """Each condition for one person; the id of a merged profile leads to who it went to."""
    segment = segment_or_404(request, key)
    profile = profile_or_404(request, profile_id)
    if str(profile.pk) != profile_id:
        return redirect("segments:explain", segment.key, profile.pk)
    try:
        told = explained(request.seat.account, profile.pk, segment, now())
    except NotFound:
        raise Http404 from None
    context = segment_context(request, segment, "why") | {"profile": profile, "told": told}
    return render(request, "segments/explain/page.html", context)
