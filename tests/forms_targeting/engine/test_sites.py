"""The site of a public key: as it is in the database now, though processes keep what they read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from forms_targeting.engine.sites import find_site, site_of
from forms_targeting.models import Site
from segmenter.accounts.models import Account
from segmenter.kernel.keys import new_key
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db


def site_now(account: Account) -> Site:
    site = find_site(account.site_key, at=AT)
    assert site is not None
    return site


def test_the_first_request_makes_the_site(account: Account) -> None:
    assert site_now(account).account == account
    assert site_now(account) == site_of(account, at=AT)


def test_a_site_that_did_not_change_takes_one_query(
    account: Account, django_assert_num_queries: Any
) -> None:
    site_now(account)
    site_now(account)
    with django_assert_num_queries(1):
        assert site_now(account).account.name == "Shop"


def test_every_change_of_site_and_account_is_seen_at_once(account: Account) -> None:
    assert site_now(account).domains == []
    Site.objects.filter(account=account).update(domains=["shop.example"])
    assert site_now(account).domains == ["shop.example"]
    Site.objects.filter(account=account).update(domains=["other.example"])
    assert site_now(account).domains == ["other.example"]
    Account.objects.filter(pk=account.pk).update(name="Other")
    assert site_now(account).account.name == "Other"


def test_a_change_that_is_rolled_back_is_forgotten(account: Account) -> None:
    site_now(account)
    with transaction.atomic():
        Site.objects.filter(account=account).update(domains=["shop.example"])
        assert site_now(account).domains == ["shop.example"]
        transaction.set_rollback(True)
    assert site_now(account).domains == []


def test_a_key_that_the_account_had_before_opens_nothing(account: Account) -> None:
    before = account.site_key
    site_now(account)
    Account.objects.filter(pk=account.pk).update(site_key=new_key())
    assert find_site(before, at=AT) is None
    account.refresh_from_db()
    assert site_now(account).account == account


def test_who_changes_a_site_changes_a_copy(account: Account) -> None:
    site_now(account).domains = ["shop.example"]
    assert site_now(account).domains == []


@pytest.mark.parametrize("key", ["", "XXXXXX", "abc", "abcdefg", "abc de", "\0", "ÅÄÖåäö"])
def test_an_unknown_key_opens_nothing(account: Account, key: str) -> None:
    assert find_site(key, at=AT) is None
