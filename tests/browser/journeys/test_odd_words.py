"""Twelve words that no menu shows, one after the other, without a dead end."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from segmenter.accounts.models import Account, User
from tests.browser.builder_page import Builder, small_shop
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

ODD = {
    "opend": "Opened Email",
    "klickat": "Clicked Email",
    "otrzymał": "Received Email",
    "favorite color": "Colour",
    "opted in": "subscribed",
    "ltv": "total customer lifetime value",
    "last seen": "last activity",
    "bostn": "Boston",
    "swedes": "Sweden",
    "holdout": "random",
    "not in newsletter": "Newsletter",
    "mobile": "phone number",
}
"""What is typed to what is found first."""


def test_twelve_odd_words_are_found_and_none_is_a_dead_end(
    marketer: User, account: Account, open_browser: OpenBrowser
) -> None:
    """Before: most of them found nothing (u5)."""
    small_shop(account)
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    box = page.get_by_role("combobox", name="New condition")
    expect(box).to_be_focused()
    for words, expected in ODD.items():
        box.fill(words)
        expect(_options(page).first).to_contain_text(expected)
    assert effort.clicks == 1
    assert barriers(page) == []


def test_words_that_mean_nothing_show_what_there_is(
    marketer: User, account: Account, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    page = open_browser(marketer)
    Builder(page).open()
    box = page.get_by_role("combobox", name="New condition")
    box.click()
    box.fill("qwxzq")
    expect(page.locator("#rows [role=listbox]")).to_contain_text("Nothing called “qwxzq”.")
    expect(_options(page).first).to_be_visible()
    assert barriers(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert barriers(page) == []
    box.fill("opened")
    expect(_options(page).first).to_contain_text("Opened Email")
    assert barriers(page) == []


def _options(page: Page) -> Locator:
    return page.locator("#rows [role=option]:visible")
