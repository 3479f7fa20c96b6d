"""profile-permissions: who can be reached on WhatsApp, explicitly or implicitly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.dates import ConsentDates
from profiles.columns.population import Population
from profiles.consent_words import Channel, Reach
from profiles.facts import FactKey
from segmenter.kernel.errors import Problem
from segments.definition import consent_methods, words
from segments.definition.conditions.consent import known_method
from segments.definition.consent_grammar import inner_problems
from segments.definition.consents import method_mask, reach_masks, start_edges
from segments.definition.evidence import Evidence, KnownValue, value_at
from segments.definition.fields import Choice, FilterOf, Many, Nested, Structure, declare
from segments.definition.needs import MustSubscribe, MustUnsubscribe, Need
from segments.definition.operators import DATE7, Filter, TextIn
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment

CHANNELS = (
    (Channel.WHATSAPP_MARKETING.value, _("WhatsApp (marketing)")),
    (Channel.WHATSAPP_TRANSACTIONAL.value, _("WhatsApp (transactional)")),
)
STATUSES = (
    (Reach.EXPLICITLY_REACHABLE.value, _("explicitly reachable")),
    (Reach.EXPLICITLY_UNREACHABLE.value, _("explicitly unreachable")),
    (Reach.IMPLICITLY_REACHABLE.value, _("implicitly reachable")),
    (Reach.IMPLICITLY_UNREACHABLE.value, _("implicitly unreachable")),
    ("implicitly_or_explicitly_reachable", _("implicitly or explicitly reachable")),
    ("implicitly_or_explicitly_unreachable", _("implicitly or explicitly unreachable")),
)
FIELDS = (
    ("effective_date", _("in force since")),
    ("recorded_date", _("recorded on")),
    ("subscribe_method", _("by")),
)
METHODS = consent_methods.options(
    (
        *("form", "api", "back_in_stock", "bigcommerce", "bulk_remove", "campaign_monitor"),
        *("carrier_deactivation", "checkout", "constant_contact", "exact_target", "facebook"),
        *("failed_age_gate", "inbound_message", "integration", "mad_mimi", "magento_two"),
        *("mailbox_provider", "manual_add", "manual_import", "manual_remove", "message_blocked"),
        *("netsuite", "preference_page", "provided_landline", "provided_no_age", "sftp"),
        *("shopify", "social_instagram_message", "spam_complaint", "square", "wix"),
        "woocommerce",
    )
)
_SUBJECTS = {
    "effective_date": _("the date of effect"),
    "recorded_date": _("the date of recording"),
    "subscribe_method": _("the method"),
}
"""The name of each field in a sentence."""
_SENTENCES = {
    "explicitly_reachable": _("who are explicitly reachable on %(channel)s"),
    "explicitly_unreachable": _("who are explicitly unreachable on %(channel)s"),
    "implicitly_reachable": _("who are implicitly reachable on %(channel)s"),
    "implicitly_unreachable": _("who are implicitly unreachable on %(channel)s"),
    "implicitly_or_explicitly_reachable": _(
        "who are implicitly or explicitly reachable on %(channel)s"
    ),
    "implicitly_or_explicitly_unreachable": _(
        "who are implicitly or explicitly unreachable on %(channel)s"
    ),
}
_COLUMNS = {"effective_date": "status_date", "recorded_date": "recorded"}


@dataclass(frozen=True)
class PermissionFilter(Structure):
    """A further test of how or when the permission came about."""

    field: str = declare(Choice(FIELDS), _("About"))
    method: str | Any = declare(Choice(METHODS), _("Method"), optional=True)
    filter: Filter | Any = declare(
        FilterOf((*DATE7, TextIn)), _("Filter"), optional=True, nullable=True
    )

    def phrase(self) -> str:
        """The test in the active language: "method is “form”"."""
        return words.property_test(gettext(_SUBJECTS[self.field]), self.test())

    def test(self) -> str:
        """The test of the field: "is “form”"."""
        if self.field != "subscribe_method":
            return str(self.filter.phrase())
        return consent_methods.phrase(self.method, self.filter or None)

    def problems(self) -> Iterator[Problem]:
        if self.field == "subscribe_method":
            if not self.method:
                yield Problem("/method", "required", gettext("Say which method."))
            shape = ("in", False) if self.method == "form" else ("none", False)
            yield from inner_problems(self.filter, shape)
            return
        if self.method:
            yield Problem("/method", "invalid", gettext("A method cannot be chosen here."))
        if not self.filter or isinstance(self.filter, TextIn):
            yield Problem("/filter", "required", gettext("A date filter is needed here."))


@dataclass(frozen=True)
class Permission(Structure):
    reachable_status: str = declare(Choice(STATUSES), _("Status"))
    filters: tuple[PermissionFilter, ...] | Any = declare(
        Many(Nested(PermissionFilter), most=20), _("Filters"), optional=True, nullable=True
    )

    def problems(self) -> Iterator[Problem]:
        if self.filters and not self.reachable_status.startswith("explicitly_"):
            message = gettext("Only an explicit permission has a date or a method.")
            yield Problem("/filters", "invalid", message)


@kind
@dataclass(frozen=True)
class ProfilePermissions(Condition):
    type: ClassVar[str] = "profile-permissions"
    title: ClassVar[str] = _("If someone can be reached on WhatsApp")
    icon: ClassVar[str] = "chat"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "channel": "whatsapp_marketing",
            "permission": {
                "reachable_status": "explicitly_reachable",
                "filters": [
                    {"field": "subscribe_method", "method": "checkout"},
                    {
                        "field": "effective_date",
                        "filter": {"type": "date", "operator": "after", "date": "2026-03-01"},
                    },
                ],
            },
        },
    )

    channel: str = declare(Choice(CHANNELS), _("Channel"))
    permission: Permission = declare(Nested(Permission), _("Permission"))

    def mask(self, people: Population, at: datetime) -> Bools:
        moment = Moment(at, people.zone)
        matches = self._has_status(reach_masks(people, self.channel, moment))
        for permission_filter in self.permission.filters or ():
            matches = matches & self._passes(permission_filter, people, moment)
        return matches

    def _has_status(self, states: dict[str, Bools]) -> Bools:
        """bool[n]: who has the condition's status, or one of the two that it joins."""
        status = self.permission.reachable_status
        if status.startswith("implicitly_or_explicitly_"):
            end = status.removeprefix("implicitly_or_explicitly_")
            return states[f"implicitly_{end}"] | states[f"explicitly_{end}"]
        return states[status]

    def _passes(
        self, permission_filter: PermissionFilter, people: Population, moment: Moment
    ) -> Bools:
        if permission_filter.field in _COLUMNS:
            column = people.consent(self.channel, _COLUMNS[permission_filter.field])
            return permission_filter.filter.test(column, moment)
        return method_mask(
            people, self.channel, permission_filter.method, permission_filter.filter or None, moment
        )

    def reads(self) -> frozenset[FactKey]:
        return frozenset({facts.consent(self.channel)})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        yield from start_edges(self.channel, since, until)
        for permission_filter in self.permission.filters or ():
            if permission_filter.field in _COLUMNS and permission_filter.filter:
                dates = ConsentDates(self.channel, _COLUMNS[permission_filter.field])
                for edge in permission_filter.filter.edges(since, until):
                    yield Crossing(dates, edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment, status = Moment(at, one.zone), self.permission.reachable_status
        labels, states = dict(STATUSES), reach_masks(one, self.channel, moment)
        has = next(name for name, who in states.items() if who[0])
        is_right = bool(self._has_status(states)[0])
        test = gettext("must be %(status)s") % {"status": gettext(labels[status])}
        items = [KnownValue(gettext("status"), has, test, is_right, gettext(labels[has]))]
        for permission_filter in self.permission.filters or ():
            met = bool(self._passes(permission_filter, one, moment)[0])
            if permission_filter.field == "subscribe_method":
                items += known_method(
                    one,
                    self.channel,
                    permission_filter.test(),
                    met,
                    with_detail=bool(permission_filter.filter),
                )
            else:
                date = value_at(
                    one.consent(self.channel, _COLUMNS[permission_filter.field]), 0, one.zone
                )
                items.append(
                    KnownValue(
                        gettext(_SUBJECTS[permission_filter.field]),
                        date,
                        permission_filter.test(),
                        met,
                    )
                )
        if is_right:
            return Evidence(tuple(items))
        channel = gettext(dict(CHANNELS)[self.channel])
        needs: dict[str, tuple[Need, ...]] = {
            "explicitly_reachable": (MustSubscribe(channel),),
            "implicitly_or_explicitly_reachable": (MustSubscribe(channel),),
            "explicitly_unreachable": (MustUnsubscribe(channel),),
            "implicitly_or_explicitly_unreachable": (MustUnsubscribe(channel),),
        }
        return Evidence(tuple(items), needs.get(status, ()))

    def sentence(self, names: Names) -> str:
        channel = {"channel": gettext(dict(CHANNELS)[self.channel])}
        clause = gettext(_SENTENCES[self.permission.reachable_status]) % channel
        return words.where(
            clause,
            [permission_filter.phrase() for permission_filter in self.permission.filters or ()],
        )
