"""The page of status in a real browser: barriers, and that it renews itself without a jolt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from profiles.models import Cause, ImportJob, ImportStatus, Profile, ProfileChange
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.health import heartbeats
from segments.models import AccountClock, Audit, Build, Segment, SegmentStatus, Webhook
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 15_000
"""Milliseconds: the page asks every five seconds, on a busy machine later."""


def a_segment(account: Account, name: str, **more: object) -> Segment:
    at = now()
    fields = {"definition": {}, "created": at, "updated": at, **more}
    return Segment.objects.create(account=account, name=name, **fields)


@pytest.fixture
def well(account: Account) -> Account:
    """An account whose machinery runs."""
    at = now()
    ProfileChange.objects.all().delete()
    AccountClock.objects.create(
        account=account, until=at, time_zone="UTC", audited=at - timedelta(hours=5)
    )
    for kind in ("worker", "beat"):
        heartbeats.write_heartbeat(
            f"{kind}@shop-1:4711", kind=kind, started=at - timedelta(days=3), at=at
        )
    began = at - timedelta(hours=5)
    Audit.objects.create(
        account=account,
        started=began,
        heartbeat=began,
        finished=began + timedelta(seconds=4),
        segments=12,
        people=5_000,
    )
    return account


def set_aside(account: Account, profile: Profile, error: str) -> ProfileChange:
    at = now()
    return ProfileChange.objects.create(
        account=account,
        profile_id=profile.pk,
        cause=Cause.EVENT,
        facts=["exists"],
        at=at,
        handled=at,
        error=error,
        transaction=1,
    )


@pytest.fixture
def troubled(people: list[Profile], well: Account) -> Account:
    """The same account with something of everything that can be wrong."""
    at = now()
    set_aside(well, people[0], "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff")
    set_aside(well, people[1], "ZeroDivisionError: division by zero")
    building = a_segment(well, "Almost there")
    Build.objects.create(
        account=well,
        segment=building,
        version=1,
        cause=Cause.DEFINITION,
        created=at,
        started=at - timedelta(seconds=30),
        heartbeat=at,
        people_done=300_000,
        people_total=1_000_000,
    )
    a_segment(
        well, "Lost metric", status=SegmentStatus.FROZEN, error="There is no metric “Opened”."
    )
    ImportJob.objects.create(
        account=well,
        file_name="orders-2026.csv",
        status=ImportStatus.RUNNING,
        created=at,
        heartbeat=at,
        bytes_total=200,
        bytes_read=90,
    )
    Webhook.objects.create(
        account=well, name="Mailer", url="https://x.test/", failures=7, created=at, updated=at
    )
    heard = at - timedelta(minutes=20)
    heartbeats.write_heartbeat("worker@shop-2:99", kind="worker", started=heard, at=heard)
    Audit.objects.create(
        account=well,
        started=at - timedelta(minutes=9),
        heartbeat=at,
        finished=at - timedelta(minutes=8),
        segments=12,
        people=5_000,
        differences=3,
        details=[
            {"segment": building.key, "name": building.name, "entered": 1, "left": 2, "people": []}
        ],
    )
    AccountClock.objects.update(until=at - timedelta(minutes=4))
    return well


def over_the_edge(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_neither_good_nor_bad_times_have_a_barrier(
    width: int, theme: str, well: Account, owner: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(owner, width=width, theme=theme)
    page.goto("/status/")
    expect(page.get_by_text("All is well")).to_be_visible()
    assert barriers(page) == []
    assert over_the_edge(page) <= 0


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_troubles_can_be_read_by_everybody(
    width: int, theme: str, troubled: Account, owner: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(owner, width=width, theme=theme)
    page.goto("/status/")
    troubles = page.get_by_role("status").get_by_role("listitem")
    expect(troubles).to_have_count(5)
    expect(troubles.first).to_contain_text("Time windows have not moved")
    assert barriers(page) == []
    assert over_the_edge(page) <= 0


def test_it_renews_itself_and_leaves_focus_place_and_selection_alone(
    troubled: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, height=500)
    page.goto("/status/")
    again = page.locator(f"#again-{ProfileChange.objects.latest('pk').pk}")
    again.focus()
    page.locator(".reason").first.evaluate("cell => getSelection().selectAllChildren(cell)")
    top = page.evaluate("scrollY")
    assert top > 0
    Segment.objects.filter(name="Lost metric").update(error="There is no list “VIP”.")
    expect(page.get_by_text("There is no list “VIP”.")).to_be_attached(timeout=SOON)
    expect(again).to_be_focused()
    assert page.evaluate("scrollY") == top
    assert "ZeroDivisionError" in page.evaluate("String(getSelection())")
    # The card under the focus changes itself: the focus comes back to the same button.
    ProfileChange.objects.filter(error__startswith="Unicode").update(error="OverflowError: much")
    expect(page.get_by_text("OverflowError: much")).to_be_attached(timeout=SOON)
    expect(again).to_be_focused()
    assert page.evaluate("scrollY") == top


def test_trying_again_works_by_the_keyboard(
    troubled: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/status/")
    page.get_by_role("button", name="Try all again").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("2 changes are tried again.")
    expect(page.get_by_text("No change is set aside.")).to_be_visible()
    assert ProfileChange.objects.filter(handled=None, error="").count() == 2


def test_an_owner_sees_the_alarm_in_the_navigation(
    troubled: Account, owner: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(owner)
    page.goto("/segments/")
    link = page.get_by_role("link", name="Status : the last audit found a difference")
    expect(link).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Status")
