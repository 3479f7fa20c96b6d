"""The form of a segment's public link."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class PublicLinkForm(forms.Form):
    """What the page of a public link shows, and until when."""

    last_day = forms.DateField(
        label=_("Works until the end of"),
        required=False,
        help_text=_("Empty: until somebody ends it."),
        widget=forms.DateInput(attrs={"type": "date", "class": "fit"}, format="%Y-%m-%d"),
    )
    shows_conditions = forms.BooleanField(
        label=_("Show the conditions in words"),
        required=False,
        help_text=_("They may name metrics, lists and properties of your shop."),
    )
