"""People who opened e-mails, without the openings that a machine made: one click.

Before there were warnings: five clicks and a property that one had to know by name.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.browser.builder_page import Builder
from tests.browser.crowd import crowd
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

__all__ = ["crowd"]


@pytest.fixture
def machines(crowd: object, account: Account) -> None:
    """Person 00, who has opened nothing, and person 01: three openings by machines each."""
    events = [
        {
            "metric": "Opened Email",
            "time": (now() - timedelta(days=1)).isoformat(),
            "unique_id": f"machine {n} {i}",
            "properties": {"Apple Privacy Open": True},
            "profile": {"email": f"person{n:02}@example.com"},
        }
        for n in range(2)
        for i in range(3)
    ]
    ingest_events(account=account, records=events, at=AT)


def test_one_click_leaves_out_what_machines_opened(
    machines: None, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    effort = effort_of(page)
    builder = Builder(page).open()
    builder.choose("opened")
    builder.total("30")
    rows = page.locator("#rows")
    expect(rows).to_contain_text("of these openings are by machines (Apple Privacy Open).")
    before = effort.clicks
    builder.press("Leave them out")
    builder.total("29")
    expect(rows).not_to_contain_text("by machines")
    assert effort.clicks - before == 1
