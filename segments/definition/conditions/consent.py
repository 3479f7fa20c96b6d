"""profile-marketing-consent: who can receive marketing, and how they consented or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from profiles import consent_words, facts
from profiles.columns.column import Bools
from profiles.columns.dates import ConsentDates, Dates, SuppressionDates
from profiles.columns.population import Population
from profiles.consent_words import Channel, SuppressionReason
from profiles.facts import FactKey
from profiles.reachability import ADDRESS
from segmenter.kernel.errors import Problem
from segments.definition import consent_methods, words
from segments.definition.consent_grammar import (
    SUPPRESSIONS,
    allowed_subscriptions,
    problem_with,
)
from segments.definition.consents import (
    can_receive,
    method_mask,
    start_edges,
    status_masks,
    suppression_dates,
)
from segments.definition.evidence import Evidence, KnownValue, value_at
from segments.definition.fields import Choice, FilterOf, Flag, Many, Nested, Structure, declare
from segments.definition.needs import (
    MustNotBeSuppressed,
    MustPass,
    MustSet,
    MustSubscribe,
    MustUnsubscribe,
    Need,
)
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
    (consent_words.ConsentStatus.SUBSCRIBED.value, _("subscribed")),
    (consent_words.ConsentStatus.UNSUBSCRIBED.value, _("unsubscribed")),
    (consent_words.ConsentStatus.NEVER_SUBSCRIBED.value, _("never subscribed")),
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
"""The name of each field in a sentence."""
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
"""(can receive marketing, subscription) to its sentence."""
_REASON_OF_FIELD = {
    "bounce_date": SuppressionReason.HARD_BOUNCE.value,
    "manual_suppression_date": SuppressionReason.USER_SUPPRESSED.value,
    "invalid_email_date": SuppressionReason.INVALID_EMAIL.value,
}
REASON_LABELS = {
    SuppressionReason.HARD_BOUNCE.value: _("suppressed because of a hard bounce"),
    SuppressionReason.INVALID_EMAIL.value: _("suppressed because of an invalid address"),
    SuppressionReason.SPAM_COMPLAINT.value: _("suppressed because of a spam complaint"),
    SuppressionReason.UNSUBSCRIBE.value: _("suppressed because of an unsubscription"),
    SuppressionReason.USER_SUPPRESSED.value: _("suppressed by hand"),
}
"""The reason of a suppression to the label of its date."""


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
        return words.property_test(gettext(_SUBJECTS[self.field]), self.test())

    def test(self) -> str:
        """The test of the field: "is “form”"."""
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
    icon: ClassVar[str] = "mail"
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
        matches = can_receive(people, channel, moment)
        if not self.consent.can_receive_marketing:
            matches = ~matches
        if status.subscription != "any":
            matches = matches & status_masks(people, channel, moment)[status.subscription]
        for consent_filter in status.filters or ():
            matches = matches & _passes(consent_filter, people, channel, moment)
        return matches

    def reads(self) -> frozenset[FactKey]:
        channel = self.consent.channel
        address = {facts.attribute(ADDRESS[channel])} if channel in ADDRESS else set()
        return frozenset({facts.consent(channel), *address})

    def edges(self, since: Moment, until: Moment) -> Iterator[Crossing]:
        yield from start_edges(self.consent.channel, since, until)
        for consent_filter in self.consent.consent_status.filters or ():
            if consent_filter.field in SUPPRESSIONS:
                dates: Dates = SuppressionDates(self.consent.channel)
            else:
                dates = ConsentDates(self.consent.channel, consent_filter.field)
            for edge in consent_filter.filter.edges(since, until) if consent_filter.filter else ():
                yield Crossing(dates, edge)

    def evidence(self, one: Population, at: datetime, names: Names) -> Evidence:
        moment, channel = Moment(at, one.zone), self.consent.channel
        status, expected = self.consent.consent_status, self.consent.can_receive_marketing
        may = bool(can_receive(one, channel, moment)[0])
        yes_or_no = gettext("must be yes") if expected else gettext("must be no")
        items = [
            known_status(one, channel, moment, status.subscription),
            KnownValue(
                gettext("can receive marketing"),
                may,
                yes_or_no,
                may == expected,
                yes_or_no_text(may),
            ),
        ]
        if not may:
            items += self._obstacles(one, moment)
        for consent_filter in status.filters or ():
            items += known_filter(
                one,
                channel,
                consent_filter,
                moment,
                bool(_passes(consent_filter, one, channel, moment)[0]),
            )
        if self.mask(one, at)[0]:
            return Evidence(tuple(items))
        return Evidence(tuple(items), tuple(self._needs(one, moment)))

    def _obstacles(self, one: Population, moment: Moment) -> Iterator[KnownValue]:
        """Why the person cannot receive marketing."""
        channel = self.consent.channel
        if channel in ADDRESS and not one.attribute(ADDRESS[channel]).is_set[0]:
            yield KnownValue(words.property_label(ADDRESS[channel], custom=False), None)
        for reason in SuppressionReason.values:
            since = value_at(suppression_dates(one, channel, reason, moment), 0, one.zone)
            if since is not None:
                yield KnownValue(gettext(REASON_LABELS[reason]), since)

    def _needs(self, one: Population, moment: Moment) -> Iterator[Need]:
        channel, status = self.consent.channel, self.consent.consent_status
        label = gettext(dict(CHANNELS)[channel])
        has = {name: bool(who[0]) for name, who in status_masks(one, channel, moment).items()}
        if not self.consent.can_receive_marketing:
            if status.subscription == "unsubscribed" and not has["unsubscribed"]:
                yield MustUnsubscribe(label)
            return
        if status.subscription == "never_subscribed" and not has["never_subscribed"]:
            return  # a subscription of the past cannot be removed
        for obstacle in self._obstacles(one, moment):
            yield MustSet(obstacle.name) if obstacle.value is None else MustNotBeSuppressed(label)
        if has["unsubscribed"] or (
            not has["subscribed"] and (channel != "email" or status.subscription == "subscribed")
        ):
            yield MustSubscribe(label)
        for consent_filter in status.filters or ():
            if (
                consent_filter.field != "status_date"
                and not _passes(consent_filter, one, channel, moment)[0]
            ):
                yield MustPass(gettext(_SUBJECTS[consent_filter.field]), consent_filter.test())

    def sentence(self, names: Names) -> str:
        consent = self.consent
        status = consent.consent_status
        clause = gettext(_SENTENCES[consent.can_receive_marketing, status.subscription])
        channel = {"channel": gettext(dict(CHANNELS)[consent.channel])}
        return words.where(
            clause % channel, [consent_filter.phrase() for consent_filter in status.filters or ()]
        )


def yes_or_no_text(truth: bool) -> str:
    """Yes or no in the active language."""
    return gettext("yes") if truth else gettext("no")


def known_status(one: Population, channel: str, moment: Moment, subscription: str) -> KnownValue:
    """The status of a person on a channel, and whether it is the expected one."""
    has = next(name for name, who in status_masks(one, channel, moment).items() if who[0])
    labels = dict(SUBSCRIPTIONS)
    if subscription == "any":
        return KnownValue(gettext("status"), has, said=gettext(labels[has]))
    test = gettext("must be %(status)s") % {"status": gettext(labels[subscription])}
    return KnownValue(gettext("status"), has, test, has == subscription, gettext(labels[has]))


def known_filter(
    one: Population, channel: str, consent_filter: ConsentFilter, moment: Moment, met: bool
) -> list[KnownValue]:
    """The values that a further test looked at."""
    name = gettext(_SUBJECTS[consent_filter.field])
    if consent_filter.field == "method":
        return known_method(
            one, channel, consent_filter.test(), met, with_detail=bool(consent_filter.filter)
        )
    if consent_filter.field in SUPPRESSIONS:
        value = value_at(
            suppression_dates(one, channel, _REASON_OF_FIELD[consent_filter.field], moment),
            0,
            one.zone,
        )
    else:
        value = value_at(one.consent(channel, consent_filter.field), 0, one.zone)
    return [KnownValue(name, value, consent_filter.test(), met)]


def known_method(
    one: Population, channel: str, test: str, met: bool, *, with_detail: bool
) -> list[KnownValue]:
    """How the person consented or refused, and the detail of it if the test uses it."""
    method = one.consent(channel, "method").get(0)
    label = gettext(consent_methods.LABELS[method]) if method in consent_methods.LABELS else ""
    known = [KnownValue(gettext(_SUBJECTS["method"]), method, test, met, label)]
    if with_detail:
        detail = value_at(one.consent(channel, "method_detail"), 0, one.zone)
        known.append(KnownValue(gettext("the detail of the method"), detail))
    return known


def _passes(
    consent_filter: ConsentFilter, people: Population, channel: str, moment: Moment
) -> Bools:
    if consent_filter.field in SUPPRESSIONS:
        column = suppression_dates(people, channel, _REASON_OF_FIELD[consent_filter.field], moment)
        return consent_filter.filter.test(column, moment)
    if consent_filter.field != "method":
        return consent_filter.filter.test(people.consent(channel, consent_filter.field), moment)
    return method_mask(
        people, channel, consent_filter.method, consent_filter.filter or None, moment
    )


def can_receive_on(channel: str) -> ProfileMarketingConsent:
    """The condition of who can receive marketing on a channel, as the grammar says it."""
    is_open = "any" in allowed_subscriptions(channel, True)  # else only subscribers can
    status = ConsentStatus(subscription="any" if is_open else "subscribed")
    consent = Consent(channel=channel, can_receive_marketing=True, consent_status=status)
    return ProfileMarketingConsent(consent=consent)
