"""The builder in every state: no barrier, nothing over the edge, nothing too small to press."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from profiles.models import List, Metric
from segmenter.accounts.models import Account, User
from tests.browser.builder_page import Builder, small_shop
from tests.builders.definitions import ALL_TIME, about, either, number
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = """() => [...document.querySelectorAll("#rows :is(button, select, input, summary)")]
  .filter((each) => !["hidden", "checkbox"].includes(each.type))
  .filter((each) => each.checkVisibility({ visibilityProperty: true }))
  .filter((each) => !each.closest(".notes"))
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([each, box]) => `${box.width} x ${box.height} ${each.outerHTML.slice(0, 120)}`)"""
"""What can be pressed in the rows and is smaller than 24 pixels; links in running text may be."""


def every_kind(account: Account) -> dict[str, object]:
    """A definition with every kind, long names, a nested group, and what is still missing."""
    first, second = (
        Metric.objects.get(account=account, name=name).key
        for name in ("Opened Email", "Clicked Email")
    )
    done = {
        "type": "profile-metric",
        "metric_id": first,
        "measurement": "count",
        "measurement_filter": number("greater-than-or-equal", 1),
        "timeframe_filter": {
            "type": "date",
            "operator": "between-static",
            "start": "2026-02-01",
            "end": "2026-02-28",
        },
        "metric_filters": [
            {
                "property": "Campaign Name",
                "filter": {
                    "type": "string",
                    "operator": "contains",
                    "value": "spring",
                    "include_unset": True,
                },
            }
        ],
    }
    never = {**done, "measurement_filter": number("equals", 0), "timeframe_filter": ALL_TIME}
    spent = {**done, "measurement": "sum", "metric_filters": []}
    chain = {
        "type": "profile-metric-funnel",
        "timeframe_filter": ALL_TIME,
        "completion_window_seconds": 14 * 86_400,
        "steps": [
            {"metric_exists": True, "metric_id": first},
            {"metric_exists": False, "metric_id": second},
        ],
    }
    share = {
        "type": "profile-metric-ratio",
        "numerator": {"metric_id": second},
        "denominator": {"metric_id": first},
        "timeframe_filter": ALL_TIME,
        "filter": number("greater-than-or-equal", 0.5),
    }
    near = {"unit": "kilometers", "filter": number("less-than", 50)}
    inside = {
        "type": "profile-group-membership",
        "is_member": True,
        "group_ids": [List.objects.get(account=account).key],
    }
    agreed = {
        "channel": "email",
        "can_receive_marketing": True,
        "consent_status": {"subscription": "subscribed", "filters": [{"field": "status_date"}]},
    }
    return either(
        done,
        never,
        spent,
        chain,
        share,
        inside,
        about("location['country']", {"type": "string", "operator": "in", "value": ["Sweden"]}),
        {"not": about("properties['Points']", number("between", 2))},
        {"type": "profile-region", "in_region": True, "region": "european_union"},
        {
            "type": "profile-location-distance",
            "label": "Falun, Sweden",
            "latitude": 60.6,
            "longitude": 15.6,
            **near,
        },
        {
            "type": "profile-postal-code-distance",
            "postal_code": "79130",
            "country_code": "SWE",
            **near,
        },
        {"type": "profile-marketing-consent", "consent": agreed},
        {
            "type": "profile-permissions",
            "channel": "whatsapp_marketing",
            "permission": {"reachable_status": "explicitly_reachable"},
        },
        {
            "type": "profile-predictive-analytics",
            "dimension": "churn_probability",
            "filter": number("greater-than-or-equal", 0.5),
        },
        {"type": "profile-sample", "percentage": 10},
        {"condition_groups": [either({}), either({})][0]["condition_groups"] * 2},
        {},
    )


def opens(page: Page, definition: object) -> None:
    page.goto(f"/segments/new?definition={quote(json.dumps(definition))}", wait_until="networkidle")


def is_well(page: Page, width: int, *, is_covered: bool = False) -> None:
    """`is_covered`: an open menu may lie over half of a button below it."""
    # In a window as high as the page the bar at its bottom covers no row.
    height = int(page.evaluate("document.documentElement.scrollHeight")) + 100
    page.set_viewport_size({"width": width, "height": height})
    assert [each for each in barriers(page) if not (is_covered and "target-size" in each)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize(("width", "theme"), [*SCREENS, (320, "light")])
def test_rows_of_every_kind(
    width: int, theme: str, account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    page = open_browser(marketer, width=width, theme=theme)
    opens(page, every_kind(account))
    is_well(page, width)
    page.locator("#rows .filter-options > summary").first.click()
    expect(page.get_by_text("Ignore case").first).to_be_visible()
    is_well(page, width, is_covered=True)
    page.get_by_role("button", name="Save segment").click()
    expect(page.locator("#missing")).to_be_visible()
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    is_well(page, width)


@pytest.mark.parametrize("language", ["sv", "pl"])
def test_rows_in_other_languages(
    language: str, account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    page = open_browser(marketer, width=320)
    page.goto("/")
    name = settings.LANGUAGE_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": language, "url": page.url}])
    opens(page, every_kind(account))
    expect(page.locator("html")).to_have_attribute("lang", language)
    is_well(page, 320)


def test_a_new_builder_begins_in_the_empty_box_and_opens_nothing(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    builder = Builder(open_browser(marketer, width=1440)).open()
    expect(builder.page.get_by_role("combobox", name="New condition")).to_be_focused()
    builder.still()
    expect(builder.lists).to_have_count(0)
    is_well(builder.page, 1440)


def test_enter_in_the_name_saves_and_does_not_cancel(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    builder = Builder(open_browser(marketer, width=1440)).open()
    builder.choose("churn risk")
    name = builder.page.get_by_role("textbox", name="Name")
    name.fill("May leave")
    name.press("Enter")
    expect(builder.page.get_by_role("heading", level=1)).to_have_text("May leave")


def test_ticking_a_choice_of_a_filter_keeps_the_focus_at_its_menu(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    builder = Builder(open_browser(marketer, width=1440)).open()
    builder.choose("colour")
    page = builder.page
    page.locator(".filter-options > summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Ignore case")).to_be_checked()
    page.keyboard.press("Space")
    builder.still()
    expect(page.locator(".filter-options > summary")).to_be_focused()
    assert "ignore_case" not in builder.members[0]["filter"]


def test_between_two_days_is_chosen_with_one_press(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    small_shop(account)
    builder = Builder(open_browser(marketer, width=1440)).open()
    builder.choose("Opened Email")
    builder.select("When", "between the dates")
    month = builder.members[0]["timeframe_filter"]
    assert month["start"] < month["end"]
    builder.press("last 7 days")
    week = builder.members[0]["timeframe_filter"]
    assert month["end"] < week["end"]
    assert week["start"] < week["end"]
