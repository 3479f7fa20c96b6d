"""Pages on paper: the content, and nothing that can only be pressed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import User
from tests.fixtures.browser import OpenBrowser

HIDDEN = ("#navigation", ".topbar", ".page-head .button.primary")


@pytest.mark.parametrize("path", ["/segments/", "/profiles/", "/predictions/"])
def test_a_printed_page_is_light_and_has_no_navigation(
    path: str, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, theme="dark")
    page.goto(path)
    expect(page.locator("#navigation")).to_be_visible()
    page.emulate_media(media="print")
    for selector in HIDDEN:
        for element in page.locator(selector).all():
            expect(element).to_be_hidden()
    expect(page.locator("h1")).to_be_visible()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert min(int(part) for part in ground[4:-1].split(",")[:3]) > 200
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
