"""Holiday shoppers: who ordered for last year's Mother's Day, to be written to before the next."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import User
from segments.models import Segment
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.journeys import effort_of
from tests.segments.library.present_shop import filled, last_mothers_day

__all__ = ["filled"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_shoppers_of_mother_s_day_are_saved(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    """Before: about 11 presses of the mouse (an estimate), and a calendar for the dates."""
    day = last_mothers_day()
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Library", exact=True).click()
    page.get_by_role("searchbox", name="Search the library").click()
    page.keyboard.type("mother")
    page.get_by_role("link", name="Use: Holiday shoppers").click()
    outcome = page.get_by_role("region", name="What this gives")
    page.get_by_label("Days").select_option(label=f"Mother’s Day {day.year}")
    expect(outcome).to_contain_text("1 person")
    expect(outcome).to_contain_text(f"{day.day} May {day.year}")
    page.get_by_role("button", name="Save as segment").click()
    expect(page.get_by_text("“Holiday shoppers” is saved.")).to_be_visible()
    assert day.isoformat() in str(Segment.objects.get().definition)
    assert (effort.clicks, effort.strokes) == (4, len("mother"))  # a choice in a list adds one


def test_other_days_are_asked_for_when_they_are_chosen(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    day = last_mothers_day().isoformat()
    page = open_browser(marketer)
    page.goto("/library/holiday-shoppers/")
    expect(page.get_by_label("First day")).to_be_hidden()
    page.get_by_label("Days").select_option(label="Other days")
    page.get_by_label("First day").fill(day)
    page.get_by_label("Last day").fill(day)
    outcome = page.get_by_role("region", name="What this gives")
    expect(outcome).to_contain_text("1 person")
    page.get_by_label("Last day").fill("2020-01-01")
    problem = page.locator("#problem-period")
    expect(problem).to_have_text("The last day is before the first one.")
    assert barriers(page) == []
