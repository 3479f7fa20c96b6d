"""Whether the visitor has agreed to messages on a channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forms_targeting.attributes import Attribute, Kind
from forms_targeting.rules.rule import RuleKind, RuleNames, rule_kinds
from forms_targeting.visit import Visit
from profiles.consent_words import Channel


def _holds(values: Mapping[str, Any], visit: Visit) -> bool:
    has_agreed = visit.person is not None and values["channel"] in visit.person.subscribed
    return has_agreed is (values["operator"] == "subscribed")


def _sentence(values: Mapping[str, Any], _names: RuleNames) -> str:
    channel = {"channel": Channel(values["channel"]).label}
    if values["operator"] == "subscribed":
        return gettext("The visitor has subscribed to %(channel)s.") % channel
    return gettext("The visitor is not known to have subscribed to %(channel)s.") % channel


rule_kinds.add(
    "subscription",
    RuleKind(
        label=_("Subscribers"),
        attributes=(
            Attribute(
                "operator",
                _("Comparison"),
                Kind.CHOICE,
                "not_subscribed",
                choices=(
                    ("subscribed", _("has subscribed to")),
                    ("not_subscribed", _("has not subscribed to")),
                ),
                hint=_("Visitors who are not recognized count as not subscribed."),
            ),
            Attribute(
                "channel",
                _("Channel"),
                Kind.CHOICE,
                Channel.EMAIL.value,
                choices=tuple(Channel.choices),
            ),
        ),
        holds=_holds,
        sentence=_sentence,
        rank=40,
        about_people=True,
        asks_for_consent=True,
    ),
)
