"""The form of a live connection: the fields that the network's API asks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from segments.audiences.api import AudienceApi
from segments.audiences.connections import MOST_VALUE
from segments.models import AudienceConnection


class ConnectionForm(forms.Form):
    """A connection to be made or changed. `audiences.connections` checks it."""

    includes_unasked = forms.BooleanField(
        label=_("Also people who never said yes or no to messages"), required=False
    )

    def __init__(
        self, api: AudienceApi, current: AudienceConnection | None, *arguments: object
    ) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.names = [field.name for field in api.fields]
        for field in api.fields:
            hint = field.hint
            if field.is_secret and current is not None:
                hint = _("Leave it empty to keep the one that is stored.")
            widget = forms.PasswordInput if field.is_secret else forms.TextInput
            self.fields[field.name] = forms.CharField(
                label=str(field.label),
                help_text=str(hint),
                widget=widget(attrs={"autocomplete": "off", "spellcheck": "false"}),
                max_length=MOST_VALUE,
                required=not (field.is_secret and current is not None),
                initial=(current.target.get(field.name, "") if current is not None else ""),
            )
        if current is not None:
            self.fields["includes_unasked"].initial = current.audience.includes_unasked

    @property
    def api_fields(self) -> list[forms.BoundField]:
        """The fields of the API, in its order."""
        return [self[name] for name in self.names]
