"""The settings of the site: domains, the script, consent, the sender, the identity secret."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from forms_targeting.engine.form_page import may_write
from forms_targeting.engine.links import server_address
from forms_targeting.engine.site_settings import last_contact, renew_identity_secret, save_site
from forms_targeting.engine.sites import site_of
from forms_targeting.pages.site_form import SiteForm, initial
from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segmenter.kernel.clock import now
from segmenter.kernel.errors import Invalid

RECENT = timedelta(days=2)
"""A page that was heard of since then still has the script."""


@require_http_methods(["GET", "POST"])
@page()
def settings(request: SeatRequest) -> HttpResponseBase:
    """Show and save the settings of the site."""
    account = request.seat.account
    if request.method == "GET":
        return _page(request, SiteForm(initial=initial(site_of(account, at=now()))))
    if not may_write(request):
        raise PermissionDenied
    form = SiteForm(request.POST)
    if form.is_valid():
        try:
            save_site(account=account, settings=form.settings(), at=now())
        except Invalid as error:
            _add_errors(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("forms_targeting:settings")
    return _page(request, form)


def _add_errors(form: SiteForm, error: Invalid) -> None:
    """Add the problems to their fields, those of a domain with what was typed."""
    domains = form.settings().domains
    for problem in error.problems:
        name, _slash, place = problem.pointer.strip("/").partition("/")
        quoted = f"“{domains[int(place)][:80]}”: " if place else ""
        form.add_error(name if name in form.fields else None, quoted + problem.message)


@require_POST
@never_cache
@page(Role.OWNER)
def secret(request: SeatRequest) -> HttpResponseBase:
    """Make a new identity secret and show it only once."""
    account = request.seat.account
    new_secret = renew_identity_secret(account=account, at=now())
    form = SiteForm(initial=initial(site_of(account, at=now())))
    return _page(request, form, new_secret)


def _page(request: SeatRequest, form: SiteForm, new_secret: str = "") -> HttpResponse:
    account, at = request.seat.account, now()
    site, contact = site_of(account, at=at), last_contact(account)
    script = f"{server_address(request)}/onsite/js/{account.site_key}/klaviyo.js"
    context = {
        "form": form,
        "site": site,
        "code": f'<script async src="{script}"></script>',
        "contact": contact,
        "is_recent": contact is not None and contact > at - RECENT,
        "secret": new_secret,
        "may_write": may_write(request),
        "is_owner": request.seat.allows(Role.OWNER),
    }
    status = 422 if form.errors else 200
    return render(request, "forms_targeting/pages/settings.html", context, status=status)
