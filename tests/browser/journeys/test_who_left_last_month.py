"""Who left the segment last month?

Before: Activity, "Only left", and paging by 50 through everything since; Growth had no links.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of
from tests.segments.ledgers import Entry, ledger_segment

pytestmark = pytest.mark.django_db(transaction=True)


def middle_of_last_month(account: Account) -> datetime:
    this_month = timezone.now().astimezone(account.zone).replace(day=1, hour=12)
    return this_month - timedelta(days=15)


def test_who_left_last_month(
    open_browser: OpenBrowser, marketer: User, account: Account, people: list[Profile]
) -> None:
    anna, bo, phone = (person.pk for person in people)
    last_month = middle_of_last_month(account)
    long_ago = last_month - timedelta(days=200)
    ledger_segment(
        account,
        "Buyers",
        [
            *(Entry(person, True, long_ago) for person in (anna, bo, phone)),
            Entry(bo, False, last_month - timedelta(days=60)),
            Entry(anna, False, last_month),
        ],
        created=long_ago,
    )
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Buyers", exact=True).click()
    page.get_by_role("link", name="Activity").click()
    page.get_by_role("link", name="Last month").click()
    page.get_by_label("Entered or left").select_option("left")
    expect(page.get_by_role("heading", name="1 time somebody left")).to_be_visible()
    expect(page.get_by_role("link", name="Anna Lind")).to_be_visible()
    expect(page.get_by_role("link", name="Bo Ek")).to_have_count(0)
    assert barriers(page) == []
    assert effort.clicks == 3  # and a choice in a select
