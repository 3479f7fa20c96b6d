"""The page of the personas: how everyone divides into them, and all of them saved at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segments.engine.editing import save_segment
from segments.engine.queries import free_name, segments_of
from segments.library.account_values import AccountValues
from segments.library.persona_picture import picture_of
from segments.library.personas import divide, persona_proposals
from segments.library.sizes import Counting
from segments.page import may_write


@require_GET
@page()
def page_of_personas(request: SeatRequest) -> HttpResponse:
    """The frame of the page; the figures are loaded afterwards."""
    context = {"may_write": may_write(request)}
    return render(request, "segments/library/personas.html", context)


@require_GET
@page()
def figures(request: SeatRequest) -> HttpResponse:
    """The counts, shares and overlaps as a picture and tables."""
    source = AccountValues(request.seat.account, now())
    proposals = persona_proposals(source)
    counting = Counting(source.people, source.at)
    division = divide(proposals, counting)
    context: dict[str, Any] = {
        "division": division,
        "picture": picture_of(division),
        "lacking": list(dict.fromkeys(text for one in proposals for text in one.missing)),
        "may_write": may_write(request),
        "as_of": counting.as_of,
    }
    return render(request, "segments/library/_division.html", context)


@require_POST
@page(Role.MARKETER)
def save_all(request: SeatRequest) -> HttpResponseBase:
    """Save every persona that has no segment with its definition yet."""
    account, at = request.seat.account, now()
    proposals = persona_proposals(AccountValues(account, at))
    with transaction.atomic():
        definitions = list(segments_of(account).values_list("definition", flat=True))
        new = [one for one in proposals if one.tree and one.definition not in definitions]
        for proposal in new:
            save_segment(
                account=account,
                user=request.seat.user,
                name=free_name(account, str(proposal.ready.name)),
                definition=proposal.definition,
                at=at,
            )
    if not new:
        messages.info(request, _("All personas are saved already."))
        return redirect("segments:library-personas")
    text = ngettext("%(n)s persona is saved.", "%(n)s personas are saved.", len(new))
    messages.success(request, text % {"n": len(new)})
    return redirect("segments:list")
