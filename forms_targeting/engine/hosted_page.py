"""Pages that people open by a link in a mail: in the look of the shop's forms, without a session.

No cookie, nothing of another site, no cache keeps them, no search lists them, and the address (with
its secret) is passed on to nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from forms_targeting.content.form_content import read_content
from forms_targeting.models import FormStatus, FormVersion, Site
from segmenter.kernel.errors import Invalid

GUARDS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def render_hosted(
    request: HttpRequest,
    template: str,
    site: Site,
    context: Mapping[str, Any],
    *,
    version: FormVersion | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a page of a site, in the colors of a form's version, else of its newest form."""
    about = {
        "site": site,
        "shop": site.sender_name or site.account.name,
        "style": _style_of(version or _newest_version(site)),
    }
    return _guarded(render(request, template, {**about, **context}, status=status))


def render_unknown_link(request: HttpRequest) -> HttpResponse:
    """Render the one answer to links that are wrong, over, or of somebody who was forgotten."""
    return _guarded(render(request, "forms_targeting/link_unknown.html", status=404))


def _guarded(response: HttpResponse) -> HttpResponse:
    for header, value in GUARDS.items():
        response[header] = value
    return response


def _newest_version(site: Site) -> FormVersion | None:
    versions = FormVersion.objects.filter(account=site.account, form__status=FormStatus.LIVE)
    return versions.order_by("-created", "-pk").first()


def _style_of(version: FormVersion | None) -> Mapping[str, Any] | None:
    """Checked colors and corners; None where the product's own are used."""
    if version is None:
        return None
    try:
        style = read_content(version.content).style
    except Invalid:
        return None
    return None if style["from_page"] else style
