"""The forms of samples: what may be typed, and the design it makes."""

from __future__ import annotations

from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from profiles.lists.editing import MOST_NAME
from segments.engine.vocabulary import Catalog
from segments.samples.design import (
    CONTROL,
    MOST_PEOPLE,
    MOST_SEED,
    PERCENT_PLACES,
    GroupDesign,
    SampleDesign,
)

PERCENT, NUMBER = "percent", "number"
NONE, EQUAL = "none", "equal"
MOST_TESTS = 5
CHANNELS = [
    ("email", _("Who can be reached by e-mail")),
    ("sms", _("Who can be reached by SMS")),
    ("push", _("Who can be reached by push")),
    ("", _("Everyone, whether they can be reached or not")),
]
CONTROLS = [
    (NONE, _("No control group")),
    (EQUAL, _("As large as each group")),
    ("10", _("10% of the sample")),
    ("20", _("20% of the sample")),
    ("33", _("33% of the sample")),
]


def groups_for(tests: int, control: str) -> tuple[GroupDesign, ...]:
    """Return so many groups of equal size, A, B and so on, and the control that was chosen."""
    if tests == 1 and control == NONE:
        return (GroupDesign(),)
    names = ascii_uppercase[:tests]
    if control == NONE:
        return tuple(GroupDesign(name) for name in names)
    if control == EQUAL:
        weight, last = 1, 1
    else:
        weight, last = 100 - int(control), int(control) * tests
    groups = tuple(GroupDesign(name, weight) for name in names)
    return (*groups, GroupDesign(CONTROL, last, is_control=True))


class SampleForm(forms.Form):
    """A sample to be drawn."""

    list_name = forms.CharField(
        label=_("Name of the list"),
        max_length=MOST_NAME,
        help_text=_("With several groups each gets a list: the name, and the group after it."),
    )
    amount = forms.ChoiceField(
        choices=[(PERCENT, _("A share of them")), (NUMBER, _("A number of people"))],
        initial=PERCENT,
        widget=forms.RadioSelect,
    )
    percent = forms.DecimalField(
        label=_("Percent"),
        required=False,
        initial=50,
        min_value=Decimal("0.0001"),
        max_value=100,
        decimal_places=PERCENT_PLACES,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    at_least = forms.IntegerField(
        label=_("but at least"),
        required=False,
        initial=1000,
        min_value=0,
        max_value=MOST_PEOPLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    number = forms.IntegerField(
        label=_("People"),
        required=False,
        initial=1000,
        min_value=1,
        max_value=MOST_PEOPLE,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    channel = forms.ChoiceField(
        label=_("Of whom"), choices=CHANNELS, required=False, initial="email"
    )
    tests = forms.TypedChoiceField(
        label=_("Groups to compare"),
        choices=[(n, str(n)) for n in range(1, MOST_TESTS + 1)],
        coerce=int,
        initial=1,
    )
    control = forms.ChoiceField(
        label=_("Control group"),
        choices=CONTROLS,
        initial=EQUAL,
        help_text=_("What the groups are compared with: it gets nothing, or what you send today."),
    )
    stratify = forms.ChoiceField(
        label=_("Same mix in every group"),
        required=False,
        help_text=_("Each group then has as large a part of every value as the whole."),
    )
    seed = forms.IntegerField(
        label=_("Seed"),
        required=False,
        min_value=0,
        max_value=MOST_SEED,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_("The same seed draws the same people. Without one it follows from the name."),
    )

    def __init__(self, catalog: Catalog, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalog = catalog
        stratify = self.fields["stratify"]
        assert isinstance(stratify, forms.ChoiceField)
        stratify.choices = [
            ("", _("Leave it to chance")),
            *((path, catalog.label("profile", path)) for path in catalog.profile_properties),
        ]

    def clean(self) -> dict[str, Any]:
        answers = super().clean() or self.cleaned_data
        amount = answers.get("amount")
        if (
            amount in (PERCENT, NUMBER)
            and answers.get(amount) is None
            and amount not in self.errors
        ):
            self.add_error(amount, _("Say how many."))
        return answers

    def design(self) -> SampleDesign:
        """What a valid form asks for."""
        answers = self.cleaned_data
        is_share = answers["amount"] == PERCENT
        return SampleDesign(
            number=None if is_share else answers["number"],
            percent=answers["percent"] if is_share else None,
            at_least=(answers["at_least"] or 0) if is_share else 0,
            seed=answers["seed"],
            stratify=answers["stratify"],
            channel=answers["channel"],
            groups=groups_for(answers["tests"], answers["control"]),
        )


class SnapshotForm(forms.Form):
    """Everyone of a segment, to be put on a list."""

    list_name = forms.CharField(label=_("Name of the list"), max_length=MOST_NAME)
    channel = forms.ChoiceField(label=_("Of whom"), choices=CHANNELS, required=False, initial="")

    def design(self) -> SampleDesign:
        """What a valid form asks for: all of them, in one group."""
        return SampleDesign(percent=Decimal(100), channel=self.cleaned_data["channel"])


class PowerForm(forms.Form):
    """Two rates to distinguish, in percent."""

    rate = forms.DecimalField(
        label=_("To see"),
        initial=10,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
    other = forms.DecimalField(
        label=_("against"),
        initial=12,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
    )
