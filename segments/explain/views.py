"""The pages that explain why somebody is in a segment or not."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from profiles.page import profile_or_404
from profiles.queries import search_people
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.fragments import render_page_or_part
from segmenter.accounts.list_page import search_words
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound
from segments.explain.explain import explain_membership
from segments.models import Membership
from segments.page import segment_context, segment_or_404

MOST_RESULTS = 20


@require_GET
@page()
def why(request: SeatRequest, key: str) -> HttpResponse:
    """Search for the person whose membership is to be explained."""
    account, words = request.seat.account, search_words(request)
    segment = segment_or_404(request, key)
    people = (
        search_people(account, words).order_by("-created", "-pk")[:MOST_RESULTS] if words else []
    )
    inside = set(
        Membership.objects.filter(
            account=account, segment=segment, profile__in=[profile.pk for profile in people]
        ).values_list("profile_id", flat=True)
    )
    context = segment_context(request, segment, "why") | {
        "words": words,
        "rows": [{"profile": one, "inside": one.pk in inside} for one in people],
    }
    return render_page_or_part(request, "segments/explain/search.html", context, part="_found.html")


@require_GET
@page()
def explain(request: SeatRequest, key: str, profile_id: str) -> HttpResponseBase:
    """Each condition for one person; without the page for a card that shows it in place.

    The id of a merged profile redirects to the remaining one.
    """
    segment = segment_or_404(request, key)
    profile = profile_or_404(request, profile_id)
    if str(profile.pk) != profile_id:
        return redirect("segments:explain", segment.key, profile.pk)
    try:
        explanation = explain_membership(request.seat.account, profile.pk, segment, now())
    except NotFound:
        raise Http404 from None
    context = segment_context(request, segment, "why") | {"profile": profile, "told": explanation}
    return render_page_or_part(request, "segments/explain/page.html", context, part="_reasons.html")
