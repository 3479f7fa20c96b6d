"""The choice of an encoding, as a person sees and makes it in a browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from segmenter.accounts.models import User
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = (
    "E-mail;Imię;Nazwisko;Miasto\n"
    "lucja@example.com;Łucja;Żółw;Łódź\n"
    "zaneta@example.com;Żaneta;Święcicka;Gdańsk\n"
    "jan@example.com;Jan;Jóźwiak;Kraków\n"
)


def upload(page: Page, folder: Path, content: bytes) -> None:
    file = folder / "ludzie.csv"
    file.write_bytes(content)
    page.goto("/imports/new")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_letters_are_seen_in_each_encoding_and_another_is_chosen(
    open_browser: OpenBrowser, marketer: User, tmp_path: Path, theme: str, width: int
) -> None:
    page = open_browser(marketer, theme=theme, width=width)
    upload(page, tmp_path, ROWS.encode("cp1250"))
    expect(page.get_by_text("Windows-1250 is a guess")).to_be_visible()
    expect(page.get_by_role("radio", name="Windows-1250")).to_be_checked()
    western = page.locator("label", has_text="Windows-1252")
    expect(western).to_contain_text("£ódŸ")
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    western.click()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("is a guess")).to_have_count(0)
    expect(page.get_by_role("radio", name="Windows-1252")).to_be_checked()
    expect(page.locator(".samples").last).to_contain_text("£ódŸ")
