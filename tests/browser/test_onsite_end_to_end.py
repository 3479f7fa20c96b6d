"""From a shop's page to the person's row and back: everything real but the clock of the robots."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from forms_targeting.models import FormSubmission, FormView
from forms_targeting.onsite.demo_shop.forms import FORMS, add_domains
from forms_targeting.onsite.demo_shop.personas import personas
from forms_targeting.onsite.demo_shop.server import DemoShopServer
from profiles.models import Consent, Event, Profile
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.builders.form_contents import input_block, newsletter
from tests.builders.forms import live_form
from tests.fixtures.browser import barriers
from tests.fixtures.shop_site import ShopVisitors
from tests.forms_targeting.onsite.demo_accounts import demo_account

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick_hands(settings: Settings) -> None:
    """A test fills in forms faster than people do."""
    settings.SEGMENTER_FORM_LEAST_MS = 0


def test_who_submits_is_stored_with_consent_and_counted_once(
    account: Account, visitors: ShopVisitors
) -> None:
    form, version = live_form(account, content=newsletter())
    page = visitors.browser()
    page.goto(f"{visitors.page('/hats')}?utm_source=ad")
    page.get_by_label("E-mail address").fill("nobody")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    page.get_by_label("E-mail address").fill("Anna@Example.com")
    page.get_by_label("I want offers by e-mail.").check()
    with page.expect_response("**/client/form-submissions?*") as response:
        page.get_by_role("button", name="Sign up").click()
    assert response.value.status == 202
    expect(page.get_by_text("HELLO10")).to_be_visible()
    page.reload()
    assert page.evaluate(f"klaviyo.openForm('{form.key}')") is True
    profile = Profile.objects.get(account=account, email="anna@example.com")
    submission = FormSubmission.objects.get()
    assert submission.profile_id == profile.pk
    assert submission.version_id == version.pk
    assert submission.utm == {"source": "ad"}
    assert submission.view in set(FormView.objects.values_list("key", flat=True))
    assert Consent.objects.get(profile=profile, channel="email").status == "subscribed"
    page.evaluate("klaviyo.track('Viewed Product', {$event_id: 'v1', ProductName: 'Hat'})")
    events = Event.objects.filter(profile=profile).order_by("pk")
    names = [event.metric.name for event in events]
    assert names == ["Submitted Form", "Active on Site", "Viewed Product"]
    assert events[2].properties == {"ProductName": "Hat"}


def test_what_the_server_refuses_is_said_at_its_input(
    account: Account, visitors: ShopVisitors
) -> None:
    content = newsletter()
    content["steps"][0]["blocks"].insert(2, input_block("properties.Size", "number", "Size"))
    live_form(account, content=content)
    page = visitors.browser()
    page.goto(visitors.page())
    size = page.get_by_label("Size")
    size.fill("9" * 30)
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Sign up").click()
    expect(size).to_have_accessible_description("This is not a number.")
    expect(size).to_be_focused()
    assert not FormSubmission.objects.exists()


@pytest.fixture
def demo_shop(live_server: LiveServer) -> Iterator[str]:
    """The address of the demo's shop, whose people are those of `demo_account`."""
    account = demo_account()
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    add_domains(account, [url.removeprefix("http://")], at=now())
    people = [vars(persona) for persona in personas(account, at=now())]
    server = DemoShopServer(
        listener, server=live_server.url, site_key=account.site_key, list_personas=lambda: people
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    server.server_close()
    thread.join()


HEADINGS = {
    "Expected to order soon": "Time for your next order?",
    "Low lifetime value": "What are you looking for?",
    "Near the shop in Falun": "Meet us near you",
    "Win-back campaign": "Good to see you again",
    "Newsletter": "News worth opening",
}


def test_each_persona_of_the_demo_sees_the_right_form(
    demo_shop: str, visitors: ShopVisitors
) -> None:
    page: Page = visitors.browser()
    page.goto(demo_shop)
    assert HEADINGS.keys() == {form.name for form in FORMS}
    for expects, heading in HEADINGS.items():
        page.keyboard.press("Escape")
        with page.expect_navigation():
            page.get_by_role("button", name=expects).click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(1)
        assert "_kx" not in page.url
        assert barriers(page) == []
