"""Compare three segments and make one part of them a segment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers, wait_until
from tests.fixtures.cast import AT
from tests.fixtures.journeys import effort_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def three(account: Account, people: list[Profile]) -> list[Segment]:
    """Anna is in all three, Bo in the first two."""
    anna, bo, _phone = (person.pk for person in people)
    definition = {
        "condition_groups": [
            {
                "conditions": [
                    {
                        "type": "profile-property",
                        "property": "email",
                        "filter": {"type": "existence", "operator": "is-set"},
                    }
                ]
            }
        ]
    }
    return [
        new_segment(account, name, *members, as_of=AT, size=len(members), definition=definition)
        for name, members in (("VIP", (anna, bo)), ("News", (anna, bo)), ("Buyers", (anna,)))
    ]


def test_who_is_a_vip_and_gets_news_but_does_not_buy_becomes_a_segment(
    marketer: User, three: list[Segment], open_browser: OpenBrowser
) -> None:
    """Before: each part was built and counted by itself; no overlap anywhere."""
    page = open_browser(marketer)
    effort = effort_of(page)
    page.goto(f"/segments/{three[0].key}/")
    page.get_by_role("link", name="Overlap").click()
    page.get_by_role("checkbox", name="Buyers").click()
    page.get_by_role("checkbox", name="News").click()
    page.get_by_role("button", name="Compare").click()
    picture = page.get_by_role("img", name="How the segments overlap")
    expect(picture).to_be_visible()
    row = page.get_by_role("row", name="Only in VIP and News")
    expect(row.get_by_role("link", name="1", exact=True)).to_be_visible()
    row.get_by_role("link", name=re.compile("Make a segment")).click()
    name = page.get_by_role("textbox", name="Name")
    expect(name).to_have_value(re.compile("^In VIP and News, not in Buyers$"))
    expect(page.locator("#outlook")).to_contain_text("1 person")
    page.get_by_role("button", name=re.compile("^Save")).first.click()
    page.wait_for_url(re.compile(r"/segments/\w{6}/$"))
    assert Segment.objects.filter(name="In VIP and News, not in Buyers").exists()
    assert (effort.clicks, effort.strokes) == (6, 0)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_of_a_comparison_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, marketer: User, three: list[Segment], open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    query = "&".join(f"s={segment.key}" for segment in three)
    for path in (
        "/segments/compare",
        f"/segments/compare?{query}",
        f"/segments/{three[0].key}/overlap",
        f"/segments/{three[0].key}/overlap?s={three[1].key}",
        f"/segments/{three[0].key}/dates",
        f"/segments/{three[0].key}/dates/people?way=both",
        f"/segments/{three[0].key}/overlap?s={three[1].key}",
        f"/segments/{three[0].key}/dates",
        f"/segments/{three[0].key}/dates/people?way=both",
        f"/segments/compare/people?in={three[0].key}&out={three[2].key}",
        f"/segments/compare/people?in={three[2].key}&out={three[0].key}",
    ):
        page.goto(path)
        wait_until(page, "!document.querySelector('[hx-trigger=load]')")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
