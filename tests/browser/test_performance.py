"""The performance of a segment in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from profiles.ingest.store import ingest_events
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 24


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_page_has_no_barrier_and_its_choices_replace_the_charts(
    width: int, theme: str, account: Account, viewer: User, open_browser: OpenBrowser
) -> None:
    at = now()
    events = [
        {
            "metric": metric,
            "time": (at.replace(day=1)).isoformat(),
            "unique_id": f"{metric}-{i}",
            "value": 10,
            "profile": {"email": f"p{i}@example.com"},
        }
        for i in range(CROWD)
        for metric in ("Received Email", "Opened Email", "Placed Order")
    ]
    outcome = ingest_events(account=account, records=events, at=at)
    members = sorted({pk for pk in outcome.profile_ids if pk is not None})[:15]
    segment = new_segment(account, "Readers", *members, as_of=AT, size=len(members))
    empty = new_segment(account, "Nobody", as_of=AT)
    page = open_browser(viewer, width=width, theme=theme)
    for path in (
        f"/segments/{segment.key}/performance?members=now",
        f"/segments/{segment.key}/performance?members=then",
        f"/segments/{empty.key}/performance",
    ):
        page.goto(path)
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="By month").click()
    expect(page.get_by_role("link", name="By month")).to_have_attribute("aria-current", "true")
    expect(page).to_have_url(f"{page.url.split('?')[0]}?unit=month&members=then")
