"""Import customers with German dates, and make a segment of them.

Before: the dates became text without a word, and the segment took a search for the list.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import User
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = "E-mail;Birthday\nanna@example.com;23.02.1990\nbo@example.com;01.12.1985\n"


def test_import_dates_and_make_a_segment(
    open_browser: OpenBrowser, marketer: User, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(ROWS)
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="Import a file").first.click()
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("the first is 23 February 1990")).to_be_visible()
    page.get_by_label("Put them on the list").fill("Spring fair")
    assert barriers(page) == []
    page.get_by_role("button", name="Start the import").click()
    page.get_by_role("link", name="Make a segment of them").click()
    expect(page.get_by_role("heading", name="2 people")).to_be_visible()
    page.get_by_role("link", name="Save as segment").click()
    page.wait_for_url(re.compile(r"/segments/new"))
    expect(page.locator("body")).to_contain_text("Spring fair")
    assert effort.clicks == 6
    birthdays = set(Profile.objects.values_list("properties__Birthday", flat=True))
    assert birthdays == {"1990-02-23", "1985-12-01"}
