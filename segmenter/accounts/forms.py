"""The forms of sign-in and settings: what may be typed, in which words it is refused."""

from __future__ import annotations

import math
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from segmenter.accounts.models import SCOPES, Account, Role, User
from segmenter.accounts.throttle import TooManyFailures, address_of, begin_attempt
from segmenter.kernel.clock import now


class SignInForm(AuthenticationForm):
    """Email and password, counted before they are looked at."""

    error_messages = {
        "invalid_login": _("This email and password do not belong together."),
        "inactive": _("This email and password do not belong together."),
    }
    pause: int = 0
    """Seconds to wait, when there were too many failures."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Email")
        self.fields["username"].widget = forms.EmailInput(
            attrs={"autofocus": True, "autocomplete": "username", "maxlength": 254}
        )

    def clean(self) -> dict[str, Any]:
        email, password = (self.cleaned_data.get(name) for name in ("username", "password"))
        if self.request is None or not email or not password:
            return super().clean()
        try:
            attempt = begin_attempt(email=email, address=address_of(self.request), at=now())
        except TooManyFailures as refusal:
            self.pause = math.ceil(refusal.pause.total_seconds())
            minutes = -(-self.pause // 60)
            message = ngettext(
                "Too many attempts. Please wait %(minutes)d minute and try again.",
                "Too many attempts. Please wait %(minutes)d minutes and try again.",
                minutes,
            )
            raise ValidationError(message % {"minutes": minutes}, code="throttled") from None
        cleaned = super().clean()
        attempt.succeeded()
        return cleaned


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """What the account is called and where its days begin."""

    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Account
        fields: ClassVar = ["name", "time_zone"]
        labels: ClassVar = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone or zone == "UTC")
        if self.instance.time_zone not in zones:
            zones.append(self.instance.time_zone)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(zone, zone.replace("_", " ")) for zone in zones]
        field.help_text = _("Days, weeks and months begin at midnight here.")


class RoleForm(forms.Form):
    """A role, alone."""

    role = forms.TypedChoiceField(label=_("Role"), choices=Role.choices, coerce=Role)


class TeamForm(RoleForm):
    """Someone to be added to the team."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    name = forms.CharField(
        label=pgettext_lazy("a person’s", "Name"), max_length=120, required=False
    )
    field_order = ["email", "name", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("role", Role.MARKETER)


class ApiKeyForm(forms.Form):
    """A key to be made."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("What the key is for, so that you know it again."),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(scope, scope) for scope in SCOPES],
        error_messages={"required": _("Choose what the key may do.")},
    )


class MeForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a person may change about themselves."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser says")), *settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields: ClassVar = ["name", "language"]
        labels: ClassVar = {"name": pgettext_lazy("a person’s", "Name")}
