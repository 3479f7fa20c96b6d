"""Find the Swedes who have ordered among all people, and keep them as a segment.

Before: the list of people could only be searched by the beginning of a name; the segment was built
from an empty page, with about 12 clicks.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import User
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_people_filter_to_segment(
    open_browser: OpenBrowser, marketer: User, people: list[Profile]
) -> None:
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Profiles").click()
    page.wait_for_url("**/profiles/")  # and its scripts
    page.get_by_label("Country").select_option("Sweden")
    expect(page.get_by_text("whose country is")).to_be_visible()
    page.get_by_label("Orders", exact=True).select_option("has ordered")
    expect(page).to_have_url(re.compile(r"country=Sweden.*ordered=yes"))
    expect(page.get_by_role("heading", name="1 person")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Save as segment").click()
    page.wait_for_url(re.compile(r"/segments/new"))
    expect(page.locator("body")).to_contain_text("Placed Order")
    assert effort.clicks == 2  # and two choices in selects
