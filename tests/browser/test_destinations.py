"""A marketer keeps a list equal to a segment, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from profiles.models import ListMember
from segmenter.accounts.models import Account, User
from segments.destinations.tasks import sweep_destinations
from segments.models import Destination, Segment
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.segments.destinations.receiver import Receiver
from tests.segments.destinations.shop import (
    installed,
    let_in,
    new_destination,
    new_segment,
    run,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account) -> Segment:
    segment = new_segment(account)
    let_in(
        segment,
        {"email": "anna@example.com", "first_name": "Anna", "properties": {"Size": 38}},
        {"email": "bo@example.com"},
        {"external_id": "C-1"},
    )
    return segment


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with installed("receiver", receiver):
        yield receiver


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("SEGMENTER_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int,
    theme: str,
    segment: Segment,
    receiver: Receiver,
    marketer: User,
    open_browser: OpenBrowser,
) -> None:
    receiver.refused = {"bo@example.com": "Looks like a role address that nobody reads."}
    one = run(new_destination(segment, columns=["Size"], name="Newsletter"))
    receiver.faults = ["before"]
    other = new_destination(segment, "gone", name="Old place")
    run(other)
    page = open_browser(marketer, width=width, theme=theme)
    paths = {
        "destinations": "index",
        "destinations/new/receiver": "new",
        f"destinations/{one.key}": "one",
        f"destinations/{other.key}": "broken",
    }
    for path, name in paths.items():
        page.goto(f"/segments/{segment.key}/{path}", wait_until="load")
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        shoot(page, f"{name}-{theme}-{width}")
    page.goto(f"/segments/{segment.key}/destinations/new/receiver", wait_until="load")
    page.locator("summary", has_text="Columns that are sent").click()
    assert barriers(page) == []
    shoot(page, f"columns-{theme}-{width}")


def test_a_list_is_kept_by_keyboard_alone(
    segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/use")
    page.get_by_role("link", name="Destinations").first.press("Enter")
    page.get_by_role("link", name="A list here").press("Enter")
    page.get_by_label("Name of the list").press("Enter")
    expect(page.locator(".error").first).to_be_visible()
    page.get_by_label("Name of the list").fill("Buyers here")
    page.get_by_label("Who is included").select_option(
        label="Everyone, whether they can be reached or not"
    )
    page.get_by_role("button", name="Switch on").press("Enter")
    expect(page.get_by_role("heading", name="A list here: Buyers here")).to_be_visible()
    sweep_destinations()
    assert ListMember.objects.filter(list__name="Buyers here").count() == 3
    page.reload()
    expect(page.locator(".figures dd").first).to_have_text("3")
    page.locator("summary", has_text="Delete").press("Enter")
    page.get_by_role("button", name="Take everybody out, then delete").press("Enter")
    expect(page.get_by_text("Everybody is taken out there, then it is deleted")).to_be_visible()
    sweep_destinations()
    assert not Destination.objects.exists()
    assert not ListMember.objects.filter(list__name="Buyers here").exists()


def test_a_page_that_waits_shows_what_a_worker_did(
    segment: Segment, receiver: Receiver, marketer: User, open_browser: OpenBrowser
) -> None:
    destination = new_destination(segment)
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/destinations/{destination.key}")
    expect(page.get_by_text("No run yet")).to_be_visible()
    run(destination, AT)
    expect(page.locator("table").get_by_text("done")).to_be_visible()
