"""The form of the site's settings; `engine.site_settings` validates it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forms_targeting.engine.site_settings import MOST_ADDRESS, MOST_SENDER, SiteSettings
from forms_targeting.models import Site

PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class SiteForm(forms.Form):
    """Domains, consent, sender."""

    domains = forms.CharField(
        label=_("Domains of your shop"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={**PLAIN, "rows": 4, "placeholder": "www.example.com"}),
        help_text=_(
            "One on each line. Only pages of these domains may show forms."
            " *.example.com stands for every host below example.com."
        ),
    )
    needs_consent = forms.BooleanField(
        label=_("Keep no cookie before the page says that the visitor agreed"), required=False
    )
    privacy_url = forms.CharField(
        label=_("Address of your privacy notice"),
        required=False,
        max_length=MOST_ADDRESS,
        widget=forms.TextInput(
            attrs={**PLAIN, "inputmode": "url", "placeholder": "https://www.example.com/privacy"}
        ),
    )
    sender_name = forms.CharField(
        label=_("Name of the sender"),
        required=False,
        max_length=MOST_SENDER,
        help_text=_("Of mails that ask for confirmation."),
    )
    sender_address = forms.CharField(
        label=_("E-mail address of the sender"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "email"}),
        help_text=_("Empty: the server’s own address."),
    )

    def settings(self) -> SiteSettings:
        """The settings of a valid form."""
        values = self.cleaned_data
        return SiteSettings(
            domains=[line for line in values["domains"].splitlines() if line.strip()],
            needs_consent=values["needs_consent"],
            privacy_url=values["privacy_url"],
            sender_name=values["sender_name"],
            sender_address=values["sender_address"],
        )


def initial(site: Site) -> dict[str, Any]:
    """The initial values of a site's form."""
    return {
        "domains": "\n".join(site.domains),
        "needs_consent": site.needs_consent,
        "privacy_url": site.privacy_url,
        "sender_name": site.sender_name,
        "sender_address": site.sender_address,
    }
