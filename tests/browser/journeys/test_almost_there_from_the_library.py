"""Almost there: who reads often and has never ordered, from the library to a saved segment."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import User
from segments.models import Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers, wait_until
from tests.fixtures.journeys import effort_of
from tests.segments.library.present_shop import filled

__all__ = ["filled"]

pytestmark = pytest.mark.django_db(transaction=True)
SIZES_ARE_THERE = "document.querySelector('main .skeleton') === null"


def test_almost_there_is_saved_from_the_library(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    """Before: about 18 presses of the mouse and 5 typed values in the builder (an estimate)."""
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Library", exact=True).click()
    expect(page.locator("#size-messages-almost-there")).to_have_text("1 person")
    page.get_by_role("link", name="Use: Almost there").first.click()
    expect(page.get_by_role("heading", name="Almost there")).to_be_visible()
    page.get_by_role("button", name="Save as segment").click()
    expect(page.get_by_text("“Almost there” is saved.")).to_be_visible()
    assert Segment.objects.get().name == "Almost there"
    assert (effort.clicks, effort.strokes) == (3, 0)


def test_numbers_follow_what_is_typed_and_errors_stand_at_their_place(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/library/almost-there/")
    outcome = page.get_by_role("region", name="What this gives")
    expect(outcome).to_contain_text("1 person")
    often = page.get_by_label("Often: opens or clicks")
    often.fill("4")
    expect(outcome).to_contain_text("at least 4 times")
    expect(outcome).to_contain_text("0 people")
    often.fill("four")
    expect(page.locator("#problem-engaged_times")).to_have_text("A number is needed here.")
    assert barriers(page) == []
    page.get_by_role("button", name="Save as segment").click()
    expect(often).to_have_attribute("aria-invalid", "true")
    often.fill("3")
    expect(page.locator("#problem-engaged_times")).to_be_hidden()
    page.get_by_role("button", name="Open in the builder").click()
    expect(page.get_by_role("heading", name="New segment")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Almost there")


def test_a_value_follows_its_property(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/library/contact-role/")
    value = page.get_by_label("Value")
    expect(value).to_have_value("Chef")
    page.get_by_label("Property").select_option("Role")
    expect(value).to_have_value("Buyer")
    expect(page.get_by_role("region", name="What this gives")).to_contain_text("1 person")
    value.fill("Clerk")
    outcome = page.get_by_role("region", name="What this gives")
    expect(outcome).to_contain_text("Clerk")
    expect(value).to_have_value("Clerk")


def test_a_new_segment_may_begin_with_a_card(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/segments/new")
    expect(page.get_by_text("Or begin with one of these")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("link", name="Almost there").click()
    page.get_by_role("button", name="Save as segment").click()
    expect(page.get_by_text("“Almost there” is saved.")).to_be_visible()
    assert (effort.clicks, effort.strokes) == (2, 0)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_pages_of_the_library_in_each_size_and_theme(
    filled: object, marketer: User, open_browser: OpenBrowser, width: int, theme: str
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    for path in (
        *("/library/", "/library/?q=no+such+words", "/library/holiday-shoppers/"),
        *("/library/near-a-place/", "/library/chronic-soft-bounces/", "/library/test-sample/"),
        "/library/personas",
    ):
        page.goto(path)
        wait_until(page, SIZES_ARE_THERE)
        if path == "/library/personas":
            expect(page.get_by_role("heading", name="Who is in two of them")).to_be_visible()
        assert barriers(page) == [], (path, width, theme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_all_personas_are_saved_with_two_clicks(
    filled: object, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/library/")
    page.get_by_role("link", name="The 14 personas").click()
    expect(page.get_by_role("cell", name="High rollers").first).to_be_visible()
    page.get_by_role("button", name="Save all personas").click()
    expect(page.get_by_text("personas are saved.")).to_be_visible()
    assert Segment.objects.count() == 13, "one lacks its metric"
    assert (effort.clicks, effort.strokes) == (2, 0)
