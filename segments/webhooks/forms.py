"""The form of a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from segmenter.accounts.models import Account
from segments.engine.addresses import MOST_URL
from segments.models import Segment, Webhook
from segments.webhooks.editing import MOST_NAME, WebhookSettings

ALL, CHOSEN = "all", "chosen"


class WebhookForm(forms.Form):
    """A webhook to be created or changed. `webhooks.editing` validates it."""

    name = forms.CharField(label=_("Name"), max_length=MOST_NAME)
    url = forms.CharField(
        label=_("Address"),
        max_length=MOST_URL,
        widget=forms.TextInput(
            attrs={
                "inputmode": "url",
                "autocomplete": "off",
                "spellcheck": "false",
                "placeholder": "https://example.com/hook",
            }
        ),
        help_text=_("Messages are sent there with POST. The address must be public and use https."),
    )
    which = forms.ChoiceField(
        choices=[(ALL, _("All segments")), (CHOSEN, _("These segments"))],
        initial=ALL,
        widget=forms.RadioSelect,
    )
    segments = forms.ModelMultipleChoiceField(
        Segment.objects.none(), required=False, to_field_name="key"
    )
    entering = forms.BooleanField(label=_("Someone enters"), required=False, initial=True)
    leaving = forms.BooleanField(label=_("Someone leaves"), required=False, initial=True)
    definitions = forms.BooleanField(
        label=_("Also when a definition was edited"), required=False, initial=False
    )

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        segments = self.fields["segments"]
        assert isinstance(segments, forms.ModelMultipleChoiceField)
        segments.queryset = Segment.objects.filter(account=account).order_by("name")

    def settings(self) -> WebhookSettings:
        """The settings of a valid form."""
        values = self.cleaned_data
        return WebhookSettings(
            name=values["name"],
            url=values["url"],
            segments=None if values["which"] == ALL else list(values["segments"]),
            entering=values["entering"],
            leaving=values["leaving"],
            definitions=values["definitions"],
        )


def initial(webhook: Webhook) -> dict[str, Any]:
    """The initial values of a webhook's form."""
    return {
        "name": webhook.name,
        "url": webhook.url,
        "which": ALL if webhook.all_segments else CHOSEN,
        "segments": [segment.key for segment in webhook.segments.all()],
        "entering": webhook.entering,
        "leaving": webhook.leaving,
        "definitions": webhook.definitions,
    }
