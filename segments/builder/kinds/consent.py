"""profile-marketing-consent in the builder: only what can be said together, by its grammar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from segments.builder.kinds.base import BuilderKind, builder_kind, mapping_at, mappings_at
from segments.builder.offers import Offer, Operators, operators_of
from segments.definition import consent_grammar as grammar
from segments.definition.operators import DATE7, BooleanFilter

_IS_SET: Operators = frozenset({("existence", "is-set")})
_TEXT_IS: Operators = frozenset({("string", "equals")})
_TEXT_IN: Operators = frozenset({("string", "in")})
_DATES = operators_of(DATE7)
_CONSENT_FIELDS: dict[str, Operators] = {
    "status_date": _DATES,
    "custom_source": _TEXT_IS,
    "is_double_opt_in": operators_of([BooleanFilter]),
    "is_rcs_capable": operators_of([BooleanFilter]),
    **dict.fromkeys(grammar.SUPPRESSIONS, _DATES | _IS_SET),
}
_STATUS = {
    "any": _("whatever their consent"),
    "subscribed": _("and are subscribed"),
    "unsubscribed": _("and have unsubscribed"),
    "never_subscribed": _("and have never subscribed"),
}
_INNER: dict[str, Operators] = {"equals": _TEXT_IS, "in": _TEXT_IN}


@builder_kind("profile-marketing-consent")
class ConsentKind(BuilderKind):
    def offer(self, partial: Mapping[str, Any]) -> Offer:
        consent = mapping_at(partial.get("consent"))
        status = mapping_at(consent.get("consent_status"))
        channel, may = str(consent.get("channel")), consent.get("can_receive_marketing") is True
        case = (channel, may, str(status.get("subscription")))
        fields, methods = grammar.allowed_fields(*case), grammar.allowed_methods(*case)
        at = "/consent/consent_status"
        choices = {f"{at}/subscription": tuple(grammar.allowed_subscriptions(channel, may))}
        operators: dict[str, Operators] = {}
        fills: dict[str, Mapping[str, Any]] = {}
        may_lack: set[str] = set()
        without: set[str] = set() if fields else {f"{at}/filters"}
        for i, each in enumerate(mappings_at(status.get("filters"))):
            here, about = f"{at}/filters/{i}", each.get("field")
            choices[f"{here}/field"] = tuple(fields)
            choices[f"{here}/method"] = tuple(methods)
            if about != "method":
                without.add(f"{here}/method")
                operators[f"{here}/filter"] = _CONSENT_FIELDS.get(str(about), frozenset())
                continue
            shape, is_needed = methods.get(str(each.get("method")), ("none", False))
            shape, _sign, only = shape.partition(":")
            operators[f"{here}/filter"] = _INNER.get(shape, frozenset())
            if only:
                fills[f"{here}/filter"] = {"type": "string", "operator": "in", "value": [only]}
            if not is_needed:
                may_lack.add(f"{here}/filter")
        without |= {pointer for pointer, fitting in operators.items() if not fitting}
        return Offer(
            choices,
            operators,
            fills,
            frozenset(may_lack),
            frozenset(without),
            words={f"{at}/subscription": _STATUS},
        )
