"""Scheduled files, as a marketer sets one up, sees it made, changes and deletes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.destinations.sync import bring_up_to_date
from segments.models import Destination, Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.segments.member_files.shop import PEOPLE, add_segment, let_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account)
    let_in(segment, PEOPLE)
    return segment


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Settings) -> Path:
    settings.SEGMENTER_DESTINATION_FOLDER = str(tmp_path)
    return tmp_path


def test_a_file_is_set_up_made_changed_and_deleted(
    open_browser: OpenBrowser, marketer: User, segment: Segment, root: Path
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(f"/segments/{segment.key}/")
    page.locator(".page-head summary", has_text="Use").click()
    page.get_by_role("link", name="Destinations").click()
    page.get_by_role("link", name="Folder").click()
    expect(page.locator(".reach")).to_contain_text("By email")
    page.get_by_role("textbox", name="Folder").fill("../elsewhere")
    page.get_by_label("When").select_option("Weekly")
    page.get_by_label("Day", exact=True).select_option("Tuesday")
    page.get_by_role("button", name="Remove “City”").click()
    page.get_by_role("button", name="Put the first file there").click()
    expect(page.get_by_role("alert")).to_contain_text("must lie below")
    expect(page.get_by_label("Day", exact=True)).to_have_value("1")
    expect(page.get_by_role("button", name="Remove “City”")).to_have_count(0)
    page.get_by_role("textbox", name="Folder").fill("reports")
    page.get_by_role("button", name="Put the first file there").click()
    expect(page.get_by_text("The first file is waiting for a worker.")).to_be_visible()
    expect(page.get_by_text("Weekly, Tuesday, 06:00")).to_be_visible()

    assert bring_up_to_date(Destination.objects.get().pk, now())
    (file,) = (root / "shop" / "reports").iterdir()
    page.reload()
    expect(page.get_by_role("cell", name=str(file))).to_be_visible()

    page.get_by_role("link", name="Change").click()
    page.get_by_label("Excel workbook").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Excel workbook")).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".badge", has_text="Paused")).to_be_visible()
    page.locator("summary", has_text="Delete").click()
    page.get_by_role("button", name="Delete now").click()
    expect(page.get_by_text("Put files of this segment somewhere")).to_be_visible()
    assert file.exists()


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_nobody_is_kept_out(
    open_browser: OpenBrowser, marketer: User, segment: Segment, width: int, theme: str
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    base = f"/segments/{segment.key}/scheduled-files"
    for kind in ("sftp", "s3", "folder", "sheet_link"):
        page.goto(f"{base}/new/{kind}")
        expect(page.locator(".reach")).to_be_visible()
        assert barriers(page) == []
    page.get_by_role("button", name="Put the first file there").click()
    expect(page.get_by_text("The first file is waiting for a worker.")).to_be_visible()
    assert bring_up_to_date(Destination.objects.get().pk, now())
    page.reload()
    expect(page.get_by_label("Address")).to_have_value(re.compile("/sheets/[^/]{40,}.csv$"))
    assert barriers(page) == []
    page.get_by_role("link", name="All destinations").click()
    expect(page.get_by_role("cell", name="Link for Google Sheets").first).to_be_visible()
    assert barriers(page) == []
