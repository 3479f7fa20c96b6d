"""Why somebody is in a segment or not, in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from profiles.ingest.store import ingest_events
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Membership, Segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.segments.explain.test_pages import SUBSCRIBED, groups, has, ordered, segment_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def segment(account: Account, people: list[Profile]) -> Segment:
    """Of many kinds, so that the pages have something of each to show; Anna is in."""
    at = now()
    events = [
        {
            "metric": metric,
            "time": (at - timedelta(days=days, hours=3)).isoformat(),
            "value": 70.5 * days,
            "unique_id": f"{metric} {days}",
            "properties": {"Campaign Name": f"Spring sale {days}", "Items": ["Tea", "Cup"]},
            "profile": {"email": "anna@example.com"},
        }
        for metric in ("Placed Order", "Opened Email", "Clicked Email")
        for days in (2, 9, 40, 113)
    ]
    ingest_events(account=account, records=events, at=at)
    spring = {"type": "string", "operator": "contains", "value": "Spring"}
    filters = [{"property": "Campaign Name", "filter": spring}]
    two = {"type": "string", "operator": "ends-with", "value": "2"}
    money = {"type": "numeric", "operator": "greater-than-or-equal", "value": 5000}
    chain = {
        "type": "profile-metric-funnel",
        "timeframe_filter": {"type": "date", "operator": "alltime"},
        "completion_window_seconds": 30 * 86_400,
        "steps": [
            {"metric_exists": True, "metric": "Clicked Email"},
            {"metric_exists": False, "metric": "Opened Email"},
            {"metric_exists": True, "metric": "Placed Order"},
        ],
    }
    near = {
        "type": "profile-location-distance",
        "latitude": 59.33,
        "longitude": 18.07,
        "label": "Stockholm",
        "unit": "kilometers",
        "filter": {"type": "numeric", "operator": "less-than", "value": 48},
    }
    ratio = {
        "type": "profile-metric-ratio",
        "numerator": {"metric": "Clicked Email"},
        "denominator": {"metric": "Opened Email"},
        "timeframe_filter": {"type": "date", "operator": "alltime"},
        "filter": {"type": "numeric", "operator": "equals", "value": 1},
    }
    born = {
        "type": "profile-property",
        "property": "created",
        "filter": {"type": "date", "operator": "at-least", "quantity": 1, "unit": "month"},
    }
    sample = {"type": "profile-sample", "percentage": 50}
    member = {"type": "profile-group-membership", "is_member": True, "groups": ["Newsletter"]}
    definition = groups(
        [ordered(1, 90, metric_filters=filters), ordered(9, 90), near],
        [ordered(3, 30, metric_filters=[*filters, {**filters[0], "filter": two}]), SUBSCRIBED],
        [ordered(1, 900) | {"measurement": "sum", "measurement_filter": money}, ratio, sample],
        [groups([has("location['country']", "Norway")], [member]), {"not": chain}, born],
        [chain, member],
    )
    return segment_of(account, definition, people[0], name="Almost there", created=at)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int,
    theme: str,
    segment: Segment,
    people: list[Profile],
    viewer: User,
    open_browser: OpenBrowser,
) -> None:
    page = open_browser(viewer, width=width, theme=theme)
    here = f"/segments/{segment.key}"
    paths = [f"{here}/explain/{profile.pk}/" for profile in people[:2]]
    paths += [f"{here}/explain/", f"{here}/explain/?q=a", f"{here}/", f"/profiles/{people[1].pk}/"]
    for path in paths:
        page.goto(path, wait_until="networkidle")
        _open_everything(page)
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def _open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")


def test_a_marketer_asks_why_somebody_is_out(
    segment: Segment, people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    Membership.objects.filter(profile=people[0]).delete()
    page = open_browser(viewer)
    page.goto(f"/segments/{segment.key}/", wait_until="networkidle")
    page.get_by_role("link", name="Why in or out").click()
    page.get_by_role("searchbox", name="Whose membership to explain").fill("bo@")
    page.get_by_role("link", name="Bo Ek").click()
    expect(page.get_by_role("heading", name="Bo Ek")).to_be_visible()
    expect(page.get_by_role("heading", name="What is missing")).to_be_visible()
    expect(page.get_by_text("9 more Placed Order").first).to_be_visible()


def test_a_person_s_page_leads_to_what_decided(
    segment: Segment, people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto(f"/profiles/{people[1].pk}/", wait_until="networkidle")
    page.get_by_text("Not in 1 segment").click()
    page.get_by_label("why not: Almost there").click()
    expect(page.get_by_text("Not in this segment.")).to_be_visible()
    page.get_by_role("link", name="On a page of its own").click()
    expect(page.get_by_role("heading", name="Bo Ek")).to_be_visible()


def test_words_typed_before_the_scripts_are_there_are_looked_for(
    segment: Segment, people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    routes: list[Route] = []
    page.route("**/htmx*.js", lambda route: routes.append(route))
    page.goto(f"/segments/{segment.key}/explain/", wait_until="commit")
    page.get_by_role("searchbox", name="Whose membership to explain").fill("bo@")
    routes[0].continue_()
    expect(page.get_by_role("link", name="Bo Ek")).to_be_visible()
