"""A segment's growth, who was in and who entered and left, in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Segment, SegmentVersion
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.segments.ledgers import ledger_segment, long_ledger

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/segments/{segment}/growth",
    "/segments/{segment}/growth?unit=hour&last=14",
    "/segments/{segment}/growth?unit=week&last=0",
    "/segments/{segment}/growth?unit=month",
    "/segments/{empty}/growth",
    "/segments/{segment}/on",
    "/segments/{segment}/activity",
    "/segments/person/{person}/activity",
    "/profiles/{person}/",
)


@pytest.fixture
def segment(account: Account, people: list[Profile], marketer: User) -> Segment:
    """A segment of a hundred days, whose definition was changed twice; the second was Anna's."""
    first = now() - timedelta(days=100)
    ledger = [
        entry._replace(person=people[0].pk if entry.person == 1 else 900_000 + entry.person)
        for entry in long_ledger(first, 99)
    ]
    almost_there = ledger_segment(account, "Almost there", ledger, created=first)
    for number, days in enumerate((0, 60, 90), start=1):
        SegmentVersion.objects.create(
            segment=almost_there,
            number=number,
            definition={},
            at=first + timedelta(days=days),
            user=marketer,
        )
    return almost_there


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int,
    theme: str,
    account: Account,
    segment: Segment,
    people: list[Profile],
    viewer: User,
    open_browser: OpenBrowser,
) -> None:
    empty = ledger_segment(account, "Empty", [], created=now())
    page = open_browser(viewer, width=width, theme=theme)
    for path in PAGES:
        address = path.format(segment=segment.key, empty=empty.key, person=people[0].pk)
        page.goto(address, wait_until="networkidle")
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_a_marketer_looks_at_weeks_and_at_who_was_in(
    segment: Segment, viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto(f"/segments/{segment.key}/", wait_until="networkidle")
    page.get_by_role("link", name="Growth").click()
    expect(page.get_by_role("img", name="How the segment grew")).to_be_visible()
    page.get_by_role("link", name="By week").click()
    expect(page).to_have_url(re.compile("unit=week"))
    rows = page.locator(".growth-table tbody tr")
    expect(rows.first).to_contain_text("(week ")
    page.get_by_role("link", name="12 weeks").click()
    expect(rows).to_have_count(12)
    size = rows.nth(3).locator("td.number a").first
    people = size.inner_text()
    size.click()
    expect(page.locator("#on .card-head h2")).to_contain_text(f"{people} people at the end of")
    page.go_back()
    expect(rows).to_have_count(12)
    page.reload()
    expect(rows).to_have_count(12)


def test_another_date_shows_its_people_at_once(
    segment: Segment, viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto(f"/segments/{segment.key}/on", wait_until="networkidle")
    expect(page.locator("#on .card-head h2")).to_contain_text("now")
    day = (segment.created - timedelta(days=1)).date().isoformat()
    field = page.get_by_label("Who was in on")
    field.evaluate("field => field.removeAttribute('min')")
    field.fill(day)
    field.blur()
    expect(page.locator("#on .card-head h2")).to_contain_text("0 people at the end of")
    expect(page).to_have_url(re.compile(f"day={day}"))
