"""Who may be in an audience, by what was said on which channel."""

from __future__ import annotations

from itertools import product

import pytest

from profiles.reachability import STATUSES
from segments.audiences.permission import Exclusion, Permission, Standing, permission

YES, NO, NEVER = STATUSES
BOTH, EMAIL = Permission(True, True, None), Permission(True, False, None)
PHONE = Permission(False, True, None)


def out(exclusion: Exclusion) -> Permission:
    return Permission(False, False, exclusion)


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
    email: str | None, phone: str | None, by_default: Permission, with_unasked: Permission
) -> None:
    standing = Standing(email, phone, is_suppressed=False)
    assert permission(standing, takes_phone=True, includes_unasked=False) == by_default
    assert permission(standing, takes_phone=True, includes_unasked=True) == with_unasked


def test_a_number_counts_for_nothing_where_the_network_takes_none() -> None:
    standing = Standing(NEVER, YES, is_suppressed=False)
    verdict = permission(standing, takes_phone=False, includes_unasked=False)
    assert verdict == out(Exclusion.NO_CONSENT)
    standing = Standing(None, YES, is_suppressed=False)
    verdict = permission(standing, takes_phone=False, includes_unasked=False)
    assert verdict == out(Exclusion.NO_IDENTIFIER)


def test_suppressed_people_are_never_in() -> None:
    for email, phone, unasked in product((*STATUSES, None), (*STATUSES, None), (True, False)):
        standing = Standing(email, phone, is_suppressed=True)
        verdict = permission(standing, takes_phone=True, includes_unasked=unasked)
        assert verdict == out(Exclusion.SUPPRESSED)


def test_whoever_said_no_is_never_reached_there() -> None:
    for other, unasked in product((*STATUSES, None), (True, False)):
        email = permission(Standing(NO, other, False), takes_phone=True, includes_unasked=unasked)
        phone = permission(Standing(other, NO, False), takes_phone=True, includes_unasked=unasked)
        assert not email.email
        assert not phone.phone
