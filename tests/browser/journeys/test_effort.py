"""The counter of journeys counts what a person presses, and nothing else."""

from __future__ import annotations

from segmenter.accounts.models import User
from tests.fixtures.browser import OpenBrowser
from tests.fixtures.journeys import effort_of


def test_presses_are_counted_over_pages_and_not_those_of_a_script(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    page.get_by_role("link", name="Profiles").click()
    page.goto("/segments/new")
    page.get_by_role("textbox", name="Name").click()
    page.keyboard.type("Anna")
    page.keyboard.press("Shift+Tab")
    page.evaluate("document.querySelector('#undo').click()")
    assert (effort.clicks, effort.strokes) == (2, 5)
