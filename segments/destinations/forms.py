"""The form of a list destination: the fields of its kind, who is included, what is sent, when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from segments.destinations.editing import MOST_VALUE, SCHEDULES, ListPlan
from segments.destinations.kind import ListDestination
from segments.member_files.column import Shop, offers_of
from segments.models import Destination, Schedule

CHANNELS = [
    ("email", _("Who can be reached by e-mail")),
    ("sms", _("Who can be reached by SMS")),
    ("push", _("Who can be reached by push")),
    ("", _("Everyone, whether they can be reached or not")),
]
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]
_LABELS = {
    Schedule.SOON: _("Soon after a change, every 5 minutes at most"),
    Schedule.HOURLY: _("Every hour"),
    Schedule.DAILY: _("Every day"),
}


class ListDestinationForm(forms.Form):
    """A list destination to be made or changed. `destinations.editing` checks it."""

    channel = forms.ChoiceField(
        label=_("Who is included"), choices=CHANNELS, required=False, initial="email"
    )
    schedule = forms.ChoiceField(
        label=_("When"),
        choices=[(each.value, _LABELS[each]) for each in SCHEDULES],
        initial=Schedule.HOURLY.value,
    )
    hour = forms.TypedChoiceField(
        label=_("If daily, at"), choices=_HOURS, coerce=int, required=False, initial=6
    )

    def __init__(
        self,
        kind: ListDestination,
        shop: Shop,
        current: Destination | None,
        *args: Any,
        fixed: bool = False,
    ) -> None:
        """`fixed`: the place cannot be changed, so its fields are left out."""
        super().__init__(*args)
        self.names = [] if fixed else [field.name for field in kind.fields]
        for field in () if fixed else kind.fields:
            keeps = field.is_secret and current is not None
            widget = forms.PasswordInput if field.is_secret else forms.TextInput
            self.fields[f"of_{field.name}"] = forms.CharField(
                label=str(field.label),
                help_text=_("Leave it empty to keep the one that is stored.")
                if keeps
                else str(field.hint),
                widget=widget(attrs={"autocomplete": "off", "spellcheck": "false"}),
                max_length=MOST_VALUE,
                required=field.is_required and not keeps,
                initial="" if current is None else current.settings.get(field.name, ""),
            )
        self._column_choices = _columns(shop, current) if kind.takes_columns else []
        if kind.takes_columns:
            self.fields["columns"] = forms.MultipleChoiceField(
                label=_("Columns that are sent with each person"),
                choices=self._column_choices,
                required=False,
                initial=[] if current is None else current.columns,
            )
        if current is not None:
            self.fields["channel"].initial = current.channel
            self.fields["schedule"].initial = current.schedule
            self.fields["hour"].initial = 6 if current.hour is None else current.hour

    @property
    def kind_fields(self) -> list[forms.BoundField]:
        """The fields of the kind, in its order."""
        return [self[f"of_{name}"] for name in self.names]

    @property
    def column_groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Family by family, the columns that can be chosen: name, label, whether it is."""
        names = set(self["columns"].value() or [])
        return [
            (family, [(name, label, name in names) for name, label in columns])
            for family, columns in self._column_choices
        ]

    def plan(self) -> ListPlan:
        """What a valid form asks for."""
        answers = self.cleaned_data
        is_daily = answers["schedule"] == Schedule.DAILY
        return ListPlan(
            values={name: answers[f"of_{name}"] for name in self.names},
            columns=answers.get("columns", []),
            channel=answers["channel"],
            schedule=answers["schedule"],
            hour=answers["hour"] or 0 if is_daily else None,
        )


def _columns(shop: Shop, current: Destination | None) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be chosen, family by family, and what was and is not offered any more."""
    groups = [
        (str(family.label), [(column.name, column.label) for column in columns])
        for family, columns in offers_of(shop)
    ]
    names = {name for _label, columns in groups for name, _title in columns}
    others = [name for name in (current.columns if current else []) if name not in names]
    return [*groups, *([(str(_("Chosen before")), [(n, n) for n in others])] if others else [])]
