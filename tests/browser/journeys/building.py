"""What journeys in the builder share: a small shop with products, and a choice from a list."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account
from tests.browser.builder_page import PEOPLE, small_shop
from tests.fixtures.cast import AT
from tests.fixtures.journeys import Effort

BOUGHT = {
    "Blue shorts": range(8),
    "Tank top": range(5, 9),
    **{f"Socks of size {size}": range(9, 10) for size in range(16, 50)},
}
"""Name of a product to the numbers of the people who ordered it."""


def shop_with_products(account: Account) -> None:
    """The small shop; people 0 to 4 ordered shorts and no tank top, 8 to 11 filled in a form."""
    small_shop(account)
    events = [
        {
            "metric": "Ordered Product",
            "time": "2026-02-11T10:00:00Z",
            "unique_id": f"{name} {n}",
            "properties": {"Name": name},
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for name, buyers in BOUGHT.items()
        for n in buyers
    ] + [
        {
            "metric": "Submitted Form",
            "time": "2026-02-06T10:00:00Z",
            "unique_id": f"form {n}",
            "properties": {"Form": "Fair"},
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for n in range(PEOPLE - 4, PEOPLE)
    ]
    assert not ingest_events(account=account, records=events, at=AT).rejected


def choose(effort: Effort, box: Locator, label: str) -> None:
    """Choose from a native list by the mouse: a press opens it, a second one chooses.

    The list is no part of the page, and a browser without windows opens none: both count here.
    """
    box.dispatch_event("pointerdown")
    box.focus()
    effort.clicks += 2
    box.select_option(label=label)
    at_rest(box.page)


def take(page: Page, words: str, option: str) -> None:
    """Type into the box that gets the focus, and press what it finds."""
    expect(page.locator("#rows input[role=combobox]:focus")).to_have_count(1)
    page.keyboard.type(words)
    page.get_by_role("option", name=option).first.click()
    at_rest(page)


def at_rest(page: Page) -> None:
    expect(page.locator("#rows[aria-busy]")).to_have_count(0)


def press(page: Page, name: str) -> None:
    """Press the last button of that name in the rows."""
    page.locator("#rows").get_by_role("button", name=name, exact=True).last.click()
    at_rest(page)


def size_of(page: Page, count: str) -> None:
    expect(page.locator(".outlook-count strong")).to_have_text(count)
