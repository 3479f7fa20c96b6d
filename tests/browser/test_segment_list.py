"""The list of segments: rows are chosen by mouse and keys, and something is done with them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.definitions import IS_SET, about, either
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("A", "B", "C", "D", "E")


@pytest.fixture(autouse=True)
def segments(account: Account) -> list[Segment]:
    definition = either(about("email", IS_SET))
    return [
        new_segment(account, name, definition=definition, as_of=AT, warned=AT) for name in NAMES
    ]


def test_a_range_is_chosen_with_shift_and_left_with_escape(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/segments/?sort=name")
    bar = page.get_by_role("form", name="The chosen segments")
    expect(bar).to_be_hidden()
    boxes = page.get_by_role("checkbox")
    boxes.nth(2).click()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 chosen")
    assert [boxes.nth(n).is_checked() for n in range(1, 6)] == [False, True, True, True, False]
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    boxes.first.focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("5 chosen")
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()


def test_the_chosen_ones_are_starred_deleted_and_brought_back(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/segments/?sort=name")
    boxes, rows = page.get_by_role("checkbox"), page.locator("#segments tbody tr")
    bar = page.get_by_role("form", name="The chosen segments")
    boxes.nth(1).click()
    expect(bar.get_by_role("button", name="Compare")).to_be_disabled()
    boxes.nth(2).click()
    expect(bar.get_by_role("button", name="Compare")).to_be_enabled()
    bar.get_by_role("button", name="Star", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("2 segments are changed.")
    expect(page.locator(".star.on")).to_have_count(2)
    page.get_by_role("button", name="Star for A").click()
    expect(page.locator(".star.on")).to_have_count(1)
    boxes.nth(1).click()
    boxes.nth(2).click()
    bar.get_by_role("button", name="Delete").click()
    expect(rows).to_have_count(3)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(5)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_list_with_chosen_rows_has_no_barrier(
    width: int, theme: str, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    page.goto("/segments/?sort=name")
    page.locator("tbody").get_by_role("checkbox").first.click()
    expect(page.get_by_role("form", name="The chosen segments")).to_contain_text("1 chosen")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
