"""Who may be in an audience, by what was said on which channel."""

from __future__ import annotations

from itertools import product

import pytest

from profiles.reachability import STATUSES
from segments.audiences.eligibility import ContactStatus, Eligibility, Exclusion, eligibility

YES, NO, NEVER = STATUSES
BOTH, EMAIL = Eligibility(True, True, None), Eligibility(True, False, None)
PHONE = Eligibility(False, True, None)


def out(exclusion: Exclusion) -> Eligibility:
    return Eligibility(False, False, exclusion)


@pytest.mark.parametrize(
    ("email", "phone", "by_default", "with_unasked"),
    [
        (YES, YES, BOTH, BOTH),
        (YES, NO, EMAIL, EMAIL),
        (NO, YES, PHONE, PHONE),
        (YES, NEVER, EMAIL, BOTH),
        (NEVER, NEVER, out(Exclusion.NO_CONSENT), BOTH),
        (NO, NEVER, out(Exclusion.UNSUBSCRIBED), PHONE),
        (NO, NO, out(Exclusion.UNSUBSCRIBED), out(Exclusion.UNSUBSCRIBED)),
        (NO, None, out(Exclusion.UNSUBSCRIBED), out(Exclusion.UNSUBSCRIBED)),
        (NEVER, None, out(Exclusion.NO_CONSENT), EMAIL),
        (None, YES, PHONE, PHONE),
        (None, None, out(Exclusion.NO_IDENTIFIER), out(Exclusion.NO_IDENTIFIER)),
    ],
)
def test_an_address_needs_consent_on_its_own_channel(
    email: str | None, phone: str | None, by_default: Eligibility, with_unasked: Eligibility
) -> None:
    status = ContactStatus(email, phone, is_suppressed=False)
    assert eligibility(status, takes_phone=True, includes_unasked=False) == by_default
    assert eligibility(status, takes_phone=True, includes_unasked=True) == with_unasked


def test_a_number_counts_for_nothing_where_the_network_takes_none() -> None:
    status = ContactStatus(NEVER, YES, is_suppressed=False)
    verdict = eligibility(status, takes_phone=False, includes_unasked=False)
    assert verdict == out(Exclusion.NO_CONSENT)
    status = ContactStatus(None, YES, is_suppressed=False)
    verdict = eligibility(status, takes_phone=False, includes_unasked=False)
    assert verdict == out(Exclusion.NO_IDENTIFIER)


def test_suppressed_people_are_never_in() -> None:
    for email, phone, unasked in product((*STATUSES, None), (*STATUSES, None), (True, False)):
        status = ContactStatus(email, phone, is_suppressed=True)
        verdict = eligibility(status, takes_phone=True, includes_unasked=unasked)
        assert verdict == out(Exclusion.SUPPRESSED)


def test_whoever_said_no_is_never_reached_there() -> None:
    for other, unasked in product((*STATUSES, None), (True, False)):
        email = eligibility(
            ContactStatus(NO, other, False), takes_phone=True, includes_unasked=unasked
        )
        phone = eligibility(
            ContactStatus(other, NO, False), takes_phone=True, includes_unasked=unasked
        )
        assert not email.email
        assert not phone.phone
