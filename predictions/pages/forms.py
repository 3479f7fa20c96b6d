"""The form of an account's settings for predictions."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from predictions.models import Choices
from predictions.storage.orders import USUAL
from profiles.models import Metric

BY_NAME = "by-name"
NONE = "none"


class ChoicesForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which metrics count, whether gender is guessed, and where bands of churn risk begin."""

    order_metric = forms.ChoiceField(label=_("Orders are events of"))
    refund_metric = forms.ChoiceField(label=_("Refunds are events of"))
    cancel_metric = forms.ChoiceField(label=_("Cancellations are events of"))
    medium_from = forms.FloatField(
        label=_("Churn risk is medium from (%)"), min_value=1, max_value=98
    )
    high_from = forms.FloatField(label=_("Churn risk is high from (%)"), min_value=2, max_value=99)

    class Meta:
        model = Choices
        fields: ClassVar = [
            *USUAL,
            "medium_from",
            "high_from",
            "guesses_gender",
            "gender_note",
        ]
        labels: ClassVar = {
            "guesses_gender": _("Guess gender from first names"),
            "gender_note": _("Why it is switched off"),
        }
        help_texts: ClassVar = {
            "gender_note": _("Shown to everybody who wonders why there is no guess."),
        }
        widgets: ClassVar = {"gender_note": forms.Textarea(attrs={"rows": 2, "maxlength": 500})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = Metric.objects.filter(account=self.instance.account).order_by("name")
        metric_choices = list(metrics.values_list("key", "name"))
        for name, usual in USUAL.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            by_name = (BY_NAME, _("“%(name)s”, as usual") % {"name": usual})
            nothing = [] if name == "order_metric" else [(NONE, _("There are none"))]
            field.choices = [by_name, *nothing, *metric_choices]
            value = getattr(self.instance, name)
            self.initial[name] = BY_NAME if value is None else value or NONE
        for name in ("medium_from", "high_from"):
            self.initial[name] = round(100 * getattr(self.instance, name), 2)

    def _metric(self, name: str) -> str | None:
        choice = self.cleaned_data[name]
        return {BY_NAME: None, NONE: ""}.get(choice, choice)

    def clean_order_metric(self) -> str | None:
        return self._metric("order_metric")

    def clean_refund_metric(self) -> str | None:
        return self._metric("refund_metric")

    def clean_cancel_metric(self) -> str | None:
        return self._metric("cancel_metric")

    def clean_medium_from(self) -> float:
        return round(float(self.cleaned_data["medium_from"]) / 100, 6)

    def clean_high_from(self) -> float:
        return round(float(self.cleaned_data["high_from"]) / 100, 6)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        low, high = cleaned.get("medium_from"), cleaned.get("high_from")
        if low is not None and high is not None and low >= high:
            self.add_error("high_from", _("High has to begin above medium."))
        return cleaned
