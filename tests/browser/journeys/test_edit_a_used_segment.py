"""A marketer narrows a segment that a webhook and another segment use, and tells the webhook.

Before: five clicks, but nothing said what used the segment, nobody was named, and webhooks could
not be told. Now six, one of them the answer.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Delivery, Segment, Webhook
from tests.browser.builder_page import Builder
from tests.browser.crowd import crowd, segment
from tests.builders.definitions import either
from tests.builders.shops import new_segment
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

__all__ = ["crowd", "segment"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_edit_says_who_moves_what_uses_it_and_tells_the_webhook(
    account: Account, segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    within = {"type": "profile-group-membership", "is_member": True, "group_ids": [segment.key]}
    new_segment(account, "Inner circle", definition=either(within))
    webhook = Webhook.objects.create(
        account=account, name="CRM", url="http://x/", all_segments=False, created=AT, updated=AT
    )
    webhook.segments.add(segment)

    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/segments/")
    page.get_by_role("link", name=segment.name, exact=True).click()
    page.get_by_role("link", name="Edit").click()
    page.wait_for_url("**/edit")  # and its scripts
    number = page.get_by_label("Number", exact=True)
    number.click()
    number.fill("25")
    Builder(page).total("5")
    page.get_by_role("button", name="Save segment").click()

    dialog = page.get_by_role("dialog", name="Save the changed segment?")
    expect(dialog.locator(".changes")).to_contain_text("−5")
    expect(dialog.get_by_role("link", name="the segment “Inner circle”")).to_be_visible()
    expect(dialog.get_by_role("link", name="the webhook “CRM”")).to_be_visible()
    with page.expect_popup() as popup:
        dialog.locator(".changes a").first.click()
    popup.value.close()
    clicks_of_curiosity = 1
    assert barriers(page) == []
    dialog.get_by_label("Yes").click()
    dialog.get_by_role("button", name="Save the change").click()
    expect(page.locator(".segment-facts")).to_contain_text("5 people")
    assert Delivery.objects.filter(webhook=webhook).count() == 5
    assert effort.clicks - clicks_of_curiosity == 6
