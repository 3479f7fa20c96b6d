"""What the script costs a page: time of the main thread, and no shift of its layout."""

from __future__ import annotations

from statistics import median
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.onsite_calls import OnsiteCalls, decisions
from tests.browser.test_onsite_hostile_pages import form
from tests.fixtures.shop_site import ShopVisitors

pytestmark = pytest.mark.django_db(transaction=True)

BODY = "<p>A paragraph of the page.</p>" * 200
RUNS = 7
LIMIT_SECONDS = 0.03


def test_where_no_form_is_shown_the_script_takes_less_than_30_ms_of_the_main_thread(
    visitors: ShopVisitors,
) -> None:
    assert added_seconds(visitors, (), ("TaskDuration",)) < LIMIT_SECONDS


def test_a_form_takes_less_than_30_ms_of_script_style_and_layout(visitors: ShopVisitors) -> None:
    names = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    assert added_seconds(visitors, (form(),), names) < LIMIT_SECONDS


def added_seconds(
    visitors: ShopVisitors, forms: tuple[dict[str, Any], ...], metrics: tuple[str, ...]
) -> float:
    """What the script adds to the processor time of a page's main thread, by these metrics."""
    with_script = visitors.page("/with", BODY)
    without = visitors.site.page("/without", BODY)
    medians = {}
    for address in (without, with_script):
        runs = [_seconds(visitors, address, forms, metrics) for _run in range(RUNS)]
        medians[address] = median(runs)
    difference = medians[with_script] - medians[without]
    print(f"{' + '.join(metrics)}: {difference * 1000:.1f} ms more with the script")
    return difference


def _seconds(
    visitors: ShopVisitors,
    address: str,
    forms: tuple[dict[str, Any], ...],
    metrics: tuple[str, ...],
) -> float:
    """The sum of these metrics once all is done, in a new browser."""
    page = visitors.browser()
    calls = OnsiteCalls(page, {"form-decisions": decisions(*forms)})
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(address, wait_until="networkidle")
    if address.endswith("/with"):
        calls.wait_for("form-views" if forms else "form-decisions")
    values = session.send("Performance.getMetrics")["metrics"]
    page.context.close()
    return sum(float(each["value"]) for each in values if each["name"] in metrics)


@pytest.mark.parametrize("kind", ["popup", "full_page", "flyout", "banner"])
def test_a_form_shifts_nothing(kind: str, visitors: ShopVisitors) -> None:
    page = visitors.browser()
    OnsiteCalls(page, {"form-decisions": decisions(form(kind))})
    page.goto(visitors.page(body=BODY))
    expect(page.get_by_label("E-mail address")).to_be_visible()
    shifts = page.evaluate("""() => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
      }).observe({type: "layout-shift", buffered: true});
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum))));
    })""")
    assert shifts == 0
