"""Samples and the test report in a real browser: draw a split, look at it, read the report."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from profiles.ingest.store import ingest_events
from profiles.models import List, ListMember, Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Sample
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.segments.samples.crowds import crowd

pytestmark = pytest.mark.django_db(transaction=True)


def send(account: Account, name: str, campaign: str, *, orders: int) -> None:
    """Have everyone on a list receive a campaign just after the drawing, and some of them order."""
    drawn_at = Sample.objects.get(groups__list__name=name).drawn
    assert drawn_at is not None
    people = ListMember.objects.filter(list__name=name).values_list("profile_id", flat=True)
    events = []
    for number, person in enumerate(people.order_by("profile_id")):
        metrics = ["Received Email", *(["Opened Email"] if number % 3 else [])]
        metrics += ["Placed Order"] if number < orders else []
        events += [
            {
                "metric": metric,
                "time": (drawn_at + timedelta(milliseconds=1)).isoformat(),
                "unique_id": f"{campaign} {person} {metric}",
                "value": 40.0 if metric == "Placed Order" else None,
                "properties": {"Campaign Name": campaign},
                "profile": {"id": str(person)},
            }
            for metric in metrics
        ]
    outcome = ingest_events(account=account, records=events, at=now())
    assert not outcome.rejected


def test_a_marketer_draws_a_split_looks_at_it_and_reads_the_report(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    segment = crowd(account, 400, "Almost there")
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/use", wait_until="networkidle")
    page.get_by_role("link", name=re.compile("^Draw a sample")).click()
    preview = page.locator("#sample-preview")
    expect(preview).to_contain_text("320 of the 400 people in the segment can be reached by Email")
    expect(preview).to_contain_text("320 people are drawn")
    page.get_by_label("Name of the list").fill("Spring")
    page.get_by_label("but at least").fill("0")
    expect(preview).to_contain_text("160 people are drawn")
    page.get_by_label("Groups to compare").select_option("2")
    expect(preview).to_contain_text("Group B")
    page.get_by_label("against").fill("11")
    expect(page.locator("#sample-size")).to_contain_text("14,751")
    page.get_by_role("button", name="Draw the sample").click()

    row = page.get_by_role("row", name=re.compile("Spring - A"))
    expect(row).to_contain_text("54")
    expect(page.get_by_role("row", name=re.compile("Spring - control"))).to_contain_text("53")
    assert List.objects.count() == 3

    page.get_by_role("button", name="Everyone else to a list").click()
    page.get_by_label("Name of the list").fill("Spring - A")
    page.get_by_role("button", name="Put them on the list").click()
    expect(page.get_by_text("There is a list “Spring - A” already.")).to_be_visible()
    page.get_by_label("Name of the list").fill("Spring, second send")
    page.get_by_role("button", name="Put them on the list").click()
    expect(page.get_by_role("row", name=re.compile("Spring, second send"))).to_contain_text("160")

    for name, orders in (("Spring - A", 40), ("Spring - B", 9), ("Spring - control", 8)):
        send(account, name, "Spring mail", orders=orders)
    page.get_by_role("link", name="the sample", exact=True).click()
    page.get_by_role("link", name="Test report").click()
    page.get_by_role("button", name=re.compile("Spring mail")).click()
    best = page.get_by_role("region", name="Spring - A", exact=True)
    expect(best).to_contain_text("Send it to the rest")
    expect(best.get_by_role("row", name=re.compile("^Ordered"))).to_contain_text("40 of 54")
    other = page.get_by_role("region", name="Spring - B", exact=True)
    expect(other).to_contain_text("Wait: nothing is decided yet")


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int,
    theme: str,
    account: Account,
    marketer: User,
    people: list[Profile],
    open_browser: OpenBrowser,
) -> None:
    segment = crowd(account, 60)
    page = open_browser(marketer, width=width, theme=theme)
    page.goto(f"/segments/{segment.key}/samples/new", wait_until="networkidle")
    page.get_by_text("Mix and seed").click()
    paths = [page.url]
    page.get_by_role("button", name="Draw the sample").click()
    page.wait_for_url(re.compile("/samples/(?!new)"))
    paths.append(page.url)
    sample = Sample.objects.get()
    groups = list(sample.groups.order_by("place"))
    for group in groups:
        send(account, group.list_name, "Spring mail", orders=3)
    query = f"sample={groups[0].list.key}&control={groups[1].list.key}"  # type: ignore[union-attr]
    paths += ["/test-report", f"/test-report?{query}", f"/test-report?{query}&campaign=Spring+mail"]
    for path in paths:
        page.goto(path, wait_until="networkidle")
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_the_form_is_filled_in_by_keyboard_alone(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    segment = crowd(account, 20)
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/samples/new", wait_until="networkidle")
    page.get_by_label("Name of the list").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("By keyboard - A"))).to_contain_text("8")
