"""See what sets a segment apart and narrow it down to that."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers, wait_until
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS = 30


@pytest.fixture
def friends(account: Account) -> Segment:
    """Everyone with an address is a friend: 20 of 30 in Norway, of the 60 others nobody."""
    records = [
        {
            **({"email": f"p{i}@example.com"} if i < MEMBERS else {"external_id": f"P-{i}"}),
            "location": {"country": "Norway" if i < 20 else "Sweden"},
        }
        for i in range(90)
    ]
    outcome = ingest_profiles(account=account, records=records, at=now())
    members = [pk for pk in outcome.profile_ids[:MEMBERS] if pk is not None]
    has_address = {
        "type": "profile-property",
        "property": "email",
        "filter": {"type": "existence", "operator": "is-set"},
    }
    return new_segment(
        account,
        "Friends",
        *members,
        as_of=AT,
        size=MEMBERS,
        definition={"condition_groups": [{"conditions": [has_address]}]},
    )


def test_friends_in_norway_are_found_in_the_portrait_and_become_a_segment(
    marketer: User, friends: Segment, open_browser: OpenBrowser
) -> None:
    """Before: not possible: each guess of a property was built and counted."""
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto(f"/segments/{friends.key}/")
    page.get_by_role("link", name="Portrait").click()
    row = page.get_by_role("row", name=re.compile("whose country is “Norway”"))
    expect(row).to_contain_text("66.7 %")
    expect(row).to_contain_text("3.0 times")
    row.get_by_role("link", name=re.compile("Add as a condition")).click()
    expect(page.locator("#outlook")).to_contain_text("20 people")
    expect(page.get_by_role("textbox", name="Name")).to_have_value(re.compile("^Friends, "))
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    saved = Segment.objects.exclude(pk=friends.pk).get()
    assert len(saved.definition["condition_groups"]) == 2
    assert (effort.clicks, effort.strokes) == (3, 0)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_portrait_has_no_barrier_and_does_not_run_over_the_edge(
    width: int,
    theme: str,
    account: Account,
    marketer: User,
    friends: Segment,
    open_browser: OpenBrowser,
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    empty = new_segment(account, "Nobody", as_of=AT)
    for segment in (friends, empty):
        page.goto(f"/segments/{segment.key}/portrait")
        wait_until(page, "!document.querySelector('[hx-trigger=load]')")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
