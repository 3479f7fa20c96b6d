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
    its property, its operator and its text: about 12 clicks and 30 strokes."""
    small_shop(account)
    page = open_browser(marketer)
    effort = effort_of(page)
    builder = Builder(page).open()
    box = page.get_by_role("combobox", name="New condition")
    box.click()
    page.keyboard.type("boston")
    expect(page.get_by_role("option").first).to_contain_text("50 km")
    page.keyboard.press("Enter")
    builder.counts("8")
    page.get_by_role("button", name="OR", exact=True).first.click()
    box.last.click()
    page.keyboard.type("falun")
    expect(page.get_by_role("option").first).to_contain_text("Falun")
    page.keyboard.press("Enter")
    builder.counts("8", "4")
    builder.total("12")
    assert [each["type"] for each in builder.members] == ["profile-location-distance"] * 2
    assert effort.clicks <= 3
    assert effort.strokes <= 14
