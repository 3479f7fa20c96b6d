"""The script on a shop's pages: which form appears, when, for whom, and how often."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from forms_targeting.behavior import read_behavior, write_behavior
from forms_targeting.engine.publishing import pause
from profiles.models import Profile
from profiles.visitor_tokens import visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.browser.onsite_calls import OnsiteCalls, decisions
from tests.builders.form_contents import button, heading, newsletter, public, step
from tests.builders.forms import live_form
from tests.builders.shops import new_segment
from tests.fixtures.shop_site import ShopVisitors

pytestmark = pytest.mark.django_db(transaction=True)

TALL = "<p>line</p>" * 300


def titled(title: str, kind: str = "popup") -> dict[str, Any]:
    return {
        "kind": kind,
        "steps": [step("start", heading(title), button("Close it", "close"))],
    }


def decision(
    key: str = "F1", content: dict[str, Any] | None = None, **behavior: Any
) -> dict[str, Any]:
    """A form as the server answers it; without triggers it appears at once."""
    return {
        "key": key,
        "content": public(content or titled("Hello")),
        "behavior": write_behavior(read_behavior(behavior)),
    }


def form_of(page: Page, title: str = "Hello") -> Locator:
    return page.get_by_role("heading", name=title)


@pytest.fixture
def page(visitors: ShopVisitors) -> Page:
    return visitors.browser()


@pytest.fixture
def calls(page: Page) -> OnsiteCalls:
    return OnsiteCalls(page)


def test_a_form_appears_for_the_right_person_and_for_nobody_else(
    account: Account, people: list[Profile], visitors: ShopVisitors
) -> None:
    vips = new_segment(account, "VIP", people[0].pk)
    rules = [{"rule": "segments", "segments": [vips.key]}]
    live_form(account, "For VIPs", content=newsletter(), rules=rules)
    address = visitors.page()
    for profile in (people[0], people[1], None):
        page = visitors.browser()
        token = profile and visitor_token(account, profile.pk, at=now())
        with page.expect_response("**/client/form-decisions?*"):
            page.goto(f"{address}?_kx={token}" if token else address)
        form = page.get_by_role("dialog", name="10 % off your first order")
        if profile is people[0]:
            expect(form).to_be_visible()
            page.reload()
            expect(form).to_be_visible()
        else:
            assert page.evaluate("klaviyo.openForm('any')") is False  # the answer is there
            expect(form).to_have_count(0)


def test_the_token_leaves_the_address_and_nothing_else_does(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page("/p")
    token = "a" * 40
    for search, left in [
        (f"?_kx={token}", ""),
        (f"?a=1%20b&_kx={token}&c=2", "?a=1%20b&c=2"),
        (f"?_kx={token}&c=2", "?c=2"),
        (f"?a=1&_kx={token}", "?a=1"),
    ]:
        page.goto(f"{address}{search}#part")
        page.evaluate("klaviyo.account()")
        assert page.url == f"{address}{left}#part"
    assert calls.wait_for("form-decisions", 4)[3]["exchange_id"] == token


def test_what_the_page_tells_is_in_the_request(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page("/shoes")
    visitors.page("/hats")
    page.goto(f"{address}?utm_source=mail&utm_campaign=win%20back&_kx=tooshort")
    [first] = calls.wait_for("form-decisions")
    assert first["url"] == f"{address}?utm_source=mail&utm_campaign=win%20back"
    assert first["utm"] == {"source": "mail", "campaign": "win back"}
    assert first["exchange_id"] is None
    assert first["jwt"] is None
    assert first["device"] == "desktop"
    assert first["languages"] == ["en-US"]
    assert first["cart"] is None
    assert re.fullmatch(r"[0-9a-f-]{36}", first["anonymous_id"])
    page.goto(address.replace("/shoes", "/hats"))
    second = calls.wait_for("form-decisions", 2)[1]
    assert second["utm"] == first["utm"]
    assert second["anonymous_id"] == first["anonymous_id"]


def test_the_cart_of_events_and_of_the_page_chooses_forms_anew(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    page.evaluate(
        """klaviyo.track("Added to Cart", {$value: "29.5", Items: [
          {ProductID: 7, ProductName: "Hat", Quantity: 2, RowTotal: 29.5}]})"""
    )
    cart = calls.wait_for("form-decisions", 2)[1]["cart"]
    item = {"id": "7", "name": "Hat", "quantity": 2, "value": 29.5}
    assert cart == {"value": 29.5, "items": [item]}
    page.evaluate("klaviyo.setCart({value: 5, items: []})")
    assert calls.wait_for("form-decisions", 3)[2]["cart"] == {"value": 5, "items": []}
    page.evaluate('klaviyo.track("Placed Order", {$value: 5})')
    assert calls.wait_for("form-decisions", 4)[3]["cart"] is None


def test_a_cart_that_was_told_before_the_script_came_is_in_the_first_request(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    head = "<script>window._klOnsite = [['setCart', {value: '12', items: [null, 7]}]]</script>"
    page.goto(visitors.page(head=head))
    assert calls.wait_for("form-decisions")[0]["cart"] == {"value": 12, "items": []}


def test_who_is_signed_in_is_told_by_the_shops_own_signature(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    head = (
        "<script>window._klOnsite = [['setJWTProvider', () => Promise.resolve('a.b.c')]]</script>"
    )
    page.goto(visitors.page(head=head))
    assert calls.wait_for("form-decisions")[0]["jwt"] == "a.b.c"


def test_a_provider_that_fails_makes_an_unknown_visitor(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    head = "<script>window._klOnsite = [['setJWTProvider', () => { throw 1 }]]</script>"
    page.goto(visitors.page(head=head))
    assert calls.wait_for("form-decisions")[0]["jwt"] is None


# Triggers.

LEAVE = """document.documentElement.dispatchEvent(
  new MouseEvent("mouseout", {bubbles: true, clientY: -3, relatedTarget: null}))"""
SCROLL = "scrollTo(0, document.documentElement.scrollHeight * 0.6)"


@pytest.mark.parametrize(
    ("trigger", "script"),
    [
        ({"trigger": "scroll", "share": 50}, SCROLL),
        ({"trigger": "exit"}, LEAVE),
        ({"trigger": "custom", "name": "quiz"}, 'klaviyo.trigger("quiz")'),
    ],
)
def test_a_form_waits_for_what_happens_on_the_page(
    trigger: dict[str, Any],
    script: str,
    visitors: ShopVisitors,
    page: Page,
    calls: OnsiteCalls,
) -> None:
    calls.answers["form-decisions"] = decisions(decision(triggers=[trigger]))
    page.goto(visitors.page(body=TALL))
    page.evaluate("klaviyo.openForm('other')")
    expect(form_of(page)).to_have_count(0)
    page.evaluate(script)
    expect(form_of(page)).to_be_visible()


@pytest.mark.parametrize("name", ["delay", "inactivity"])
def test_a_form_waits_for_seconds(
    name: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    trigger = {"trigger": name, "seconds": 30}
    calls.answers["form-decisions"] = decisions(decision(triggers=[trigger]))
    page.clock.install()
    page.goto(visitors.page(body=TALL))
    page.clock.run_for(6_000)  # idle at last
    calls.wait_for("form-decisions")
    page.evaluate("klaviyo.openForm('other')")
    page.clock.run_for(20_000)
    if name == "inactivity":
        page.keyboard.press("a")
        page.clock.run_for(20_000)
    expect(form_of(page)).to_have_count(0)
    page.clock.run_for(11_000)
    expect(form_of(page)).to_be_visible()


def test_a_form_waits_for_pages_of_the_visit(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    trigger = {"trigger": "pages", "count": 3}
    calls.answers["form-decisions"] = decisions(decision(triggers=[trigger]))
    address = visitors.page()
    for count in (1, 2, 3):
        page.goto(address)
        page.evaluate("klaviyo.openForm('other')")
        expect(form_of(page)).to_have_count(int(count == 3))


def test_all_triggers_must_have_happened_where_that_is_asked(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    triggers = [{"trigger": "scroll", "share": 50}, {"trigger": "custom", "name": "go"}]
    calls.answers["form-decisions"] = decisions(decision(triggers=triggers, match="all"))
    page.goto(visitors.page(body=TALL))
    page.evaluate("klaviyo.openForm('other')")
    page.evaluate('klaviyo.trigger("go")')
    expect(form_of(page)).to_have_count(0)
    page.evaluate(SCROLL)
    expect(form_of(page)).to_be_visible()


# How often.


def test_a_closed_form_comes_again_after_its_days(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(decision(again_after_days=7))
    address = visitors.page()
    page.clock.install()
    for days, is_visible in [(0, True), (1, False), (5, False), (2, True)]:
        page.clock.fast_forward(days * 86_400_000)
        page.goto(address)
        page.clock.run_for(6_000)
        page.evaluate("klaviyo.openForm('other')")
        page.clock.run_for(500)
        expect(form_of(page)).to_have_count(int(is_visible))
        if is_visible:
            page.get_by_role("button", name="Close it").click()
            expect(form_of(page)).to_have_count(0)


def test_a_form_that_comes_with_the_next_page_does_not_come_twice_on_one(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(
        decision(again_after_days=0), decision("F2", titled("Second"))
    )
    address = visitors.page()
    page.goto(address)
    page.get_by_role("button", name="Close it").click()
    page.evaluate("klaviyo.setCart({value: 1})")
    calls.wait_for("form-decisions", 2)
    page.evaluate("klaviyo.openForm('other')")
    expect(form_of(page)).to_have_count(0)
    expect(form_of(page, "Second")).to_have_count(0)
    page.goto(address)
    expect(form_of(page)).to_be_visible()


def test_of_several_dialogs_the_first_is_shown_and_others_stand_beside(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(
        decision("F1", titled("First")),
        decision("F2", titled("Second", "flyout")),
        decision("F3", titled("Bar", "banner")),
        decision("F4", titled("In the page", "embedded")),
    )
    page.goto(visitors.page(body='<div class="klaviyo-form-F4"></div>'))
    for title, count in [("First", 1), ("Second", 0)]:
        expect(form_of(page, title)).to_have_count(count)
    for title in ("Bar", "In the page"):
        expect(page.get_by_text(title, exact=True)).to_be_visible()


def test_a_page_opens_a_form_at_once_whatever_it_waits_for(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(
        decision("F1", titled("First")),
        decision("F2", triggers=[{"trigger": "delay", "seconds": 3_600}]),
    )
    page.goto(visitors.page())
    expect(form_of(page, "First")).to_be_visible()
    assert page.evaluate('klaviyo.openForm("F2")') is True
    expect(form_of(page)).to_be_visible()
    expect(form_of(page, "First")).to_have_count(0)
    page.get_by_role("button", name="Close it").click()
    page.goto(visitors.page())
    assert page.evaluate('klaviyo.openForm("F2")') is True
    expect(form_of(page)).to_be_visible()
    assert page.evaluate('klaviyo.openForm("F9")') is False


# Embedded forms.


def test_embedded_forms_stand_in_their_places_in_those_that_come_later_too(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(
        decision("F1", titled("Hello", "embedded")),
        decision("F2", titled("By selector", "embedded"), selector="#foot > .news"),
    )
    page.goto(visitors.page(body='<div class="klaviyo-form-F1"></div>'))
    expect(form_of(page)).to_have_count(1)
    page.evaluate("""() => {
      const foot = document.createElement("div");
      foot.id = "foot";
      foot.innerHTML = '<div class="news"></div><p class="klaviyo-form-F1"></p>';
      document.querySelector("main").append(foot);
    }""")
    expect(form_of(page)).to_have_count(2)
    expect(form_of(page, "By selector")).to_be_visible()
    page.evaluate("document.querySelector('#foot').remove()")
    page.evaluate("document.querySelector('.klaviyo-form-F1').firstChild.remove()")
    expect(form_of(page)).to_have_count(1)
    page.get_by_role("button", name="Close it").click()
    expect(form_of(page)).to_have_count(0)


def test_a_view_counts_once_and_only_when_the_form_is_on_the_screen(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(decision("F1", titled("Hello", "embedded")))
    body = f'{TALL}<div class="klaviyo-form-F1"></div>'
    page.goto(visitors.page("/foot", body))
    expect(form_of(page)).to_have_count(1)
    assert calls.of("form-views") == []
    form_of(page).scroll_into_view_if_needed()
    [view] = calls.wait_for("form-views")
    assert view["form_id"] == "F1"
    assert view["version_id"] == "v-F1"
    assert view["page"] == "/foot"
    assert view["device"] == "desktop"
    page.evaluate("scrollTo(0, 0)")
    form_of(page).scroll_into_view_if_needed()
    page.evaluate("klaviyo.openForm('F1')")
    assert len(calls.of("form-views")) == 1


# Pages of an app, and pages that come back.


def test_a_single_page_app_gets_the_forms_of_each_of_its_pages(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(decision("F1", titled("Hello", "banner")))
    address = visitors.page()
    page.goto(address)
    expect(form_of(page)).to_be_visible()
    calls.answers["form-decisions"] = decisions()
    page.evaluate("history.pushState({key: 1}, '', '/p/1?a=1')")
    expect(form_of(page)).to_have_count(0)
    calls.answers["form-decisions"] = decisions(decision("F2", titled("Second")))
    page.evaluate("history.pushState({}, '', '/p/2'); history.replaceState({}, '', '/p/3')")
    expect(form_of(page, "Second")).to_be_visible()
    page.evaluate("history.go(-1)")
    calls.wait_for("form-decisions", 4)
    page.evaluate("location.hash = '#reviews'")
    page.evaluate("location.hash = '#/route'")
    bodies = calls.wait_for("form-decisions", 5)
    assert [each["url"] for each in bodies] == [
        address,
        f"{address}p/1?a=1",
        f"{address}p/3",
        f"{address}p/1?a=1",
        f"{address}p/1?a=1#/route",
    ]


def test_a_page_from_the_back_forward_cache_asks_again(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert len(calls.wait_for("form-decisions", 2)) == 2


def test_the_page_is_told_what_happens_with_forms(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(decision("F1", newsletter()))
    head = """<script>window.told = [];
      addEventListener("klaviyoForms", ({detail}) => told.push([detail.type, detail.formId]));
    </script>"""
    page.goto(visitors.page(head=head))
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Sign up").click()
    page.get_by_role("button", name="Close").click()
    types = [type_ for type_, key in page.evaluate("told") if key == "F1" and type_ != "step"]
    assert types == ["open", "stepSubmit", "submit", "close"]


def test_a_form_that_is_paused_while_it_is_open_in_an_app_goes_with_its_page(
    account: Account, visitors: ShopVisitors, page: Page
) -> None:
    form, _version = live_form(account, content=titled("Hello"))
    page.goto(visitors.page())
    expect(form_of(page)).to_be_visible()
    pause(form=form, at=now())
    page.evaluate("history.pushState({}, '', '/next')")
    expect(form_of(page)).to_have_count(0)
