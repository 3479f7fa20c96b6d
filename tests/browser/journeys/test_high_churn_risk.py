"""Who is likely to leave, from the box to a segment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.journeys.building import shop_with_products, size_of, take
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_highest_risk_counts_as_soon_as_churn_risk_is_chosen(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    """Before: about 6 clicks (an estimate); "75" gave 0 people without a word (u10)."""
    shop_with_products(account)
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    take(page, "churn", "churn risk")
    percent = page.get_by_role("combobox", name="Number in percent")
    expect(percent).to_be_focused()
    expect(percent).to_have_value("66.67")
    size_of(page, "4")
    page.keyboard.type("75 %")  # over what stands there
    page.keyboard.press("Escape")
    size_of(page, "3")
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("May leave")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    [condition] = Segment.objects.get().definition["condition_groups"][0]["conditions"]
    assert condition["filter"]["value"] == 0.75
    assert effort.clicks == 3
