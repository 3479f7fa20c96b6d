"""Find a person and see why they are in a segment and not in another.

Before: search, person, "why" on a page of its own, back, open the rest, "why not": 6 clicks and two
pages more.
"""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.builders.definitions import never, once
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of
from tests.live.steps import segment

pytestmark = pytest.mark.django_db(transaction=True)


def test_find_a_person_and_why(
    open_browser: OpenBrowser, marketer: User, account: Account, people: list[Profile]
) -> None:
    at = timezone.now()
    segment(account, at, "Buyers", once("Placed Order"))
    segment(account, at, "Not yet", never("Placed Order"))
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Profiles").click()
    page.get_by_role("searchbox", name="Search people").fill("anna")
    page.get_by_role("link", name="Anna Lind").click()
    page.get_by_label("why: Buyers").click()
    expect(page.get_by_text("In this segment since")).to_be_visible()
    expect(page.get_by_text("Nothing changes by itself")).to_be_visible()
    page.get_by_text("Not in 1 segment").click()
    page.get_by_label("why not: Not yet").click()
    expect(page.get_by_text("Not in this segment.")).to_be_visible()
    assert barriers(page) == []
    assert effort.clicks == 5
