"""Membership of lists. Visitors who are not proven to be somebody are on none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from segments.definition.words import either, neither, quoted


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    keys = visit.person.lists if visit.person else frozenset[str]()
    return keys.isdisjoint(values["lists"]) is (values["operator"] == "none")


def _sentence(values: Mapping[str, Any], names: RuleNames) -> str:
    lists = [quoted(names.list(key)) for key in values["lists"]]
    if values["operator"] == "none":
        return gettext("The visitor is not known to be on the list %(lists)s.") % {
            "lists": neither(lists)
        }
    return gettext("The visitor is on the list %(lists)s.") % {"lists": either(lists)}


rule_kinds.add(
    "lists",
    RuleKind(
        label=_("Lists"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "any",
                choices=(
                    ("any", _("is on one of")),
                    ("none", _("is on none of")),
                ),
                hint=_("Visitors who are not recognized are on no list."),
            ),
            Attribute("lists", _("Lists"), Kind.LISTS, required=True, most=6),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=20,
        about_people=True,
    ),
)
