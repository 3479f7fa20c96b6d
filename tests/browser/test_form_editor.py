"""A marketer makes a form in a real browser: from the library to published, and wrong on purpose."""

from __future__ import annotations

import os

import pytest
from playwright.sync_api import Page, expect

from segmenter.accounts.models import Account, User
from tests.fixtures.browser import OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("SEGMENTER_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_look(account: Account, marketer: User, open_browser: OpenBrowser) -> None:
    for width, theme in ((1440, "light"), (390, "dark")):
        page = open_browser(marketer, width=width, theme=theme)
        page.goto("/forms/new")
        page.wait_for_load_state("networkidle")
        shoot(page, f"new-{width}-{theme}")
        print(barriers(page))
        page.get_by_role("button", name="Use this: Quiz").click()
        page.wait_for_load_state("networkidle")
        shoot(page, f"edit-{width}-{theme}")
        print(barriers(page))
        if width == 1440:
            page.locator("#outline").get_by_role("button", name="Input: I need").click()
            expect(page.locator("#panel h2")).to_have_text("Input")
            shoot(page, f"field-{width}-{theme}")
            print(barriers(page))
            page.get_by_role("button", name="Kind and look").click()
            expect(page.locator("#panel h2")).to_have_text("Kind and look")
            shoot(page, f"look-{width}-{theme}")
            print(barriers(page))
            page.get_by_role("button", name="Polski").click()
            expect(page.locator("#panel h2")).to_have_text("Polski")
            shoot(page, f"polish-{width}-{theme}")
            print(barriers(page))
