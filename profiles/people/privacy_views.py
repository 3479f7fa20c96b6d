"""What an owner does about a person's privacy on their page."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from profiles.ingest.erase import erase
from profiles.page import profile_or_404
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import NotFound


@require_POST
@page(Role.OWNER)
def erase_person(request: SeatRequest, profile_id: str) -> HttpResponseBase:
    """Delete a person with all that is stored about them."""
    profile = profile_or_404(request, profile_id)
    try:
        erase(account=request.seat.account, profile_id=profile.pk, at=now())
    except NotFound:
        raise Http404 from None
    messages.success(request, _("The person is erased."))
    return redirect("profiles:index")
