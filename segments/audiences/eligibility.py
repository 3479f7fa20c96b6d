"""Who may be in an audience: the one rule, for files, counts and connections. Pure.

An address is used if the person agreed to be written to there: the e-mail address by consent on the
channel "email", the phone number by consent on "sms" (ADR 24). Whether a consent or a suppression
counts at a moment is said by `profiles.reachability`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import pgettext_lazy

from profiles.consent_words import ConsentStatus


class Exclusion(StrEnum):
    """Why a member of a segment is not in its audience. Of several the first counts."""

    SUPPRESSED = "suppressed"
    NO_IDENTIFIER = "no_identifier"
    UNSUBSCRIBED = "unsubscribed"
    NO_CONSENT = "no_consent"

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    Exclusion.SUPPRESSED: pgettext_lazy("left out", "Suppressed"),
    Exclusion.NO_IDENTIFIER: pgettext_lazy("left out", "Nothing the network can match"),
    Exclusion.UNSUBSCRIBED: pgettext_lazy("left out", "Unsubscribed"),
    Exclusion.NO_CONSENT: pgettext_lazy("left out", "Never said yes"),
}


@dataclass(frozen=True)
class ContactStatus:
    """What decides about a person. `email` and `phone` are statuses of consent, from their date on;
    None where there is no such address."""

    email: str | None
    phone: str | None
    is_suppressed: bool
    """On any channel."""


@dataclass(frozen=True)
class Eligibility:
    """Which of a person's addresses may be used; if none, why."""

    email: bool
    phone: bool
    exclusion: Exclusion | None


def eligibility(status: ContactStatus, *, takes_phone: bool, includes_unasked: bool) -> Eligibility:
    """Decide about a person. Suppressed people are never in an audience, nor is an address whose
    owner said no there; who never said anything is if `includes_unasked`."""
    if status.is_suppressed:
        return _out(Exclusion.SUPPRESSED)
    statuses = [status.email, status.phone if takes_phone else None]
    accepted = {ConsentStatus.SUBSCRIBED}
    if includes_unasked:
        accepted.add(ConsentStatus.NEVER_SUBSCRIBED)
    email, phone = (status in accepted for status in statuses)
    if email or phone:
        return Eligibility(email, phone, None)
    if statuses == [None, None]:
        return _out(Exclusion.NO_IDENTIFIER)
    return _out(
        Exclusion.UNSUBSCRIBED if ConsentStatus.UNSUBSCRIBED in statuses else Exclusion.NO_CONSENT
    )


def _out(exclusion: Exclusion) -> Eligibility:
    return Eligibility(False, False, exclusion)
