"""A UTM parameter of the address with which the visit began."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.patterns import EQUALS, OPERATOR, comparison, text_holds
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import UTM_PARAMETERS, Visit

_LABELS = {
    "source": _("Source (utm_source)"),
    "medium": _("Medium (utm_medium)"),
    "campaign": _("Campaign (utm_campaign)"),
    "term": _("Term (utm_term)"),
    "content": _("Content (utm_content)"),
}


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    """A visit without the parameter is equal to nothing and contains nothing."""
    return text_holds(values, visit.utm.get(values["parameter"], ""))


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    return comparison(gettext("The visit's utm_%(name)s") % {"name": values["parameter"]}, values)


rule_kinds.add(
    "utm",
    RuleKind(
        label=_("Campaign of the visit (UTM)"),
        attributes=(
            Attribute(
                "parameter",
                _("Parameter"),
                Kind.CHOICE,
                "campaign",
                choices=tuple((name, _LABELS[name]) for name in UTM_PARAMETERS),
            ),
            Attribute("operator", OPERATOR.label, Kind.CHOICE, EQUALS, choices=OPERATOR.choices),
            Attribute(
                "texts",
                _("Values"),
                Kind.TEXTS,
                required=True,
                hint=_("* stands for any characters; capital letters do not matter."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=60,
    ),
)
