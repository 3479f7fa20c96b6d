"""The language that the visitor's browser asks for first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from segmenter.kernel.errors import Problem
from segments.definition.words import either, neither, quoted

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,4}", re.ASCII)


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    """ "pt" is every Portuguese, "pt-BR" that of Brazil only."""
    language = _plain(visit.language)
    tags = map(_plain, values["languages"])
    matches = any(language == tag or language.startswith(f"{tag}-") for tag in tags)
    return matches is (values["operator"] == "any")


def _plain(tag: str) -> str:
    return tag.strip().replace("_", "-").lower()


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    tags = [quoted(tag) for tag in values["languages"]]
    if values["operator"] == "none":
        return gettext("The browser's language is not %(languages)s.") % {
            "languages": neither(tags)
        }
    return gettext("The browser's language is %(languages)s.") % {"languages": either(tags)}


def _check(values: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for index, tag in enumerate(values["languages"]):
        if not _TAG.fullmatch(tag):
            message = gettext("A language is a code such as sv, en or pt-BR.")
            yield Problem(f"{pointer}/languages/{index}", "invalid", message)


rule_kinds.add(
    "language",
    RuleKind(
        label=_("Language"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "any",
                choices=(("any", _("is one of")), ("none", _("is none of"))),
            ),
            Attribute(
                "languages",
                _("Languages"),
                Kind.TEXTS,
                required=True,
                most=35,
                hint=_("Codes such as sv, en or pt-BR."),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=100,
        check=lambda values, pointer: tuple(_check(values, pointer)),
    ),
)
