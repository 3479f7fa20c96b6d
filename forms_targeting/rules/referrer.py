"""The page that the visitor came from. Browsers often tell its host only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.addresses import address_holds
from forms_targeting.rules.patterns import NEGATIVE, OPERATOR, comparison
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    """Who came from nowhere did not come from these pages."""
    if not visit.referrer.strip():
        return values["operator"] in NEGATIVE
    return address_holds(values, visit.referrer)


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    return comparison(gettext("The page that the visitor came from"), values)


rule_kinds.add(
    "referrer",
    RuleKind(
        label=_("Page before this one (referrer)"),
        attributes=(
            OPERATOR,
            Attribute(
                "texts",
                _("Addresses"),
                Kind.TEXTS,
                required=True,
                hint=_("Such as google. or instagram.com; browsers often tell the host only."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=70,
    ),
)
