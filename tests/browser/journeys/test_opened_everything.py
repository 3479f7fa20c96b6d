"""Who opened every e-mail of the last months."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.builder_page import small_shop
from tests.browser.journeys.building import choose, size_of, take
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_email_was_opened(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    """Before: impossible in the builder (u2)."""
    small_shop(account)
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    take(page, "What share", "What share of one thing")
    expect(page.get_by_role("combobox", name="Metric").first).to_be_focused()
    take(page, "Opened", "Opened Email")
    expect(page.get_by_role("combobox", name="Metric").last).to_be_focused()
    take(page, "Received", "Received Email")
    size_of(page, "0")
    choose(effort, page.get_by_role("combobox", name="When"), "in the last")
    expect(page.get_by_label("How many")).to_be_focused()
    page.keyboard.type("20")  # over the 30 that stand there
    choose(effort, page.get_by_role("combobox", name="Unit"), "years")
    page.get_by_label("Number in percent").fill("25")
    size_of(page, "10")
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("Open all")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    [condition] = Segment.objects.get().definition["condition_groups"][0]["conditions"]
    assert condition["timeframe_filter"]["quantity"] == 20
    assert condition["filter"]["value"] == 0.25
    assert effort.clicks == 9
