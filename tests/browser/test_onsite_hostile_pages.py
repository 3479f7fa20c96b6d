"""Pages that make it hard: rules and scripts of the page, policies, frames, servers that fail."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms_targeting.behavior import read_behavior, write_behavior
from segmenter.accounts.models import Account
from tests.browser.onsite_calls import OnsiteCalls, decisions
from tests.builders.form_contents import newsletter, public
from tests.builders.forms import live_form
from tests.draws import portion
from tests.fixtures.browser import barriers
from tests.fixtures.shop_site import ShopAnswer, ShopVisitors

pytestmark = pytest.mark.django_db(transaction=True)

KINDS = ("popup", "full_page", "flyout", "banner", "embedded")
PLACE = '<div class="klaviyo-form-F1"></div>'


def form(kind: str = "popup", key: str = "F1") -> dict[str, Any]:
    behavior = write_behavior(read_behavior({}))
    return {"key": key, "content": public(newsletter(kind)), "behavior": behavior}


@pytest.fixture
def page(visitors: ShopVisitors) -> Page:
    return visitors.browser()


@pytest.fixture
def calls(page: Page) -> OnsiteCalls:
    return OnsiteCalls(page, {"form-decisions": decisions(form())})


def use(page: Page) -> None:
    """Fill in the form as a visitor does; a click fails where something lies above the button."""
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("HELLO10")).to_be_visible()


CSS = {
    "everything hidden": "* { display: none !important; visibility: hidden !important }"
    " html, body, main, .klaviyo-form-F1 { display: block !important; visibility: visible"
    " !important }",
    "everything see-through": "* { opacity: 0 !important; pointer-events: none !important }"
    " html, body, main, .klaviyo-form-F1 { opacity: 1 !important; pointer-events: auto"
    " !important }",
    "everything tiny and moved": "* { font-size: 1px !important; transform: translateX(-2000px)"
    " !important; width: 1px !important; height: 1px !important; overflow: hidden !important;"
    " all: unset } html, body, main, .klaviyo-form-F1 { transform: none !important;"
    " width: auto !important; height: auto !important; overflow: visible !important }",
    "div hidden": "div:not([class]) { display: none !important } html > div { left: -9999px"
    " !important; clip-path: inset(100%) !important; filter: opacity(0) !important }",
    "animated away": "@keyframes gone { to { opacity: 0; transform: scale(0) } }"
    " div:not([class]) { animation: gone 1ms forwards !important; transition: all 10s }",
}


@pytest.mark.parametrize(
    ("rules", "kind"), portion(product(CSS, ["popup", "flyout", "embedded"]), 7)
)
def test_rules_of_the_page_do_not_reach_a_form(
    rules: str, kind: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    visitors.site.answers["/reset.css"] = ShopAnswer(CSS[rules], "text/css")
    calls.answers["form-decisions"] = decisions(form(kind))
    page.goto(visitors.page(body=PLACE, head='<link rel="stylesheet" href="/reset.css">'))
    use(page)


@pytest.mark.parametrize("kind", ["popup", "full_page", "flyout", "banner"])
def test_no_z_index_of_the_page_is_above_a_form(
    kind: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(form(kind))
    cover = "position: fixed; inset: 0; z-index: 2147483647; background: #fff"
    body = f'<div id="cover" style="{cover}">Chat</div>'
    page.goto(
        visitors.page(body=body, head="<style>body { opacity: .5; transform: scale(1) }</style>")
    )
    page.evaluate("document.documentElement.append(document.querySelector('#cover'))")
    use(page)


@pytest.mark.parametrize("kind", KINDS)
def test_a_strict_policy_needs_one_line_for_our_server(
    kind: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = decisions(form(kind))
    ours = visitors.script.partition("/onsite/")[0]
    policy = (
        f"default-src 'none'; script-src {ours}; style-src 'self'; connect-src {ours};"
        " img-src data:; form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'"
    )
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.goto(visitors.page(body=PLACE, policy=policy))
    use(page)
    assert problems == []


@pytest.mark.parametrize(
    "sandbox", ["", ' sandbox="allow-scripts allow-forms"', ' sandbox="allow-scripts"']
)
def test_a_page_in_a_frame_works_in_a_sandbox_too(
    sandbox: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    inner = visitors.page("/inner", PLACE)
    outer = visitors.site.page(
        "/outer", f'<iframe title="Shop" width="900" height="700" src="{inner}"{sandbox}></iframe>'
    )
    page.goto(outer)
    frame = page.frame_locator("iframe")
    frame.get_by_label("E-mail address").fill("anna@example.com")
    frame.get_by_role("button", name="Sign up").click()
    answer = frame.get_by_text("HELLO10").or_(frame.get_by_text("This could not be sent."))
    expect(answer).to_be_visible()


SCRIPTS = {
    "fetch throws": "window.fetch = () => { throw new Error('no') }",
    "fetch rejects": "window.fetch = () => Promise.reject(new TypeError('no'))",
    "fetch answers rubbish": "window.fetch = () => Promise.resolve({})",
    "history is patched": """for (const name of ["pushState", "replaceState"]) {
        history[name] = () => { throw new Error("router") } }""",
    "prototype of arrays": """Array.prototype.toJSON = function () { return "array" };
        Array.prototype.last = function () { return this[this.length - 1] };
        Array.from = () => { throw new Error("from") };
        Array.prototype.entries = function () { return this };
        Array.prototype.without = [1, 2, 3];""",
    "prototype of objects": """Object.prototype.toJSON = function () { return "object" };
        Object.prototype.extend = function () { return this };
        Object.prototype.version = 3;
        String.prototype.toJSON = Date.prototype.toJSON = () => "text";""",
    "JSON is replaced": "JSON.stringify = () => 'no'; JSON.parse = JSON.parse",
    "globals of libraries": """window.$ = window.jQuery = window._ = () => { throw new Error() };
        window.origin_ = 1; window.forms = "x"; window.start = 1; window.api = 2;
        window.display = 3; window.settings = window.SETTINGS = {};""",
    "timers throw late": "addEventListener('error', (event) => { window.thrown = event.message })",
    "no crypto and no idle": """Object.defineProperty(window, "crypto", {value: undefined});
        window.requestIdleCallback = undefined;""",
    "no storage": """for (const name of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, name, {get() { throw new DOMException("no") }}) }
        Object.defineProperty(Document.prototype, "cookie", {
          get() { throw new DOMException("no") }, set() { throw new DOMException("no") }});""",
    "storage is full": """Storage.prototype.setItem = () => {
        throw new DOMException("full", "QuotaExceededError") };""",
    "no observers of the Navigation API": "window.Navigation = undefined",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_scripts_of_the_page_do_not_break_a_form(
    script: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page(head=f"<script>{script}</script>"))
    use(page)
    assert page.evaluate("window.thrown ?? null") is None
    [submission] = calls.of("form-submissions")[-1:]
    assert submission["values"] == {"email": "anna@example.com"}
    assert submission["consents"] == {}
    page.evaluate("klaviyo.track('Seen', {list: [1, 'two', {three: 3}]})")
    assert calls.of("events")[-1]["properties"] == {"list": [1, "two", {"three": 3}]}


def test_without_the_navigation_api_pages_of_an_app_are_seen_too(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page(head="<script>window.Navigation = undefined</script>"))
    calls.wait_for("form-decisions")
    page.evaluate("history.pushState({}, '', '/next')")
    assert calls.wait_for("form-decisions", 2)[1]["url"].endswith("/next")


def test_pages_that_navigate_by_a_patched_history_keep_it(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    head = """<script>window.routes = [];
      for (const name of ["pushState", "replaceState"]) {
        const native = history[name];
        history[name] = function (...values) { routes.push(values[2]);
          return native.apply(this, values); } }
      history.replaceState({router: 1}, "", location.href)</script>"""
    page.goto(f"{visitors.page(head=head)}?_kx={'t' * 50}")
    calls.wait_for("form-decisions")
    assert "_kx" not in page.url
    assert page.evaluate("history.state") == {"router": 1}
    assert len(page.evaluate("routes")) == 1  # our change of the address is none of the router's
    page.evaluate("history.pushState({}, '', '/next')")
    assert calls.wait_for("form-decisions", 2)[1]["url"].endswith("/next")


def test_a_script_that_is_included_twice_runs_once(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    again = visitors.script.replace("/klaviyo.js", "/klaviyo.js?again")
    page.goto(visitors.page(head=f'<script async src="{again}"></script>' * 2))
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.evaluate("klaviyo.track('Seen')")
    assert len(calls.of("events")) == len(calls.of("form-decisions")) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}),
        (500, "<html>oops"),
        (429, {}),
        (200, "rubbish"),
        (200, "null"),
        (200, {"data": {"id": 1}}),
        (200, {"data": [None, 7, {}, {"id": "F1", "attributes": {"content": {}}}]}),
        (200, {"data": [{"id": "F1", "attributes": {"content": {"steps": [{}]}, "behavior": {}}}]}),
        (0, ""),
    ],
)
def test_a_server_that_fails_leaves_the_page_as_it_is(
    answer: tuple[int, Any], visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = answer
    page.goto(visitors.page(body=PLACE))
    calls.wait_for("form-decisions")
    assert page.evaluate("klaviyo.openForm('F1')") is False
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_decision_that_failed_is_asked_for_once_more(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["form-decisions"] = (503, {})
    page.clock.install()
    page.goto(visitors.page())
    page.clock.run_for(6_000)
    calls.wait_for("form-decisions")
    assert page.evaluate("klaviyo.openForm('F1')") is False
    calls.answers["form-decisions"] = decisions(form())
    page.clock.run_for(20_000)
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_module_that_cannot_be_loaded_costs_the_page_nothing(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.route("**/onsite/js/form.js?*", lambda route: route.abort())
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    assert page.evaluate("klaviyo.openForm('F1')") is False
    page.unroute("**/onsite/js/form.js?*")
    assert page.evaluate("klaviyo.openForm('F1')") is True
    use(page)


def test_a_page_of_a_strange_domain_gets_no_forms(
    account: Account, visitors: ShopVisitors, page: Page
) -> None:
    live_form(account, content=newsletter())
    visitors.shop.domains = ["shop.example"]
    visitors.shop.save()
    page.goto(visitors.page())
    assert page.evaluate("klaviyo.openForm('F1')") is False
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_key_that_nobody_has_changes_nothing(visitors: ShopVisitors, page: Page) -> None:
    script = visitors.script.replace(visitors.shop.account.site_key, "nobody")
    with page.expect_console_message() as message:
        page.goto(visitors.page(script=script))
    assert "no site has the key" in message.value.text
    assert page.evaluate("typeof klaviyo") == "undefined"


@pytest.mark.parametrize(("kind", "scheme"), portion(product(KINDS, ["light", "dark"]), 7))
def test_no_form_has_a_barrier_on_a_light_or_a_dark_page(
    kind: str, scheme: str, visitors: ShopVisitors
) -> None:
    page = visitors.browser(color_scheme=scheme)
    calls = OnsiteCalls(page, {"form-decisions": decisions(form(kind))})
    css = ":root { color-scheme: light dark } body { background: Canvas; color: CanvasText }"
    page.goto(visitors.page(body=PLACE, head=f"<style>{css}</style>"))
    expect(page.get_by_label("E-mail address")).to_be_visible()
    assert barriers(page) == []
    calls.wait_for("form-views")


def test_a_form_can_be_used_by_keyboard_alone(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page(body='<button id="buy" autofocus>Buy</button>'))
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("anna@example.com")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.get_by_text("HELLO10")).to_be_visible()
    assert calls.of("form-submissions")[0]["consents"] == {"agree": True}
    page.keyboard.press("Escape")
    expect(page.locator("#buy")).to_be_focused()
