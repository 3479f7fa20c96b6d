"""A file of members, as a marketer asks for it, watches it being made and fetches it."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.exports import jobs, tasks
from segments.exports.jobs import run_export
from segments.models import Export, ExportStatus, Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.segments.member_files.shop import PEOPLE, add_orders, add_segment, let_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = add_segment(account)
    let_in(segment, PEOPLE)
    add_orders(account, "anna@example.com", (now().isoformat(), 50.5))
    return segment


@pytest.fixture(autouse=True)
def worker_at_lunch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works on exports until a test does."""
    assert tasks.export.delay in jobs.export_start.subscribers
    monkeypatch.setattr(jobs.export_start, "subscribers", [])


def labels(page: Page) -> list[str]:
    return page.locator("[data-chosen] [data-label]").all_inner_texts()


def test_a_file_is_chosen_made_and_fetched(
    open_browser: OpenBrowser, marketer: User, segment: Segment, tmp_path: Path
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(f"/segments/{segment.key}/")
    page.locator(".page-head summary", has_text="Use").click()
    page.get_by_role("link", name="Export").click()
    expect(page.get_by_text("Who can be written to")).to_be_visible()
    expect(page.locator(".reach")).to_contain_text("By email")
    page.get_by_role("link", name="Customer lifetime value").click()
    expect(page.locator(".chip[aria-current=true]")).to_have_text("Customer lifetime value")
    for name in ("Profile id", "External ID", "Last name"):
        page.get_by_role("button", name=f"Remove “{name}”").click()
    page.get_by_role("searchbox", name="To choose from").fill("points")
    page.get_by_label("Points").check()
    page.get_by_text("What they did in a time").click()
    page.get_by_label("Measure", exact=True).select_option("sum")
    page.get_by_label("How many", exact=True).fill("60")
    page.get_by_label("How many", exact=True).press("Enter")
    expect(page.locator("[data-chosen] [data-column]").last).to_contain_text("60 days")
    assert labels(page)[:2] == ["Email", "First name"]

    # Points, the last but one, becomes the first by keys alone.
    page.get_by_role("button", name="Move “Points” up").focus()
    for _ in range(len(labels(page))):
        page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name="Move “Points” up")).to_be_focused()
    assert labels(page)[0] == "Points"
    expect(page.locator("[data-said]")).to_contain_text("Points is column 1 of")

    page.get_by_label("Save these columns as").fill("Points first")
    page.get_by_role("button", name="Save the set").click()
    expect(page.locator(".chip[aria-current=true]")).to_contain_text("Points first")
    assert labels(page)[0] == "Points"

    page.get_by_label("People", exact=True).select_option("email")
    page.get_by_role("button", name="Make the file").click()
    expect(page.locator("[role=status] .badge", has_text="Waiting")).to_be_visible()
    export = Export.objects.get()
    run_export(export.pk, now)
    expect(page.locator("[role=status] .badge", has_text="Ready")).to_be_visible()
    expect(page.get_by_text("1 person, 11 columns")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    assert re.fullmatch(
        r"Readers \d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv", download.value.suggested_filename
    )
    download.value.save_as(tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert len(rows) == 1
    assert rows[0]["Points"] == "12,5"
    assert rows[0]["Email"] == "anna@example.com"
    assert [value for name, value in rows[0].items() if "60 days" in name] == ["50,5"]


def test_a_file_is_cancelled_deleted_and_expires(
    open_browser: OpenBrowser, marketer: User, segment: Segment
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/exports")
    page.get_by_role("button", name="Make the file").click()
    page.get_by_role("button", name="Cancel the export").click()
    expect(page.get_by_text("The export was cancelled; there is no file.")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    page.get_by_role("link", name="Make it again").click()
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("button", name="Cancel the export")).to_be_visible()
    export = Export.objects.latest("pk")
    run_export(export.pk, now)
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible()
    jobs.expire(now() + timedelta(days=8))
    page.reload()
    expect(page.get_by_text("The file is deleted.")).to_be_visible()
    page.get_by_role("link", name="Use", exact=True).click()
    expect(page.get_by_role("cell", name="Expired")).to_be_visible()
    expect(page.get_by_role("cell", name="Cancelled")).to_be_visible()


def test_what_is_wrong_is_said_on_the_page(
    open_browser: OpenBrowser, marketer: User, segment: Segment
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/exports")
    page.get_by_role("button", name="Save the set").click()
    expect(page.get_by_role("alert")).to_contain_text("A set needs a name")
    for button in page.locator("[data-chosen] [data-remove]").all()[::-1]:
        button.click()
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose at least one column.")
    assert not Export.objects.exists()


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_pages_are_without_barriers(
    open_browser: OpenBrowser, marketer: User, segment: Segment, theme: str, width: int
) -> None:
    page = open_browser(marketer, theme=theme, width=width)
    page.goto(f"/segments/{segment.key}/exports?set=clv")
    expect(page.get_by_text("Who can be written to")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Make the file").click()
    expect(page.get_by_role("button", name="Cancel the export")).to_be_visible()
    assert barriers(page) == []
    run_export(Export.objects.get().pk, now)
    expect(page.get_by_role("link", name="Download", exact=True)).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    Export.objects.update(status=ExportStatus.FAILED, error="The disk is full.")
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("The disk is full.")
    assert barriers(page) == []
