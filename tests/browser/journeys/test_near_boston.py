"""Who lives near Boston, or in a region where winters are cold?"""

from __future__ import annotations

from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from tests.browser.builder_page import Builder, small_shop
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of


def test_people_near_boston_or_in_a_cold_region_are_found_by_their_places(
    marketer: User, account: Account, open_browser: OpenBrowser
) -> None:
    """Before: "boston" found nothing. The way was "How far", then the place, the region's kind,
    its property, its operator and its text: about 12 clicks (an estimate)."""
    small_shop(account)
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    builder = Builder(page)
    box = page.get_by_role("combobox", name="New condition")
    expect(box).to_be_focused()
    page.keyboard.type("boston")
    expect(page.locator("#rows [role=option]:visible").first).to_contain_text("50 km")
    page.keyboard.press("Enter")
    builder.counts("8")
    builder.press("or condition")
    expect(box.last).to_be_focused()
    page.keyboard.type("falun")
    expect(page.locator("#rows [role=option]:visible").first).to_contain_text("Falun")
    page.keyboard.press("Enter")
    builder.counts("8", "4")
    builder.total("12")
    assert [each["type"] for each in builder.members] == ["profile-location-distance"] * 2
    assert effort.clicks == 2
    assert effort.strokes <= 14
