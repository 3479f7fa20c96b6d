"""Submissions by the script: counted once, corrected by the visitor, kept until they are sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from forms_targeting.behavior import read_behavior, write_behavior
from tests.browser.onsite_calls import OnsiteCalls, decisions
from tests.builders.form_contents import newsletter, public
from tests.fixtures.browser import wait_until
from tests.fixtures.shop_site import ShopVisitors

pytestmark = pytest.mark.django_db(transaction=True)
FORM = {
    "key": "F1",
    "content": public(newsletter()),
    "behavior": write_behavior(read_behavior({})),
}
ACCEPTED = (202, {"meta": {"status": "accepted"}})


@pytest.fixture
def page(visitors: ShopVisitors) -> Page:
    return visitors.browser()


@pytest.fixture
def calls(page: Page) -> OnsiteCalls:
    return OnsiteCalls(page, {"form-decisions": decisions(FORM)})


def fill_in(page: Page, email: str = "anna@example.com") -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Sign up").click()


def expect_success(page: Page) -> None:
    expect(page.get_by_text("HELLO10")).to_be_visible()


def test_a_submission_says_all_that_the_server_asks(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    first = visitors.page("/first")
    address = visitors.page("/second")
    page.goto(f"{first}?utm_source=ad&utm_medium=cpc")
    calls.wait_for("form-views")
    page.goto(f"{address}?utm_source=mail&a=1", referer=first)
    view = calls.wait_for_one("form-views", page=urlsplit(address).path)
    page.get_by_label("I want offers by e-mail.").check()
    fill_in(page)
    expect_success(page)
    [submission] = calls.of("form-submissions")
    anonymous_id = calls.of("form-decisions")[0]["anonymous_id"]
    for name in ("submission_id", "elapsed_ms"):
        assert submission.pop(name)
    assert submission == {
        "form_id": "F1",
        "version_id": "v-F1",
        "view_id": view["view_id"],
        "step_id": "start",
        "values": {"email": "anna@example.com"},
        "consents": {"agree": True},
        "language": "en",
        "page": f"{address}?utm_source=mail&a=1",
        "referrer": first,
        "device": "desktop",
        "anonymous_id": anonymous_id,
        "exchange_id": None,
        "utm": {"source": "mail"},
        "first_utm": {"source": "ad", "medium": "cpc"},
        "website": "",
        "time": None,
    }


def test_who_has_submitted_does_not_see_the_form_again(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page()
    page.goto(address)
    fill_in(page)
    expect_success(page)
    assert page.evaluate("klaviyo.isIdentified()") is True
    page.goto(address)
    assert page.evaluate("klaviyo.openForm('other')") is False
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_what_the_visitor_must_correct_is_shown_at_its_input(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    def error(place: str, detail: str) -> dict[str, Any]:
        return {"detail": detail, "source": {"pointer": f"/data/attributes/{place}"}}

    errors = [error("consents/agree", "Agree."), error("values/email", "This is misspelt.")]
    calls.answers["form-submissions"] = (400, {"errors": errors})
    page.goto(visitors.page())
    fill_in(page, "anna@example.con")
    email = page.get_by_label("E-mail address")
    expect(email).to_have_accessible_description("This is misspelt.")
    agree = page.get_by_label("I want offers by e-mail.")
    expect(agree).to_have_accessible_description("Agree.")
    calls.answers["form-submissions"] = ACCEPTED
    fill_in(page, "anna@example.com")
    expect_success(page)


@pytest.mark.parametrize("answer", [(0, ""), (503, {}), (502, "<html>"), (429, {})])
def test_a_submission_that_finds_no_server_is_sent_later_and_once(
    answer: tuple[int, Any], visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-submissions"] = answer
    address = visitors.page()
    page.goto(address)
    fill_in(page)
    expect_success(page)
    first = calls.of("form-submissions")[0]
    assert first["time"] is None
    calls.answers["form-submissions"] = ACCEPTED
    before = len(calls.of("form-submissions"))
    page.goto(address)
    later = calls.wait_for("form-submissions", before + 1)[-1]
    assert later.pop("time")
    first.pop("time")
    assert later == first
    wait_until(page, "JSON.parse(localStorage.__kla_state).outbox.length === 0")
    page.goto(address)
    calls.wait_for("form-decisions", 3)
    page.evaluate("klaviyo.openForm('other')")
    assert len(calls.of("form-submissions")) == before + 1


def test_an_offline_submission_is_sent_when_the_connection_is_back(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    expect(page.get_by_role("dialog")).to_be_visible()
    page.unroute("**/client/**")
    page.context.set_offline(True)
    fill_in(page)
    expect_success(page)
    calls.__post_init__()
    page.context.set_offline(False)
    [submission] = calls.wait_for("form-submissions")
    assert submission["values"] == {"email": "anna@example.com"}
    assert submission["time"]


@pytest.mark.parametrize("answer", [(403, {}), (404, {}), (400, "rubbish")])
def test_a_refusal_that_the_visitor_cannot_correct_is_said(
    answer: tuple[int, Any], visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-submissions"] = answer
    page.goto(visitors.page())
    fill_in(page)
    expect(page.get_by_role("alert")).to_have_text("This could not be sent. Please try again.")
    calls.answers["form-submissions"] = ACCEPTED
    page.get_by_role("button", name="Sign up").click()
    expect_success(page)
    [first, second] = calls.of("form-submissions")
    assert first["submission_id"] == second["submission_id"]


def test_where_nothing_can_be_kept_a_lost_submission_is_said(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
    )
    calls.answers["form-submissions"] = (503, {})
    page.goto(visitors.page())
    fill_in(page)
    expect(page.get_by_role("alert")).to_have_text("This could not be sent. Please try again.")


def test_a_double_click_submits_once(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Sign up").dblclick()
    expect_success(page)
    assert len(calls.of("form-submissions")) == 1
