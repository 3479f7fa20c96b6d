"""A marketer sees what somebody changed in a segment last week, and takes it back.

Before: three clicks, without a word about what had changed or whom it would move. Now four, after
having seen both.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.engine.editing import save_segment
from segments.models import Segment
from tests.browser.crowd import crowd, segment
from tests.builders.definitions import IS_SET, about
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

__all__ = ["crowd", "segment"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_version_is_restored_after_a_look_at_the_difference(
    account: Account, segment: Segment, owner: User, marketer: User, open_browser: OpenBrowser
) -> None:
    everyone = about("email", IS_SET)
    groups = [{"conditions": [*segment.definition["condition_groups"][0]["conditions"], everyone]}]
    save_segment(
        account=account,
        user=owner,
        name=segment.name,
        definition={"condition_groups": groups},
        segment=segment,
        at=AT,
    )
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/segments/")
    page.get_by_role("link", name=segment.name, exact=True).click()
    page.get_by_role("link", name="Definition").click()
    latest = page.locator(".versions > li").first
    expect(latest).to_contain_text("Owner")
    expect(latest.locator(".version-lines")).to_contain_text("Added")
    page.get_by_role("button", name="Restore version 1").click()
    dialog = page.get_by_role("dialog", name="Restore version 1?")
    expect(dialog.locator(".changes")).to_contain_text("Leave")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Restore").click()
    expect(page.locator(".segment-facts")).to_contain_text("10 people")
    assert effort.clicks == 4
