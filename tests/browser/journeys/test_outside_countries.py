"""People outside two countries: built with OR, warned at the OR, and joined by AND with a click.

Before there were warnings: the segment held nearly everyone, and nothing said so.
"""

from __future__ import annotations

from playwright.sync_api import expect

from segmenter.accounts.models import User
from tests.browser.builder_page import Builder
from tests.browser.crowd import crowd
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

__all__ = ["crowd"]


def test_negatives_joined_by_or_become_and_with_one_click(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    builder = Builder(page).open()
    rows = page.locator("#rows")
    for number, country in enumerate(("Sweden", "Norway")):
        if number:
            builder.press("or condition")
        builder.choose("country")
        rows.get_by_role("combobox", name="Filter").last.select_option(label="is not")
        builder.value().last.fill(country)
    builder.total("20")
    joint = page.locator(".joint.or")
    expect(joint).to_contain_text("Nearly everyone matches")
    assert not barriers(page)
    before = effort.clicks
    joint.get_by_role("button", name="Make it AND: 0").click()
    builder.total("0")
    expect(page.locator(".joint.and")).to_have_count(1)
    expect(page.locator(".joint .advice")).to_have_count(0)
    assert effort.clicks - before == 1
    page.get_by_role("button", name="Undo").click()
    builder.total("20")
