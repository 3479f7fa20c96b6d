"""Whether it is proven who the visitor is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    return (visit.person is not None) is (values["visitors"] == "known")


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    if values["visitors"] == "known":
        return gettext("The visitor is recognized.")
    return gettext("The visitor is not recognized.")


rule_kinds.add(
    "identity",
    RuleKind(
        label=_("Known visitors"),
        attributes=(
            Attribute(
                "visitors",
                _("Visitors"),
                Kind.CHOICE,
                "known",
                choices=(("known", _("known visitors")), ("unknown", _("unknown visitors"))),
                hint=_("Known: by a link in an e-mail, a form, or signed in at the shop."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=30,
        about_people=True,
    ),
)
