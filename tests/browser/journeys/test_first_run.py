"""First run: an empty account brings people, then makes its first segment of the library."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from profiles.imports import jobs
from profiles.models import ImportJob, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = "email,first_name,country\n" + "".join(
    f"{name}@example.com,{name.title()},{country}\n"
    for name, country in (("anna", "Sweden"), ("bo", "Poland"), ("cilla", "Norway"))
)


def test_an_empty_account_gets_people_and_its_first_segment(
    account: Account,
    marketer: User,
    open_browser: OpenBrowser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before: the first page led to a builder in which nothing was found (u15)."""
    monkeypatch.setattr(jobs.job_start, "subscribers", [])
    file = tmp_path / "people.csv"
    file.write_text(PEOPLE)
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    page.get_by_role("link", name="Import people").click()
    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name="Start the import").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    expect(page.get_by_role("button", name="Start the import")).to_have_count(0)
    jobs.run_job(ImportJob.objects.get().pk, now)
    assert Profile.objects.filter(account=account).count() == 3

    page.get_by_role("link", name="Segments").first.click()
    expect(page.locator(".step").first.get_by_text("done", exact=True)).to_be_attached()
    page.get_by_role("link", name="Choose one of the library").click()
    expect(page.locator("#size-messages-inside-eu")).to_have_text("2 people")
    expect(page.get_by_text("Missing here: the metric “Placed Order”.").first).to_be_visible()
    page.get_by_role("link", name="Use: In the European Union").click()
    page.get_by_role("button", name="Save as segment").click()
    expect(page.get_by_text("“In the European Union” is saved.")).to_be_visible()
    page.get_by_role("link", name="Segments").first.click()
    expect(page.get_by_role("heading", name="First steps")).to_have_count(0)
    assert Segment.objects.get().name == "In the European Union"
    assert (effort.clicks, effort.strokes) == (8, 0)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_help_opens_when_it_is_asked_for(
    marketer: User, open_browser: OpenBrowser, width: int, theme: str
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    page.goto("/segments/")
    answer = page.get_by_text("A CSV file with a row for each person")
    expect(answer).to_be_hidden()
    page.get_by_text("What should the file look like?").click()
    expect(answer).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
