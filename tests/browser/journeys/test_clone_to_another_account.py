"""A marketer of two shops takes a segment of one to the other.

Before: eight clicks and an address to paste: Use, share, copy the link, switch the account, open
the link, take it to the builder, save. Now five.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account, Role, Seat, User
from segments.models import Segment
from tests.browser.crowd import crowd, segment
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

__all__ = ["crowd", "segment"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_segment_is_cloned_to_another_account(
    segment: Segment, other_account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    Seat.objects.create(user=marketer, account=other_account, role=Role.MARKETER)
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/segments/")
    page.get_by_role("link", name=segment.name, exact=True).click()
    page.locator("summary", has_text="Use").click()
    page.get_by_role("link", name="Share the definition").click()
    clone = page.get_by_role("button", name="Clone", exact=True)
    clone.click()
    expect(page.get_by_role("alert")).to_contain_text("There is no metric “Opened Email”.")
    assert barriers(page) == []
    page.get_by_role("link", name="Back").click()

    opens = [
        {"metric": "Opened Email", "profile": {"email": "a@example.com"}, "time": "2026-02-01"}
    ]
    assert ingest_events(account=other_account, records=opens, at=AT).accepted == 1
    clone.click()
    page.get_by_role("button", name="Go to Elsewhere").click()
    expect(page.get_by_role("link", name=segment.name, exact=True)).to_be_visible()
    refused_attempt = 2
    assert effort.clicks - refused_attempt == 5
