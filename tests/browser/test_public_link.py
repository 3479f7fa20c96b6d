"""A public link in a real browser: opened by a marketer, followed by somebody without a seat."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Segment
from segments.sharing.public_links import save_link, token_of
from tests.fixtures.browser import OpenBrowser, barriers
from tests.segments.ledgers import ledger_segment, long_ledger

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account) -> Segment:
    first = now() - timedelta(days=100)
    return ledger_segment(account, "Almost there", long_ledger(first, 99), created=first)


def test_a_marketer_opens_a_link_that_a_visitor_follows_until_it_is_ended(
    segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/use", wait_until="networkidle")
    page.get_by_role("link", name=re.compile("^Public link")).click()
    page.get_by_role("button", name="Open a public link").click()
    address = page.get_by_label("Link", exact=True).input_value()

    visitor = open_browser()
    visitor.goto(address, wait_until="networkidle")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Almost there")
    expect(visitor.get_by_role("img", name="How the segment grew")).to_be_visible()
    visitor.get_by_role("link", name="By week").click()
    expect(visitor.get_by_role("link", name="By week")).to_have_attribute("aria-current", "true")
    visitor.get_by_role("link", name="12 weeks").click()
    expect(visitor.locator(".growth-table tbody tr")).to_have_count(12)

    page.get_by_role("button", name="New address").click()
    expect(page.get_by_label("Link", exact=True)).not_to_have_value(address)
    newer = page.get_by_label("Link", exact=True).input_value()
    page.get_by_role("button", name="End the link").click()
    expect(page.get_by_text("There is none")).to_be_visible()
    for old in (address, newer):
        answer = visitor.request.get(old)
        assert answer.status == 404


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int,
    theme: str,
    segment: Segment,
    marketer: User,
    open_browser: OpenBrowser,
) -> None:
    link = save_link(segment, shows_conditions=True, last_day=None, user=marketer, at=now())
    page = open_browser(marketer, width=width, theme=theme)
    token = token_of(link)
    for path in (
        f"/segments/{segment.key}/public-link",
        f"/public/{token}",
        f"/public/{token}?unit=month&last=0",
    ):
        page.goto(path, wait_until="networkidle")
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_the_link_is_opened_by_keyboard_alone(
    segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/public-link", wait_until="networkidle")
    page.get_by_label("Show the conditions in words").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Link", exact=True)).to_be_visible()
    expect(page.get_by_label("Show the conditions in words")).to_be_checked()
