"""Why a visitor sees a form, and how many people would, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from forms_targeting.models import Form
from profiles.lists.editing import add_to_list, create_list
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.builders.forms import live_form
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(account: Account, people: list[Profile]) -> Form:
    """For Anna, on pages of the sale, and for those on a list."""
    segment = new_segment(account, "Expected to order soon", people[0].pk)
    group = create_list(account=account, name="Club", at=AT)
    ids = [people[0].pk, people[1].pk]
    add_to_list(account=account, key=group.key, profile_ids=ids, at=AT)
    live_form(account, "For everybody")
    rules = [
        {"rule": "segments", "segments": [segment.key]},
        {"rule": "lists", "lists": [group.key]},
        {"rule": "url", "operator": "equals", "texts": ["/sale", "/sale/*"]},
        {"rule": "cart_items", "operator": "none", "texts": ["gift card"]},
    ]
    return live_form(account, "10 % for the next order", rules=rules)[0]


def test_a_viewer_learns_why_somebody_sees_the_form(
    open_browser: OpenBrowser, viewer: User, form: Form
) -> None:
    page = open_browser(viewer)
    page.goto(f"/forms/{form.key}/")
    page.get_by_role("link", name="Why shown or not").click()
    verdict = page.locator("#why > .card").last
    expect(verdict).to_contain_text("does not see the form")
    page.get_by_role("searchbox").fill("anna")
    page.locator("#why").get_by_role("link", name="Anna Lind").click()
    expect(page.locator(".reason.met")).to_have_count(3)
    page.get_by_label("Address of the page").press_sequentially("https://shop.example/sale/tea")
    expect(page.locator(".reason.met")).to_have_count(4)
    expect(page.locator("#why > .card").last).to_contain_text("sees another form first")
    page.get_by_text("More about the visit").click()
    page.get_by_label("Items in the cart").fill("Gift card, 50 euro")
    expect(page.locator(".reason.unmet")).to_have_count(1)
    page.get_by_label("Value of the cart").fill("much")
    expect(page.locator("#why .banner")).to_contain_text("A number is needed here.")
    page.get_by_label("Value of the cart").fill("")
    expect(page.locator(".reason.unmet")).to_have_count(1)
    page.get_by_role("link", name="Take an unknown visitor").click()
    expect(page.locator(".reason.unmet")).to_have_count(3)


def test_the_keyboard_alone_answers_it(open_browser: OpenBrowser, viewer: User, form: Form) -> None:
    page = open_browser(viewer)
    page.goto(f"/forms/{form.key}/why")
    page.get_by_label("Address of the page").focus()
    page.keyboard.type("https://shop.example/sale")
    page.keyboard.press("Enter")
    page.wait_for_url("**/why?**url=*")
    expect(page.locator(".reason.met")).to_have_count(2)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_pages_are_accessible(
    open_browser: OpenBrowser,
    viewer: User,
    form: Form,
    people: list[Profile],
    width: int,
    theme: str,
) -> None:
    page = open_browser(viewer, width=width, theme=theme)
    for path in (
        "why",
        "why?q=a",
        f"why?person={people[0].pk}&url=https://shop.example/sale&cart_value=5",
        "why?url=x&country=y",
        "reach",
    ):
        page.goto(f"/forms/{form.key}/{path}")
        assert barriers(page) == [], path
