"""The value of the cart that the page tells. Without one no rule about it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from segments.definition.words import number


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    if visit.cart_value is None:
        return False
    return (visit.cart_value >= values["value"]) is (values["operator"] == "at_least")


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    value = {"value": number(values["value"])}
    if values["operator"] == "at_least":
        return gettext("The cart's value is at least %(value)s.") % value
    return gettext("The cart's value is less than %(value)s.") % value


rule_kinds.add(
    "cart_value",
    RuleKind(
        label=_("Value of the cart"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "at_least",
                choices=(("at_least", _("is at least")), ("less_than", _("is less than"))),
            ),
            Attribute("value", _("Value"), Kind.NUMBER, 0, most=1e12),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=110,
    ),
)
