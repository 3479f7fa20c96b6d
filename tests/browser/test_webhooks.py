"""A marketer connects another program to segments, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from segments.models import Delivery, Webhook
from segments.webhooks.deliveries import enqueue
from segments.webhooks.sender import send_batch
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT
from tests.segments.webhooks.conftest import hook, noted_change, receiver, segment
from tests.segments.webhooks.receiver import Receiver, reply

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["hook", "receiver", "segment"]
ANSWER = b"<html><head><title>500</title></head><body>Internal Server Error</body></html>" * 8


@pytest.fixture
def log(account: Account, hook: object, receiver: Receiver, people: list[Profile]) -> Webhook:
    """A webhook with messages in every state."""
    segments = [new_segment(account, name) for name in ("Almost there", "Buyers", "Gone quiet")]
    webhook: Webhook = hook(name="Customer service", segments=segments)  # type: ignore[operator]
    hook(name="Warehouse", url="https://warehouse.example.com/segmenter/hook?shop=1")  # type: ignore[operator]
    receiver.answers = [200, 404, lambda handler: reply(handler, 500, ANSWER)]
    rows = [noted_change(segments[number], person).pk for number, person in enumerate(people)]
    enqueue(account.pk, rows[0])
    send_batch(webhook.pk, AT)
    given_up = Delivery.objects.filter(webhook=webhook, status=404)
    assert given_up.update(state="failed", next_at=None, tries=11) == 1
    enqueue(account.pk, noted_change(segments[0], people[0], entered=False).pk)
    return webhook


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, log: Webhook, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    for path in ("", "new", f"{log.key}/", f"{log.key}/?state=failed", f"{log.key}/edit"):
        page.goto(f"/settings/webhooks/{path}", wait_until="load")
        for details in page.locator("details.answer").all():
            details.locator("summary").click()
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_a_webhook_is_made_tried_out_and_its_secret_renewed(
    receiver: Receiver, segment: object, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/settings/me")
    page.get_by_role("link", name="Webhooks").click()
    page.get_by_role("link", name="New webhook").click()
    page.get_by_label("Name").fill("Customer service")
    page.get_by_label("Address").fill("http://example.com/hook")
    choice = page.get_by_role("checkbox", name="Buyers")
    expect(choice).to_be_hidden()
    page.get_by_label("These segments", exact=True).first.check()
    choice.check()
    page.get_by_role("button", name="Make the webhook").click()
    expect(page.get_by_text("must begin with https")).to_be_visible()
    expect(choice).to_be_checked()
    page.get_by_label("Address").fill(receiver.url)
    page.get_by_role("button", name="Make the webhook").click()
    secret = page.get_by_role("textbox", name="The secret of")
    expect(secret).to_have_value(re.compile(r"^whsec_\S{44}$"))
    assert barriers(page) == []
    first = secret.input_value()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status")).to_contain_text("on its way")
    send_batch(Webhook.objects.get().pk, now())
    expect(page.locator("#log")).to_contain_text("Delivered")
    assert len(receiver.received) == 1
    page.locator("summary[aria-label='More for this webhook']").click()
    page.get_by_role("button", name="New secret").click()
    assert barriers(page) == []
    page.get_by_role("button", name="Make a new secret").click()
    expect(secret).not_to_have_value(first)


def test_a_failed_message_is_sent_again(
    log: Webhook, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/settings/webhooks/{log.key}/")
    page.get_by_role("link", name="Failed").click()
    expect(page.locator("#log tbody tr")).to_have_count(1)
    page.locator("#log").get_by_role("button", name="Send again").click()
    expect(page.get_by_role("status")).to_contain_text("on its way again")
    assert not Delivery.objects.filter(state="failed").exists()
