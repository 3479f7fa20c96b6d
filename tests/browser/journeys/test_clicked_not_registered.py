"""Who clicked in an e-mail and did not register at the fair within two weeks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.journeys.building import choose, press, shop_with_products, size_of, take
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_click_is_followed_by_no_form(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    """Before: about 16 clicks (an estimate); the second metric could replace the first one (u3)."""
    shop_with_products(account)
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    take(page, "after another", "after another thing")
    take(page, "Clicked", "Clicked Email")
    take(page, "Submitted", "Submitted Form")
    choose(effort, page.get_by_role("combobox", name="Has done").last, "then have not done")
    press(page, "where")
    take(page, "Form", "Form")
    page.keyboard.type("Fair")
    expect(page.get_by_role("combobox", name="Within")).to_have_value("1209600")
    size_of(page, "5")
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("Remind")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    [condition] = Segment.objects.get().definition["condition_groups"][0]["conditions"]
    assert condition["completion_window_seconds"] == 14 * 86_400
    assert [step["metric_exists"] for step in condition["steps"]] == [True, False]
    assert effort.clicks == 9
