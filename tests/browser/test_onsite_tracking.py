"""What pages call: identify, track and the rest, in every way that Klaviyo's snippets know."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from playwright.sync_api import Page

from segmenter.accounts.models import Account
from tests.browser.onsite_calls import OnsiteCalls
from tests.fixtures.shop_site import ShopVisitors

pytestmark = pytest.mark.django_db(transaction=True)

STUB = """<script>
!function(){if(!window.klaviyo){window._klOnsite=window._klOnsite||[];try{window.klaviyo=new Proxy(
{},{get:function(n,i){return"push"===i?function(){var n;(n=window._klOnsite).push.apply(n,arguments)
}:function(){for(var n=arguments.length,o=new Array(n),w=0;w<n;w++)o[w]=arguments[w];var t=
"function"==typeof o[o.length-1]?o.pop():void 0,e=new Promise((function(n){window._klOnsite.push(
[i].concat(o,[function(i){t&&t(i),n(i)}]))}));return e}}})}catch(n){window.klaviyo=window.klaviyo
||[],window.klaviyo.push=function(){var n;(n=window._klOnsite).push.apply(n,arguments)}}}}();
</script>"""
"""The snippet that shops copy from Klaviyo's documentation."""


@pytest.fixture
def page(visitors: ShopVisitors) -> Page:
    return visitors.browser()


@pytest.fixture
def calls(page: Page) -> OnsiteCalls:
    return OnsiteCalls(page, {"form-decisions": (200, {"data": []})})


def cookie(page: Page, name: str = "__kla_id") -> dict[str, Any] | None:
    cookies = {each["name"]: each["value"] for each in page.context.cookies()}
    if name not in cookies:
        return None
    document: dict[str, Any] = json.loads(base64.b64decode(cookies[name]))
    return document


def metric_of(event: dict[str, Any]) -> str:
    name: str = event["metric"]["data"]["attributes"]["name"]
    return name


