"""Who bought shorts and no tank top, to be offered a tank top."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.journeys.building import (
    at_rest,
    choose,
    press,
    shop_with_products,
    size_of,
    take,
)
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("Ordered Product", "Name", "shorts", "Ordered Product", "Name", "tank top", "Cross-sell")


def is_saved(page: Page) -> None:
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Cross-sell")
    names = [
        group["conditions"][0]["metric_filters"][0]["filter"]
        for group in Segment.objects.get().definition["condition_groups"]
    ]
    shared = {"type": "string", "operator": "contains", "ignore_case": True}
    assert names == [{**shared, "value": "shorts"}, {**shared, "value": "tank top"}]
    assert Segment.objects.get().size == 5


def test_by_mouse(account: Account, marketer: User, open_browser: OpenBrowser) -> None:
    """Before: about 24 clicks (ux.md)."""
    shop_with_products(account)
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="New segment").click()
    for verb, product in (("", "shorts"), ("have not done", "tank top")):
        if verb:
            press(page, "AND group")
        expect(page.get_by_role("combobox", name="New condition")).to_be_focused()
        take(page, "Ordered Product", "Ordered Product")
        if verb:
            choose(effort, page.get_by_role("combobox", name="Done or not").last, verb)
        press(page, "where")
        expect(page.get_by_role("combobox", name="Property").last).to_be_focused()
        take(page, "Name", "Name")
        expect(page.get_by_role("combobox", name="Text").last).to_be_focused()
        page.keyboard.type(product)
    size_of(page, "5")
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("Cross-sell")
    page.get_by_role("button", name="Save segment").click()
    is_saved(page)
    assert effort.clicks == 12
    assert effort.strokes == sum(map(len, WORDS))


def test_by_keyboard_alone(account: Account, marketer: User, open_browser: OpenBrowser) -> None:
    """Before: 85 strokes, beside the words (ux.md)."""
    shop_with_products(account)
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    page.goto("/")
    keyboard = page.keyboard

    def go_to(name: str, role: str = "button") -> None:
        """Tab to what has this name."""
        for _ in range(20):
            keyboard.press("Tab")
            if page.locator(":focus").evaluate("e => e.ariaLabel ?? e.innerText.trim()") == name:
                return
        raise AssertionError(f"the keyboard does not get to {name}")

    def fill_in(box: str, words: str) -> None:
        expect(page.get_by_role("combobox", name=box).last).to_be_focused()
        keyboard.type(words)
        if box != "Text":
            keyboard.press("Enter")
            at_rest(page)

    keyboard.press("Tab")
    keyboard.press("Enter")  # to the content
    go_to("New segment")
    keyboard.press("Enter")
    fill_in("New condition", "Ordered Product")
    expect(page.get_by_role("combobox", name="Done or not")).to_be_focused()
    go_to("where")
    keyboard.press("Enter")
    fill_in("Property", "Name")
    fill_in("Text", "shorts")
    go_to("AND group")
    keyboard.press("Enter")
    fill_in("New condition", "Ordered Product")
    expect(page.get_by_role("combobox", name="Done or not").last).to_be_focused()
    keyboard.press("ArrowDown")
    at_rest(page)
    go_to("where")
    keyboard.press("Enter")
    fill_in("Property", "Name")
    fill_in("Text", "tank top")
    size_of(page, "5")
    keyboard.press("Control+Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    expect(page.get_by_text("Give these people a name, then press Enter.")).to_be_visible()
    keyboard.type("Cross-sell")
    keyboard.press("Enter")
    is_saved(page)
    assert effort.clicks == 0
    assert effort.strokes - sum(map(len, WORDS)) <= 40
    print("STROKES", effort.strokes - sum(map(len, WORDS)))
