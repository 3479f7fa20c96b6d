"""A marketer makes files for ad networks, in a real browser."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import expect

from profiles.ingest.erase import erase
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.audiences.tasks import sweep_audiences
from segments.models import Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.segments.audiences.shop import (
    REMOVALS,
    leave,
    let_in,
    make,
    new_segment,
    sha,
    suppressed,
)
from tests.segments.audiences.stand_ins import Meta
from tests.segments.audiences.test_sync import meta

__all__ = ["meta"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(
        segment,
        {"email": "anna@example.com", "first_name": "Anna"},
        {"email": "bo@example.com"},
        {"email": "bounced@example.com", **suppressed()},
        {"email": "never@example.com", "subscriptions": {}},
    )
    return segment


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    paths = [f"audience?network={name}" for name in ("meta", "linkedin")]
    for path in (*paths, "use", "audience?network=meta&unasked=1"):
        page.goto(f"/segments/{segment.key}/{path}", wait_until="load")
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path
        make(segment, "meta")
        make(segment, "meta", REMOVALS, unasked=False)


def test_a_file_of_everyone_then_removals(
    segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/")
    page.get_by_text("Use", exact=True).first.click()
    page.get_by_role("link", name="Ad audience").click()
    page.get_by_role("link", name="TikTok").click()
    expect(page.get_by_role("heading", name="TikTok: Customer file")).to_be_visible()
    expect(page.get_by_text("at least 1,000 matched people")).to_be_visible()
    box = page.get_by_role("checkbox", name="Also people who never said yes or no")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Consent is missing for some")).to_be_visible()
    page.get_by_role("checkbox", name="Also people who never said yes or no").uncheck()
    expect(page.get_by_text("Consent is missing for some")).to_be_hidden()
    page.get_by_role("button", name="File of everyone").click()
    expect(page.get_by_role("status").first).to_contain_text("can be downloaded below")
    row = page.get_by_role("row", name="Everyone")
    expect(row).to_contain_text("Ready")
    expect(row).to_contain_text("Suppressed 1")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [line["Email_SHA256"] for line in rows] == [
        sha("anna@example.com"),
        sha("bo@example.com"),
    ]
    people = {person.email: person for person in Profile.objects.filter(account=segment.account)}
    leave(segment, people["anna@example.com"])
    erase(account=segment.account, profile_id=people["bo@example.com"].pk, at=AT)
    page.reload()
    page.get_by_role("button", name="File of removals (2 people)").click()
    row = page.get_by_role("row", name="Removals")
    expect(row).to_contain_text("Ready")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    with open(download.value.path(), encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
    page.get_by_role("link", name="All uses of this segment").click()
    expect(page.get_by_role("row", name="TikTok: Removals")).to_contain_text(str(marketer))


def test_a_live_connection_is_made_and_shows_what_was_sent(
    segment: Segment, marketer: User, open_browser: OpenBrowser, meta: Meta
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/audience?network=meta")
    page.get_by_role("link", name="Connect").click()
    assert barriers(page) == []
    page.get_by_label("Audience id").fill("../me")
    page.get_by_label("Access token").fill("EAAB-secret")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("This is a number.")).to_be_visible()
    page.get_by_label("Audience id").fill("2384")
    page.get_by_label("Access token").fill("EAAB-secret")
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("status").first).to_contain_text("Everyone is being sent")
    sweep_audiences()
    page.reload()
    row = page.locator("#connection").get_by_role("row", name="everyone compared")
    expect(row).to_contain_text("done")
    assert len(meta.people) == 2
    assert barriers(page) == []
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#connection")).to_contain_text("Paused")
    page.get_by_role("button", name="Resume").click()
    page.get_by_text("Disconnect", exact=True).click()
    page.get_by_role("button", name="Disconnect now").click()
    expect(page.get_by_role("link", name="Connect")).to_be_visible()
