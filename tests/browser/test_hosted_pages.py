"""The pages behind links in mails: confirmed, changed and left by somebody in a real browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core import mail as django_mail
from playwright.sync_api import expect

from profiles.models import Consent, Profile
from profiles.visitor_tokens import preference_token
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.forms_targeting.visitor import SIGN_UP, Visitor, publish_form

pytestmark = pytest.mark.django_db(transaction=True)
PAINTED = {
    **SIGN_UP,
    "style": {
        "background": "#10243a",
        "text": "#ffffff",
        "button": "#ffd166",
        "button_text": "#10243a",
        "radius": 0,
    },
}


def confirmation(account: Account) -> str:
    """Sign up; the path in the mail that came."""
    visitor = Visitor(account, publish_form(account, double_opt_in=True))
    assert visitor.submit({"mail": "anna@b.se"}, {"yes": True}).status_code == 202
    (message,) = django_mail.outbox
    (path,) = re.findall(r"http://testserver(/forms/confirm/\S+)", str(message.body))
    return str(path)


def preferences(account: Account, *, content: object = PAINTED) -> str:
    """Somebody who subscribed in a form; the path of their preference page."""
    assert isinstance(content, dict)
    visitor = Visitor(account, publish_form(account, content))
    visitor.submit({"mail": "anna@b.se"}, {"yes": True})
    return f"/preferences/{preference_token(account, Profile.objects.get().pk, at=now())}"


def test_an_address_is_confirmed_by_keyboard(account: Account, open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto(confirmation(account), wait_until="networkidle")
    expect(page.get_by_text("I want news.")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Yes, that was me")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    back = page.get_by_role("link", name="Back to the shop")
    expect(back).to_have_attribute("href", re.compile(r"^https://shop\.example/shoes\?.*_kx="))
    assert Consent.objects.get().is_double_opt_in
    assert page.context.cookies() == []


def test_somebody_leaves_and_is_forgotten(account: Account, open_browser: OpenBrowser) -> None:
    page = open_browser()
    page.goto(preferences(account), wait_until="networkidle")
    news = page.get_by_label("E-mails with news and offers")
    expect(news).to_be_checked()
    news.uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    expect(news).not_to_be_checked()
    assert Consent.objects.get().status == "unsubscribed"
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my data").click()
    data = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert data["profile"]["email"] == "anna@b.se"
    page.get_by_role("link", name="Delete my data").click()
    page.get_by_role("link", name="No, go back").click()
    page.get_by_role("link", name="Delete my data").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your data is deleted")
    assert not Profile.objects.exists()
    assert page.context.cookies() == []


@pytest.mark.parametrize(("width", "theme"), SCREENS)
@pytest.mark.parametrize("content", [SIGN_UP, PAINTED, {**SIGN_UP, "style": {"from_page": True}}])
def test_no_hosted_page_has_a_barrier_or_runs_over_the_edge(
    content: dict[str, object],
    width: int,
    theme: str,
    account: Account,
    open_browser: OpenBrowser,
) -> None:
    link = preferences(account, content=content)
    page = open_browser(width=width, theme=theme)
    for path in (link, f"{link}/forget"):
        page.goto(path, wait_until="networkidle")
        assert barriers(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_persons_page_shows_the_proof_with_its_circumstances(
    account: Account, viewer: User, open_browser: OpenBrowser
) -> None:
    preferences(account)
    page = open_browser(viewer, width=390)
    page.goto(f"/profiles/{Profile.objects.get().pk}/", wait_until="networkidle")
    card = page.locator("section", has=page.get_by_role("heading", name="Proof of consent"))
    card.get_by_text("Details").click()
    expect(card.get_by_text("I want news.")).to_be_visible()
    expect(card.get_by_text("https://shop.example/shoes?color=red")).to_be_visible()
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
