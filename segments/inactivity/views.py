"""The page of the account's rule for segments that nobody uses."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from segmenter.accounts.access import SeatRequest, page
from segmenter.accounts.models import Role
from segments.inactivity.rule import LEAST, MOST, NOTICE, UnusedRule, change_rule, rule_of


class InactivityForm(forms.Form):
    """The days, and whether the rule is on."""

    is_on = forms.BooleanField(
        label=gettext_lazy("Deactivate segments that nobody uses"), required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("After so many days"),
        min_value=LEAST,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"class": "fit"}),
    )
    starred_days = forms.IntegerField(
        label=gettext_lazy("With a star, after so many days"),
        min_value=LEAST,
        max_value=MOST,
        widget=forms.NumberInput(attrs={"class": "fit"}),
    )


@require_http_methods(["GET", "POST"])
@page(Role.MARKETER)
def settings(request: SeatRequest) -> HttpResponseBase:
    """Show and change the rule."""
    account = request.seat.account
    rule = rule_of(account)
    initial = {"is_on": rule.is_on, "days": rule.days, "starred_days": rule.starred_days}
    form = InactivityForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        change_rule(account, UnusedRule(**form.cleaned_data))
        messages.success(request, _("Saved."))
        return redirect("segments:inactivity")
    context = {"form": form, "notice_days": NOTICE.days}
    return render(request, "segments/inactivity/settings.html", context)
