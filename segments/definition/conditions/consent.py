"""profile-marketing-consent: who may be written to, and how they agreed or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import facts
from profiles.columns.column import Bools
from profiles.columns.dates import ConsentDates, Dates, SuppressionDates
from profiles.columns.population import Population
from profiles.consent_words import Channel, ConsentStatus, SuppressionReason
from profiles.facts import FactKey
from profiles.reachability import ADDRESS
from segmenter.kernel.errors import Problem
from segments.definition import consent_methods, words
from segments.definition.consent_grammar import SUPPRESSIONS, problem_with
from segments.definition.consents import (
    agreed_by,
    begun_edges,
    can_receive,
    held_status,
    suppressed,
)
from segments.definition.evidence import (
    Evidence,
    KnownValue,
    MustNotBeSuppressed,
    MustPass,
    MustSet,
    MustSubscribe,
    MustUnsubscribe,
    Need,
    held,
)
from segments.definition.fields import Choice, FilterOf, Flag, Many, Nested, Structure, declare
from segments.definition.operators import (
    DATE7,
    BooleanFilter,
    Existence,
    Filter,
    TextFilter,
    TextIn,
)
from segments.definition.tree import Condition, Crossing, Names, kind
from segments.definition.windows import Moment

CHANNELS = (
    (Channel.EMAIL.value, _("email")),
    (Channel.SMS.value, _("SMS")),
    (Channel.PUSH.value, _("push")),
)
SUBSCRIPTIONS = (
    ("any", _("any consent")),
    (ConsentStatus.SUBSCRIBED.value, _("subscribed")),
    (ConsentStatus.UNSUBSCRIBED.value, _("unsubscribed")),
    (ConsentStatus.NEVER_SUBSCRIBED.value, _("never subscribed")),
)
FIELDS = (
    ("status_date", _("on the date")),
    ("method", _("by")),
    ("is_double_opt_in", _("by double opt-in")),
    ("custom_source", _("with the custom source")),
    ("is_rcs_capable", _("with a phone that can receive RCS")),
    ("bounce_date", _("bounced")),
    ("manual_suppression_date", _("suppressed by hand")),
    ("invalid_email_date", _("marked as an invalid address")),
)
METHODS = consent_methods.options(
    (
        *("form", "api", "preference_page", "inbound_message", "back_in_stock", "sftp"),
        *("manual_import", "manual_add", "manual_remove", "bulk_remove", "integration"),
        *("checkout", "spam_complaint", "mailbox_provider", "one_click_unsubscribe"),
        *("data_warehouse_import", "profile_modification", "carrier_deactivation"),
        *("provided_landline", "message_blocked", "provided_no_age", "failed_age_gate"),
    )
)
_SUBJECTS = {
    "status_date": _("the date of consent or refusal"),
    "method": _("the method"),
    "is_double_opt_in": _("double opt-in"),
    "custom_source": _("the custom source"),
    "is_rcs_capable": _("the reception of RCS messages"),
    "bounce_date": _("the date of the bounce"),
    "manual_suppression_date": _("the date of the suppression by hand"),
    "invalid_email_date": _("the date of the mark as an invalid address"),
}
"""What each field is called where a sentence tests it."""
_SENTENCES = {
    (True, "any"): _("who can receive marketing by %(channel)s whatever their consent"),
    (True, "subscribed"): _("who can receive marketing by %(channel)s and are subscribed"),
    (True, "never_subscribed"): _(
        "who can receive marketing by %(channel)s and have never subscribed"
    ),
    (False, "any"): _("who cannot receive marketing by %(channel)s whatever their consent"),
    (False, "subscribed"): _("who cannot receive marketing by %(channel)s and are subscribed"),
    (False, "unsubscribed"): _("who cannot receive marketing by %(channel)s and have unsubscribed"),
    (False, "never_subscribed"): _(
        "who cannot receive marketing by %(channel)s and have never subscribed"
    ),
}
"""(can receive marketing, subscription) to its words."""
_REASONS = {
    "bounce_date": SuppressionReason.HARD_BOUNCE.value,
    "manual_suppression_date": SuppressionReason.USER_SUPPRESSED.value,
    "invalid_email_date": SuppressionReason.INVALID_EMAIL.value,
}
REASONS = {
    SuppressionReason.HARD_BOUNCE.value: _("suppressed because of a hard bounce"),
    SuppressionReason.INVALID_EMAIL.value: _("suppressed because of an invalid address"),
    SuppressionReason.SPAM_COMPLAINT.value: _("suppressed because of a spam complaint"),
    SuppressionReason.UNSUBSCRIBE.value: _("suppressed because of an unsubscription"),
    SuppressionReason.USER_SUPPRESSED.value: _("suppressed by hand"),
}
"""Of a suppression, to what is said of its date."""


@dataclass(frozen=True)
class ConsentFilter(Structure):
    """A further test of how or when the status came about."""

    field: str = declare(
        Choice(FIELDS, spellings=(("is_double_optin", "is_double_opt_in"),)), _("About")
    )
    method: str | Any = declare(Choice(METHODS), _("Method"), optional=True)
    filter: Filter | Any = declare(
        FilterOf((BooleanFilter, *DATE7, TextFilter, TextIn, Existence)),
        _("Filter"),
        optional=True,
        nullable=True,
    )

    def phrase(self) -> str:
        """The test in the active language: "method is “form”"."""
        return words.tested(gettext(_SUBJECTS[self.field]), self.test())

    def test(self) -> str:
        """What is asked of the field: "is “form”"."""
        if self.field != "method":
            return str(self.filter.phrase())
        return consent_methods.phrase(self.method, self.filter or None)


@dataclass(frozen=True)
class ConsentStatus(Structure):
    subscription: str = declare(Choice(SUBSCRIPTIONS), _("Status"))
    filters: tuple[ConsentFilter, ...] | Any = declare(
        Many(Nested(ConsentFilter), most=20), _("Filters"), optional=True, nullable=True
    )


@dataclass(frozen=True)
class Consent(Structure):
    channel: str = declare(Choice(CHANNELS), _("Channel"))
    can_receive_marketing: bool = declare(Flag(), _("Can receive marketing"))
    consent_status: ConsentStatus = declare(Nested(ConsentStatus), _("because"))

    def problems(self) -> Iterator[Problem]:
        yield from problem_with(self)


@kind
@dataclass(frozen=True)
class ProfileMarketingConsent(Condition):
    type: ClassVar[str] = "profile-marketing-consent"
    title: ClassVar[str] = _("If someone can or cannot receive marketing")
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "consent": {
                "channel": "email",
                "can_receive_marketing": True,
                "consent_status": {
                    "subscription": "subscribed",
                    "filters": [
                        {
                            "field": "method",
                            "method": "form",
                            "filter": {"type": "string", "operator": "in", "value": ["Footer"]},
                        },
                        {
                            "field": "status_date",
                            "filter": {
                                "type": "date",
                                "operator": "in-the-last",
                                "quantity": 30,
                                "unit": "day",
                            },
                        },
                    ],
                },
            }
        },
        {
            "consent": {
                "channel": "email",
                "can_receive_marketing": False,
                "consent_status": {
                    "subscription": "any",
                    "filters": [
                        {
                            "field": "bounce_date",
                            "filter": {"type": "existence", "operator": "is-set"},
                        }
                    ],
                },
            }
        },
        {
            "consent": {
                "channel": "sms",
                "can_receive_marketing": False,
                "consent_status": {"subscription": "never_subscribed"},
            }
        },
    )

    consent: Consent = declare(Nested(Consent), _("Consent"))

    def mask(self, people: Population, at: datetime) -> Bools:
        moment = Moment(at, people.zone)
        channel, status = self.consent.channel, self.consent.consent_status
        found = can_receive(people, channel, moment)
        if not self.consent.can_receive_marketing:
            found = ~found
        if status.subscription != "any":
            found = found & held_status(people, channel, moment)[status.subscription]
        for each in status.filters or ():
            found = found & _passes(each, people, channel, moment)
        return found

    def reads(self) -> frozenset[FactKey]:
        channel = self.consent.channel
        address = {facts.attribute(ADDRESS[channel])} if channel in ADDRESS else set()
        return frozenset({facts.consent(channel), *address})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        yield from begun_edges(self.consent.channel, since, until)
        for each in self.consent.consent_status.filters or ():
            if each.field in SUPPRESSIONS:
                dates: Dates = SuppressionDates(self.consent.channel)
            else:
                dates = ConsentDates(self.consent.channel, each.field)
            for edge in each.filter.edges(since, until) if each.filter else ():
                yield Crossing(dates, edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment, channel = Moment(at, one.zone), self.consent.channel
        status, wanted = self.consent.consent_status, self.consent.can_receive_marketing
        may = bool(can_receive(one, channel, moment)[0])
        yes_or_no = gettext("must be yes") if wanted else gettext("must be no")
        items = [
            status_known(one, channel, moment, status.subscription),
            KnownValue(gettext("can receive marketing"), may, yes_or_no, may == wanted, said(may)),
        ]
        if not may:
            items += self._obstacles(one, moment)
        for each in status.filters or ():
            items += filter_known(
                one, channel, each, moment, bool(_passes(each, one, channel, moment)[0])
            )
        if self.mask(one, at)[0]:
            return Evidence(tuple(items))
        return Evidence(tuple(items), tuple(self._needs(one, moment)))

    def _obstacles(self, one: Population, moment: Moment) -> Iterator[KnownValue]:
        """Why nobody may write to the person."""
        channel = self.consent.channel
        if channel in ADDRESS and not one.attribute(ADDRESS[channel]).is_set[0]:
            yield KnownValue(words.property_label(ADDRESS[channel], custom=False), None)
        for reason in SuppressionReason.values:
            since = held(suppressed(one, channel, reason, moment), 0, one.zone)
            if since is not None:
                yield KnownValue(gettext(REASONS[reason]), since)

    def _needs(self, one: Population, moment: Moment) -> Iterator[Need]:
        channel, status = self.consent.channel, self.consent.consent_status
        label = gettext(dict(CHANNELS)[channel])
        has = {name: bool(who[0]) for name, who in held_status(one, channel, moment).items()}
        if not self.consent.can_receive_marketing:
            if status.subscription == "unsubscribed" and not has["unsubscribed"]:
                yield MustUnsubscribe(label)
            return
        if status.subscription == "never_subscribed" and not has["never_subscribed"]:
            return  # what has been said cannot be unsaid
        for known in self._obstacles(one, moment):
            yield MustSet(known.name) if known.value is None else MustNotBeSuppressed(label)
        if has["unsubscribed"] or (
            not has["subscribed"] and (channel != "email" or status.subscription == "subscribed")
        ):
            yield MustSubscribe(label)
        for each in status.filters or ():
            if each.field != "status_date" and not _passes(each, one, channel, moment)[0]:
                yield MustPass(gettext(_SUBJECTS[each.field]), each.test())

    def sentence(self, names: Names) -> str:
        consent = self.consent
        status = consent.consent_status
        said = gettext(_SENTENCES[consent.can_receive_marketing, status.subscription])
        channel = {"channel": gettext(dict(CHANNELS)[consent.channel])}
        return words.where(said % channel, [each.phrase() for each in status.filters or ()])


def said(truth: bool) -> str:
    """An answer in the active language."""
    return gettext("yes") if truth else gettext("no")


def status_known(one: Population, channel: str, moment: Moment, wanted: str) -> KnownValue:
    """The status that a person has on a channel, and whether it is the one that is wanted."""
    has = next(name for name, who in held_status(one, channel, moment).items() if who[0])
    labels = dict(SUBSCRIPTIONS)
    if wanted == "any":
        return KnownValue(gettext("status"), has, said=gettext(labels[has]))
    test = gettext("must be %(status)s") % {"status": gettext(labels[wanted])}
    return KnownValue(gettext("status"), has, test, has == wanted, gettext(labels[has]))


def filter_known(
    one: Population, channel: str, each: ConsentFilter, moment: Moment, met: bool
) -> list[KnownValue]:
    """What a further test looked at."""
    name = gettext(_SUBJECTS[each.field])
    if each.field == "method":
        return method_known(one, channel, each.test(), met, with_detail=bool(each.filter))
    if each.field in SUPPRESSIONS:
        value = held(suppressed(one, channel, _REASONS[each.field], moment), 0, one.zone)
    else:
        value = held(one.consent(channel, each.field), 0, one.zone)
    return [KnownValue(name, value, each.test(), met)]


def method_known(
    one: Population, channel: str, test: str, met: bool, *, with_detail: bool
) -> list[KnownValue]:
    """How the person agreed or refused, and the detail of it where that is asked about."""
    method = one.consent(channel, "method").get(0)
    label = gettext(consent_methods.LABELS[method]) if method in consent_methods.LABELS else ""
    known = [KnownValue(gettext(_SUBJECTS["method"]), method, test, met, label)]
    if with_detail:
        detail = held(one.consent(channel, "method_detail"), 0, one.zone)
        known.append(KnownValue(gettext("the detail of the method"), detail))
    return known


def _passes(each: ConsentFilter, people: Population, channel: str, moment: Moment) -> Bools:
    if each.field in SUPPRESSIONS:
        column = suppressed(people, channel, _REASONS[each.field], moment)
        return each.filter.test(column, moment)
    if each.field != "method":
        return each.filter.test(people.consent(channel, each.field), moment)
    return agreed_by(people, channel, each.method, each.filter or None, moment)
