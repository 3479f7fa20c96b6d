"""Membership in segments. Visitors who are not proven to be somebody are in none."""

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
    keys = visit.person.segments if visit.person else frozenset[str]()
    return keys.isdisjoint(values["segments"]) is (values["operator"] == "none")


def _sentence(values: Mapping[str, Any], names: RuleNames) -> str:
    segments = [quoted(names.segment(key)) for key in values["segments"]]
    if values["operator"] == "none":
        return gettext("The visitor is not known to be in %(segments)s.") % {
            "segments": neither(segments)
        }
    return gettext("The visitor is in %(segments)s.") % {"segments": either(segments)}


rule_kinds.add(
    "segments",
    RuleKind(
        label=_("Segments"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "any",
                choices=(
                    ("any", _("is in one of")),
                    ("none", _("is in none of")),
                ),
                hint=_("Visitors who are not recognized are in no segment."),
            ),
            Attribute("segments", _("Segments"), Kind.SEGMENTS, required=True, most=6),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=10,
        about_people=True,
    ),
)