def test_identify_has_klaviyos_names(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    page.evaluate("""klaviyo.identify({
      $email: " anna@example.com ", $phone_number: "+46701234567", $id: 17, $first_name: "Anna",
      last_name: "Ek", $organization: "Ek & co", $city: "Lund", country: "Sweden",
      "Shoe size": 38, Born: new Date(Date.UTC(1990, 0, 2)), Empty: undefined, No: () => 1,
      $append: {Likes: "red"}, $unset: ["Old"], name: "å\\u2028"})""")
    [data] = calls.data_of("profiles")
    anonymous_id = data["attributes"].pop("anonymous_id")
    assert cookie(page)["cid"] == anonymous_id  # type: ignore[index]
    assert data == {
        "type": "profile",
        "attributes": {
            "email": "anna@example.com",
            "phone_number": "+46701234567",
            "external_id": "17",
            "first_name": "Anna",
            "last_name": "Ek",
            "organization": "Ek & co",
            "location": {"city": "Lund", "country": "Sweden"},
            "properties": {"Shoe size": 38, "Born": "1990-01-02T00:00:00.000Z", "name": "å\u2028"},
        },
        "meta": {"patch_properties": {"append": {"Likes": "red"}, "unset": ["Old"]}},
    }


def test_track_has_klaviyos_names(visitors: ShopVisitors, page: Page, calls: OnsiteCalls) -> None:
    page.goto(visitors.page())
    page.evaluate("""klaviyo.track("Viewed Product", {
      $value: "12.50", $event_id: "e-1", time: 1700000000, ProductName: "Hat",
      Categories: ["Hats", "Sale"], Price: NaN})""")
    page.evaluate('klaviyo.track("Looked around")')
    first, second = calls.of("events")
    assert metric_of(first) == "Viewed Product"
    assert first["value"] == 12.5
    assert first["unique_id"] == "e-1"
    assert first["time"] == "2023-11-14T22:13:20.000Z"
    assert first["properties"] == {
        "ProductName": "Hat",
        "Categories": ["Hats", "Sale"],
        "Price": None,
    }
    assert first["profile"]["data"]["attributes"].keys() == {"anonymous_id"}
    assert len(second["unique_id"]) == 36
    assert second["time"]
    assert "value" not in second


QUEUES = {
    "learnq": """<script>window._learnq = [["account", "{key}"], ["identify", {"$email": "a@b.se"}],
        ["track", "Seen", {"n": 1}]]</script>""",
    "klOnsite": """<script>window._klOnsite = [["identify", {"$email": "a@b.se"}],
        ["track", "Seen", {"n": 1}, () => { window.called = true }]]</script>""",
    "array": """<script>window.klaviyo = [["identify", {"$email": "a@b.se"}],
        ["track", "Seen", {"n": 1}]]</script>""",
    "methods of the snippet": STUB
    + """<script>klaviyo.identify({"$email": "a@b.se"});
        klaviyo.push(["track", "Seen", {"n": 1}])</script>""",
    "push of the snippet": STUB
    + """<script>klaviyo.push(["identify", {"$email": "a@b.se"}],
        ["track", "Seen", {"n": 1}])</script>""",
    "function": """<script>window._klOnsite = [function (klaviyo) {
        klaviyo.identify({"$email": "a@b.se"}); klaviyo.track("Seen", {"n": 1}) }]</script>""",
    "rubbish too": """<script>(window._learnq = window._learnq || []).push([])</script>
        <script>_learnq.push(["identify", {"$email": "a@b.se"}]);
        (function () { _learnq.push(arguments) })("track", "Seen", {"n": 1});
        _learnq.push(null, 7, ["nonsense", 1], [[]])</script>""",
}


@pytest.mark.parametrize("head", QUEUES.values(), ids=QUEUES)
def test_what_was_queued_before_the_script_came_is_sent(
    head: str, account: Account, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page(head=head.replace("{key}", account.site_key)))
    [event] = [each for each in calls.wait_for("events") if metric_of(each) == "Seen"]
    assert event["properties"] == {"n": 1}
    assert event["profile"]["data"]["attributes"]["email"] == "a@b.se"
    assert calls.of("profiles")[0]["email"] == "a@b.se"


@pytest.mark.parametrize("queue", ["klaviyo", "_klOnsite", "_learnq"])
def test_queues_take_commands_after_the_script_came_too(
    queue: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    value = page.evaluate(
        f"""new Promise((done) => {queue}.push(["track", "Seen", {{n: 2}}, done]))"""
    )
    assert value is True
    assert calls.of("events")[0]["properties"] == {"n": 2}


def test_each_command_is_a_promise_and_takes_a_callback(
    account: Account, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    for command, expected in [
        ("account()", account.site_key),
        ("isIdentified()", False),
        ("getGroupMembership()", []),
        ("sendCachedEvents()", False),
        ('cacheEvent("Seen", {n: 1})', True),
        ("setJWTProvider(() => null)", True),
        ('openForm("F9")', False),
        ("trackViewedItem({ItemId: 1})", True),
        ('identify({$email: "a@b.se"})', True),
        ("isIdentified()", True),
    ]:
        if command != "isIdentified()":
            callback = command[:-1] + (", " if command[-2] != "(" else "") + "done)"
            assert page.evaluate(f"new Promise((done) => klaviyo.{callback})") == expected, command
        assert page.evaluate(f"klaviyo.{command}") == expected, command


def test_events_that_were_cached_are_sent_once_the_visitor_is_known(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page()
    page.goto(address)
    page.evaluate('klaviyo.cacheEvent("Seen", {n: 1})')
    page.goto(address)
    page.evaluate('klaviyo.identify({$email: "a@b.se"})')
    assert [metric_of(each) for each in calls.of("events")] == ["Seen"]
    assert calls.of("events")[0]["profile"]["data"]["attributes"]["email"] == "a@b.se"
    assert page.evaluate("klaviyo.sendCachedEvents()") is True
    assert len(calls.of("events")) == 1


def test_activity_is_told_of_people_who_are_known_and_of_nobody_else(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page("/hats")
    page.goto(address)
    calls.wait_for("form-decisions")
    assert calls.of("events") == []
    token = "t" * 50
    page.goto(f"{address}?_kx={token}&a=1")
    [activity] = calls.wait_for("events")
    assert metric_of(activity) == "__activity__"
    assert activity["properties"]["page"] == f"{address}?a=1"
    assert activity["profile"]["data"]["attributes"]["_kx"] == token


def test_products_that_were_viewed_are_a_property_of_who_is_known(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.goto(visitors.page())
    page.evaluate('klaviyo.trackViewedItem({Title: "Hat", ItemId: 1})')
    page.evaluate('klaviyo.identify({$email: "a@b.se"})')
    page.evaluate('klaviyo.trackViewedItem({Title: "Shoe", ItemId: 2})')
    page.evaluate('klaviyo.trackViewedItem({Title: "Hat", ItemId: 1})')
    viewed = calls.of("profiles")[-1]["properties"]["$viewed_items"]
    assert [(each["Title"], each["Views"]) for each in viewed] == [("Hat", 2), ("Shoe", 1)]


def test_the_cookie_is_klaviyos(visitors: ShopVisitors, page: Page, calls: OnsiteCalls) -> None:
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    [entry] = [each for each in page.context.cookies() if each["name"] == "__kla_id"]
    document = cookie(page)
    assert document
    assert document.keys() == {"cid", "$referrer", "$last_referrer"}
    assert document["$referrer"]["first_page"] == page.url
    assert entry["sameSite"] == "Lax"
    assert entry["path"] == "/"
    assert entry["secure"] is False  # over plain http
    lifetime = (entry["expires"] - page.evaluate("Date.now() / 1000")) / 86_400
    # Chromium keeps cookies 400 days at most.
    assert 399 < lifetime <= 730


@pytest.mark.parametrize("value", ["rubbish", "e30=", "bnVsbA==", "WzFd", "%00"])
def test_a_cookie_that_is_not_ours_is_made_anew(
    value: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.context.add_cookies([{"name": "__kla_id", "value": value, "url": visitors.site.url}])
    page.add_init_script("localStorage.setItem('__kla_state', '[1, {\"visit\": 7}]')")
    page.goto(visitors.page())
    calls.wait_for("form-decisions")
    assert cookie(page)["cid"] == calls.of("form-decisions")[0]["anonymous_id"]  # type: ignore[index]


def test_what_could_not_be_sent_is_sent_later_with_the_same_id(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    calls.answers["events"] = (503, {})
    address = visitors.page()
    page.goto(address)
    assert page.evaluate('klaviyo.track("Seen")') is False
    calls.answers["events"] = (202, {})
    before = len(calls.of("events"))
    page.goto(address)
    events = calls.wait_for("events", before + 1)
    assert len({each["unique_id"] for each in events}) == 1


# Privacy.


def nothing_is_kept(page: Page) -> bool:
    return page.context.cookies() == [] and page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize(
    "script",
    [
        "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})",
        "Object.defineProperty(Navigator.prototype, 'doNotTrack', {get: () => '1'})",
        "document.cookie = '__kla_off=1; path=/'",
    ],
)
def test_who_refuses_tracking_is_an_unknown_visitor_of_whom_nothing_is_kept(
    script: str, visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    page.add_init_script(script)
    page.goto(f"{visitors.page()}?_kx={'t' * 50}")
    [body] = calls.wait_for("form-decisions")
    assert (body["exchange_id"], body["anonymous_id"], body["jwt"]) == (None, None, None)
    assert "_kx" not in page.url
    for command in ('track("Seen")', 'identify({$email: "a@b.se"})', 'cacheEvent("Seen")'):
        assert page.evaluate(f"klaviyo.{command}") is False
    assert page.evaluate("klaviyo.isIdentified()") is False
    assert page.evaluate("localStorage.length") == 0
    assert {each["name"] for each in page.context.cookies()} <= {"__kla_off"}
    assert {name for name, _body in calls.bodies} == {"form-decisions"}


def test_before_consent_nothing_is_kept_and_afterwards_what_waited_is_sent(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    visitors.shop.needs_consent = True
    visitors.shop.save()
    address = visitors.page()
    token = "t" * 50
    page.goto(f"{address}?_kx={token}")
    page.evaluate("void klaviyo.track('Seen')")
    assert calls.wait_for("form-decisions")[0]["exchange_id"] is None
    assert nothing_is_kept(page)
    assert calls.of("events") == []
    assert page.evaluate("klaviyo.setConsent(true)") is True
    assert [metric_of(each) for each in calls.wait_for("events")] == ["Seen"]
    assert calls.wait_for("form-decisions", 2)[1]["exchange_id"] == token
    page.goto(address)
    assert calls.wait_for("form-decisions", 3)[2]["exchange_id"] == token
    assert page.evaluate("klaviyo.setConsent(false)") is False
    assert nothing_is_kept(page)
    assert page.evaluate("klaviyo.track('Seen')") is False
    calls.wait_for("form-decisions", 4)
    page.goto(address)
    assert calls.wait_for("form-decisions", 5)[-1]["anonymous_id"] is None
    assert nothing_is_kept(page)


def test_who_objects_is_forgotten_and_stays_so(
    visitors: ShopVisitors, page: Page, calls: OnsiteCalls
) -> None:
    address = visitors.page()
    page.goto(address)
    calls.wait_for("form-decisions")
    assert cookie(page)
    page.evaluate("klaviyo.setConsent(false)")
    calls.wait_for("form-decisions", 2)
    page.goto(address)
    assert calls.wait_for("form-decisions", 3)[-1]["anonymous_id"] is None
    assert [each["name"] for each in page.context.cookies()] == ["__kla_off"]
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("klaviyo.setConsent(true)") is True
    assert cookie(page)
