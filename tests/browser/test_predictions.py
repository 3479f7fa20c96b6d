"""Predictions in a real browser: the page, its grid, and the card of a person."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from predictions.models import Prediction
from predictions.storage.refresh import refresh
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.fixtures.browser import OpenBrowser, barriers
from tests.predictions.shops import shop_drawn
from tests.predictions.stores import AT, DAYS, load

pytestmark = pytest.mark.django_db(transaction=True)

LOOKS = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")]
PICTURES = os.environ.get("SEGMENTER_PICTURES", "")
"""A folder to leave pictures of the pages in; none by default."""


def check(page: Page, path: str, name: str) -> None:
    page.goto(path, wait_until="networkidle")
    for closed in page.locator("main details:not(.dropdown)").all():
        closed.evaluate("element => { element.open = true; }")
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    assert barriers(page) == [], path
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


@pytest.fixture
def predicted(account: Account) -> Profile:
    """The shop is predicted, for two days a month apart; gives a customer with several orders."""
    load(account, shop_drawn(700, DAYS))
    refresh(account, AT - timedelta(days=20))
    refresh(account, AT)
    best = Prediction.objects.filter(account=account, historic_number_of_orders__gt=6)
    return Profile.objects.get(pk=best.order_by("churn_probability")[0].profile_id)


def test_no_page_has_a_barrier_or_runs_over_the_edge(
    account: Account, predicted: Profile, marketer: User, open_browser: OpenBrowser
) -> None:
    for width, theme in LOOKS:
        page = open_browser(marketer, width=width, theme=theme)
        check(page, "/predictions/", f"page-{width}-{theme}")
        check(page, "/predictions/settings", f"settings-{width}-{theme}")
        check(page, f"/profiles/{predicted.pk}/", f"person-{width}-{theme}")


def test_below_the_gate_the_page_says_what_is_missing(
    account: Account, viewer: User, open_browser: OpenBrowser
) -> None:
    load(account, shop_drawn(40, 300))
    refresh(account, AT)
    person = Profile.objects.filter(account=account).first()
    assert person is not None
    for width, theme in LOOKS[::3]:
        page = open_browser(viewer, width=width, theme=theme)
        check(page, f"/profiles/{person.pk}/", f"closed-person-{width}-{theme}")
        check(page, "/predictions/", f"closed-{width}-{theme}")
    expect(page.get_by_text("Nothing is predicted yet.")).to_be_visible()
    expect(page.get_by_role("row", name="Customers with an order")).to_contain_text("not yet")


def test_a_cell_of_the_grid_opens_a_segment_of_its_people(
    account: Account, predicted: Profile, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/predictions/", wait_until="networkidle")
    cell = page.locator(".rfm-cell a").first
    count = cell.inner_text()
    cell.click()
    expect(page.get_by_label("Name")).to_have_value("RFM 333")
    beside = page.get_by_role("complementary", name="What this gives")
    expect(beside).to_contain_text(f"{count} people")
