"""The address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.addresses import address_holds
from forms_targeting.rules.patterns import OPERATOR, comparison
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    return address_holds(values, visit.url)


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    return comparison(gettext("The address of the page"), values)


rule_kinds.add(
    "url",
    RuleKind(
        label=_("Address of the page"),
        attributes=(
            OPERATOR,
            Attribute(
                "texts",
                _("Addresses"),
                Kind.TEXTS,
                required=True,
                hint=_("Such as /sale or shop.example/products/*; * stands for any characters."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=50,
    ),
)
