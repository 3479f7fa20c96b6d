"""Variants of a form, and publishing it: what changes, what speaks against it, and the verb."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from forms_targeting.editor.page import refusal_message, variant_or_404
from forms_targeting.editor.publication import publication_of
from forms_targeting.engine.publishing import add_variant, publish, set_variant
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import ApplicationError, Conflict, Invalid, Problem


@require_GET
@never_cache
@page(Role.MARKETER)
def publication(request: SeatRequest, key: str, letter: str) -> HttpResponse:
    """What publishing would change, as the content of a dialog."""
    variant = variant_or_404(request, key, letter)
    context = {"publication": publication_of(variant.form), "form": variant.form, "letter": letter}
    return render(request, "forms_targeting/editor/_publication.html", context)


@require_POST
@page(Role.MARKETER)
def publish_form(request: SeatRequest, key: str, letter: str) -> HttpResponseBase:
    """Publish the form; back to the editor with the reason where that cannot be done."""
    variant = variant_or_404(request, key, letter)
    try:
        publish(form=variant.form, user=request.seat.user, at=now())
    except ApplicationError as error:
        messages.error(request, _message(error))
        return redirect("forms_targeting:edit", key, letter)
    messages.success(request, _("“%(name)s” is live.") % {"name": variant.form.name})
    return redirect("forms_targeting:form", key)


@require_POST
@page(Role.MARKETER)
def add(request: SeatRequest, key: str, letter: str) -> HttpResponseBase:
    """Add a variant that says the same as this one, and open it."""
    variant = variant_or_404(request, key, letter)
    try:
        copy = add_variant(form=variant.form, letter=letter, at=now())
    except Conflict as error:
        messages.error(request, _message(error))
        return redirect("forms_targeting:edit", key, letter)
    return redirect("forms_targeting:edit", key, copy.letter)


@require_POST
@page(Role.MARKETER)
def change_variant(request: SeatRequest, key: str, letter: str) -> HttpResponseBase:
    """Set a variant's weight, and whether visitors are given it."""
    variant = variant_or_404(request, key, letter)
    try:
        set_variant(
            variant=variant,
            weight=_weight(request.POST.get("weight", "")),
            is_active="is_active" in request.POST,
            at=now(),
        )
        messages.success(request, _("The variant is saved. Visitors get it so at once."))
    except Invalid as error:
        messages.error(request, refusal_message(error))
    return redirect("forms_targeting:edit", key, letter)


def _weight(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid(Problem("/weight", "invalid", _("The weight is a whole number.")))
    return int(text)


def _message(error: ApplicationError) -> str:
    return " ".join(problem.message for problem in error.problems)
