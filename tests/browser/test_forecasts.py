"""Forecasts and large test reports in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.lists.editing import add_to_list, create_list
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.campaigns import jobs as report_jobs
from segments.campaigns.jobs import run_report
from segments.forecasts.jobs import run_forecast
from segments.models import CampaignReport, SegmentForecast
from tests.fixtures.browser import OpenBrowser, barriers
from tests.segments.forecasts.shop import fill, segment_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_marketer_makes_a_forecast_and_later_sees_what_came(
    account: Account, marketer: User, open_browser: OpenBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segments.forecasts.jobs.forecast_start.subscribers", [])
    fill(account)
    segment = segment_of(account)
    page = open_browser(marketer)
    page.goto(f"/segments/{segment.key}/use", wait_until="networkidle")
    page.get_by_role("link", name=re.compile("^Forecast")).click()
    page.get_by_role("button", name="Make a forecast").click()
    expect(page.get_by_text("The forecast is being made")).to_be_visible()
    forecast = SegmentForecast.objects.get()
    run_forecast(forecast.pk, now)
    expect(page.get_by_text("orders expected in 12 months.")).to_be_visible()
    expect(page.get_by_role("img", name="Orders by month")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^12 months"))).to_be_visible()

    SegmentForecast.objects.update(
        actual={"orders": [3.0, 2000.0], "revenue": [100.0, 9000.0]}, erased=1
    )
    page.reload(wait_until="networkidle")
    expect(page.get_by_text("In the first 2 months 2,003 came")).to_be_visible()
    expect(page.get_by_text("above the range").first).to_be_visible()
    page.get_by_role("link", name="All forecasts of the segment").click()
    expect(page.get_by_text("A forecast is made at the beginning of each month.")).to_be_visible()
    page.get_by_role("button", name="Stop that").click()
    expect(page.get_by_label("And another one at the beginning of each month")).to_be_checked()

    for width, theme in ((1440, "light"), (390, "dark")):
        other = open_browser(marketer, width=width, theme=theme)
        for path in ("", f"/{forecast.pk}"):
            other.goto(f"/segments/{segment.key}/forecasts{path}", wait_until="networkidle")
            assert barriers(other) == [], (path, width)
            over = other.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert over <= 0, (path, width)


def test_a_report_of_many_people_is_counted_while_the_page_waits(
    account: Account,
    people: list[Profile],
    viewer: User,
    open_browser: OpenBrowser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report_jobs, "AT_ONCE", 0)
    monkeypatch.setattr(report_jobs.report_start, "subscribers", [])
    sample, control = (create_list(account=account, name=n, at=now()) for n in ("Some", "Control"))
    for group, person in zip((sample, control), people, strict=False):
        add_to_list(account=account, key=group.key, profile_ids=[person.pk], at=now())
    page = open_browser(viewer, width=390, theme="dark")
    query = f"sample={sample.key}&control={control.key}&campaign=Spring"
    page.goto(f"/test-report?{query}")
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    assert barriers(page) == []
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Counting was cancelled.")).to_be_visible()
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    run_report(CampaignReport.objects.get(finished=None).pk, now)
    expect(page.get_by_role("heading", name="Some against Control")).to_be_visible()
    expect(page.get_by_role("button", name="Count again")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
