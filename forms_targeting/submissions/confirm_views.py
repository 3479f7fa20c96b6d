"""The page behind the link of a double opt-in. It has no session and sets no cookie."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from forms_targeting.engine.circumstances import circumstances_of
from forms_targeting.engine.hosted_page import render_hosted, render_unknown_link
from forms_targeting.engine.links import address_in_shop
from forms_targeting.engine.opt_in import confirm, find_opt_in
from forms_targeting.engine.sites import site_of
from segmenter.kernel.clock import now


@csrf_exempt  # the secret is in the address, and there is no session to abuse
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_view(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the click; POST confirms. A link that opens nothing answers like a wrong one."""
    at = now()
    opt_in = find_opt_in(token, at)
    if opt_in is None:
        return render_unknown_link(request)
    site = site_of(opt_in.account, at=at)
    context = {"opt_in": opt_in, "is_confirmed": False, "shop_address": ""}
    with override(opt_in.language):
        if request.method == "POST":
            about = circumstances_of(
                request, page=request.build_absolute_uri(request.path), language=opt_in.language
            )
            person = confirm(opt_in, circumstances=about, at=at)
            if person is None:
                return render_unknown_link(request)
            context["is_confirmed"] = True
            context["shop_address"] = address_in_shop(site, opt_in.page, person, at=at)
        template = "forms_targeting/submissions/confirm.html"
        return render_hosted(request, template, site, context, version=opt_in.version)
