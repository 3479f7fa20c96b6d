"""The forms of sign-in and settings."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.password_validation import password_validators_help_texts
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from segmenter.accounts.models import SCOPES, Account, Role, User
from segmenter.accounts.throttle import (
    TooManyFailures,
    address_of,
    begin_attempt,
    begin_link_attempt,
)
from segmenter.kernel.clock import now
from segmenter.kernel.time_zones import time_zones

VOID_LINK = _(
    "This link does not work. It may have been used, withdrawn, replaced by a newer one, or be too "
    "old. Ask whoever gave it to you for another."
)
"""The same answer for every void link, so that none reveals why."""


class SignInForm(AuthenticationForm):
    """Email and password; the attempt is counted before they are checked."""

    error_messages = {
        "invalid_login": _("This email and password do not belong together."),
        "inactive": _("This email and password do not belong together."),
    }
    pause: int = 0
    """Seconds to wait after too many failures."""

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
            raise ValidationError(_please_wait(self.pause), code="throttled") from None
        cleaned = super().clean()
        attempt.succeeded()
        return cleaned


def _please_wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    message = ngettext(
        "Too many attempts. Please wait %(minutes)d minute and try again.",
        "Too many attempts. Please wait %(minutes)d minutes and try again.",
        minutes,
    )
    return message % {"minutes": minutes}


class LinkForm(forms.Form):
    """The secret of a one-time link; the attempt is counted before it is looked up.

    `value` is the result of `find`. A script fills the field in; without scripts a person pastes
    the link.
    """

    link = forms.CharField(
        label=_("Your link"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    pause: int = 0
    """Seconds to wait after too many failures."""
    value: str = ""

    def __init__(
        self, find: Callable[[str], str | None], request: HttpRequest, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.find, self.request = find, request

    def clean_link(self) -> str:
        try:
            attempt = begin_link_attempt(address=address_of(self.request), at=now())
        except TooManyFailures as refusal:
            self.pause = math.ceil(refusal.pause.total_seconds())
            raise ValidationError(_please_wait(self.pause), code="throttled") from None
        link = str(self.cleaned_data["link"])
        value = self.find(link.rpartition("#")[2].strip())
        if value is None:
            raise ValidationError(VOID_LINK, code="void")
        attempt.succeeded()
        self.value = value
        return link


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A password that a person chooses, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, again = self.fields["new_password1"], self.fields["new_password2"]
        first.label, again.label = _("Password"), _("Password again")
        first.help_text = " ".join(password_validators_help_texts())
        again.help_text = ""

    def clean_new_password1(self) -> str:
        password = str(self.cleaned_data["new_password1"])
        if self.user.pk is not None and self.user.check_password(password):
            raise ValidationError(_("Choose another password than before."), code="same")
        return password


class NewPersonForm(NewPasswordForm):
    """The name and password of a new user."""

    name = forms.CharField(label=pgettext_lazy("a person’s", "Name"), max_length=120)
    field_order = ["name", "new_password1", "new_password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"

    def clean(self) -> dict[str, Any] | None:
        self.user.name = self.cleaned_data.get("name", "")
        self.user.email = self.cleaned_data.get("email", self.user.email)
        return super().clean()


class SetUpForm(NewPersonForm):
    """The first account and its owner."""

    shop = forms.CharField(label=_("Your shop's name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days, weeks and months begin at midnight here.")
    )
    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    field_order = [
        "shop",
        "time_zone",
        "name",
        "email",
        "new_password1",
        "new_password2",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(User(), *args, **kwargs)
        time_zone = self.fields["time_zone"]
        assert isinstance(time_zone, forms.ChoiceField)
        time_zone.choices = zone_choices()
        time_zone.initial = "UTC"
        time_zone.widget.attrs["data-browser-zone"] = True


def zone_choices(current: str = "UTC") -> list[tuple[str, str]]:
    """Return the time zones to choose from, `current` among them, each with its words."""
    zones = sorted(zone for zone in time_zones() if "/" in zone or zone == "UTC")
    if current not in zones:
        zones.append(current)
    return [(zone, zone.replace("_", " ")) for zone in zones]


class AccountForm(forms.ModelForm):  # type: ignore[type-arg]
    """The name and time zone of an account."""

    time_zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Account
        fields: ClassVar = ["name", "time_zone"]
        labels: ClassVar = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = zone_choices(self.instance.time_zone)
        field.help_text = _("Days, weeks and months begin at midnight here.")


class RoleForm(forms.Form):
    """A role, alone."""

    role = forms.TypedChoiceField(label=_("Role"), choices=Role.choices, coerce=Role)


class InvitationForm(RoleForm):
    """An invitation to the team."""

    email = forms.EmailField(label=_("Email"), max_length=254)
    field_order = ["email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("role", Role.MARKETER)


class ApiKeyForm(forms.Form):
    """A new API key."""

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
    """A person's own settings."""

    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As the browser says")), *settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields: ClassVar = ["name", "language"]
        labels: ClassVar = {"name": pgettext_lazy("a person’s", "Name")}
