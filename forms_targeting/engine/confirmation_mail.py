"""The mail that asks for a confirmation: text and plain HTML, nothing in it is tracked."""

from __future__ import annotations

from datetime import datetime

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from forms_targeting.models import OptIn, Site
from profiles.visitor_tokens import preference_token
from segmenter.accounts.mail import queue_mail, sender_of


def send_confirmation(
    site: Site, opt_in: OptIn, *, address: str, server: str, at: datetime
) -> None:
    """Queue the mail with a link, in the language that the visitor saw."""
    token = preference_token(site.account, opt_in.profile_id, at=at)
    leave = server + reverse("forms_targeting:unsubscribe", args=[token])
    name = site.sender_name or site.account.name
    context = {"shop": name, "address": address, "wording": opt_in.wording, "site": site}
    with override(opt_in.language):
        queue_mail(
            account=site.account,
            profile_id=opt_in.profile_id,
            sender=sender_of(name, site.sender_address),
            recipient=opt_in.email,
            subject=_("Please confirm your address for %(shop)s") % {"shop": name},
            text=render_to_string("forms_targeting/confirmation.txt", context),
            html=render_to_string("forms_targeting/confirmation.html", context),
            headers={
                "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
            at=at,
        )
