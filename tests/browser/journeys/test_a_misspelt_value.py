"""A marketer misspells a country, sees that nobody has it, and takes the one that was meant.

Before there were warnings the segment was saved with nobody in it: nothing was said.
"""

from __future__ import annotations

from playwright.sync_api import expect

from segmenter.accounts.models import User
from tests.browser.builder_page import Builder
from tests.browser.crowd import crowd
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of

__all__ = ["crowd"]


def test_one_click_replaces_a_value_that_never_occurs(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    builder = Builder(page).open()
    builder.choose("country")
    builder.value().fill("Swedn")
    builder.total("0")
    rows = page.locator("#rows")
    expect(rows).to_contain_text("No country is “Swedn”.")
    expect(rows).not_to_contain_text("have no country")  # one note a row
    before = effort.clicks
    builder.press("Use “Sweden” (12 people)")
    builder.total("12")
    expect(builder.value()).to_have_value("Sweden")
    assert effort.clicks - before == 1
    page.get_by_role("button", name="Undo").press("Enter")
    builder.total("0")
