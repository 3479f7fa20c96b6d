"""The visitor's country, as the proxy in front of the server tells it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from profiles.places.countries import country_code, country_name
from segmenter.kernel.errors import Problem
from segments.definition.words import either, neither


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    codes = {country_code(text) for text in values["countries"]}
    matches = bool(visit.country) and country_code(visit.country) in codes - {None}
    return matches is (values["operator"] == "any")


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    countries = [country_name(country_code(text)) or text for text in values["countries"]]
    if values["operator"] == "none":
        return gettext("The visitor is not in %(countries)s.") % {"countries": neither(countries)}
    return gettext("The visitor is in the country %(countries)s.") % {
        "countries": either(countries)
    }


def _check(values: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for index, text in enumerate(values["countries"]):
        if country_code(text) is None:
            message = gettext("“%(text)s” is no country that is known here.") % {"text": text}
            yield Problem(f"{pointer}/countries/{index}", "invalid", message)


rule_kinds.add(
    "country",
    RuleKind(
        label=_("Country"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "any",
                choices=(("any", _("is one of")), ("none", _("is none of"))),
            ),
            Attribute(
                "countries",
                _("Countries"),
                Kind.TEXTS,
                required=True,
                most=60,
                hint=_("Names or codes, such as Sweden or SE."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=80,
        check=lambda values, pointer: tuple(_check(values, pointer)),
    ),
)
