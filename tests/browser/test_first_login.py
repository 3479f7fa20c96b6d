"""From a printed link to a shop with two people, each in a browser of their own."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from segmenter.accounts.invitations import Invitation, invite
from segmenter.accounts.links import link_path
from segmenter.accounts.models import Account, Role, User
from segmenter.accounts.password_reset import void_password
from segmenter.accounts.set_up import set_up_secret
from segmenter.kernel.clock import now
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)

GUEST = "a.guest.with.a.long.name@somewhere-far-away.example.com"
MINE = "only I know this one"


def check(page: Page) -> None:
    """No barrier, and nothing runs over the edge."""
    page.wait_for_load_state("networkidle")
    assert barriers(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, page.url


def set_up_path() -> str:
    secret = set_up_secret()
    assert secret is not None
    return link_path("set-up", secret)


def choose_password(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(MINE)
    page.get_by_label("Password again").fill(MINE)


def test_a_shop_is_set_up_and_its_first_guest_comes_in(db: None, open_browser: OpenBrowser) -> None:
    owner = open_browser()
    owner.goto(set_up_path())
    owner.get_by_label("Your shop's name").fill("Annas Butik")
    assert "#" not in owner.url
    owner.get_by_label("Name", exact=True).fill("Anna Lind")
    owner.get_by_label("Email").fill("anna@example.com")
    choose_password(owner)
    owner.get_by_role("button", name="Create the shop").click()
    expect(owner.get_by_role("heading", level=1)).to_have_text("Segments")

    owner.goto("/settings/team")
    owner.get_by_label("Email").fill(GUEST)
    owner.get_by_role("button", name="Make a link").click()
    link = owner.locator("#secret").input_value()
    expect(owner.get_by_text("invited, until")).to_be_visible()

    guest = open_browser()
    guest.goto(link)
    expect(guest.get_by_role("heading", level=1)).to_have_text("Join Annas Butik")
    assert "#" not in guest.url
    expect(guest.get_by_text("Anna Lind")).to_be_visible()
    guest.get_by_label("Name", exact=True).fill("Guest")
    choose_password(guest)
    guest.get_by_role("button", name="Accept").click()
    expect(guest.get_by_text("Welcome to Annas Butik")).to_be_visible()

    owner.reload()
    owner.goto("/settings/team")
    expect(owner.get_by_text("accepted")).to_be_visible()
    late = open_browser()
    late.goto(link)
    expect(late.get_by_text("This link does not work")).to_be_visible()
    assert "#" not in late.url


def test_another_link_opened_in_the_same_window_is_the_one_that_counts(
    account: Account, open_browser: OpenBrowser
) -> None:
    link = invite(account=account, email=GUEST, role=Role.VIEWER, by=None, at=now())
    page = open_browser()
    page.goto("/invitation#wrong")
    expect(page.get_by_text("This link does not work")).to_be_visible()
    page.goto(link_path("invitation", link.secret))
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Shop")


def test_a_link_is_pasted_where_no_script_runs(account: Account, open_browser: OpenBrowser) -> None:
    link = invite(account=account, email=GUEST, role=Role.VIEWER, by=None, at=now())
    page = open_browser()
    page.route(
        "**/one-time-link*.js", lambda route: route.fulfill(body="", content_type="text/javascript")
    )
    page.goto("/invitation")
    page.get_by_label("Your link").fill("https://x.example" + link_path("invitation", link.secret))
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Join Shop")


def test_who_is_signed_in_as_another_signs_out_and_goes_on(
    owner: User, account: Account, open_browser: OpenBrowser
) -> None:
    link = invite(account=account, email=GUEST, role=Role.VIEWER, by=owner, at=now())
    page = open_browser(owner)
    page.goto(link_path("invitation", link.secret))
    page.get_by_role("button", name="Sign out and go on").click()
    choose_password(page)
    assert Invitation.objects.get().accepted is None


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_of_a_link_has_a_barrier(
    width: int, theme: str, db: None, open_browser: OpenBrowser
) -> None:
    page = open_browser(width=width, theme=theme)
    page.goto("/set-up")
    check(page)
    page.goto(set_up_path())
    page.get_by_role("button", name="Create the shop").click()
    expect(page.locator(".error").first).to_be_visible()
    check(page)


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_of_an_invitation_has_a_barrier(
    width: int, theme: str, owner: User, viewer: User, account: Account,
    other_account: Account, open_browser: OpenBrowser,
) -> None:  # fmt: skip
    def link(email: str) -> str:
        link = invite(account=other_account, email=email, role=Role.OWNER, by=None, at=now())
        return link_path("invitation", link.secret)

    guest = open_browser(width=width, theme=theme)
    guest.goto("/invitation#wrong")
    expect(guest.get_by_text("This link does not work")).to_be_visible()
    check(guest)
    for email, words in ((GUEST, "Password again"), (viewer.email, "There is a sign-in")):
        guest.goto(link(email))
        expect(guest.get_by_text(words)).to_be_visible()
        check(guest)
    guest.get_by_role("button", name="Decline").click()
    expect(guest.get_by_role("heading", level=1)).to_have_text("You have declined")
    check(guest)
    seated = open_browser(viewer, width=width, theme=theme)
    for email, button in ((GUEST, "Sign out and go on"), (viewer.email, "Accept")):
        seated.goto(link(email))
        expect(seated.get_by_role("button", name=button)).to_be_visible()
        check(seated)
    shop = open_browser(owner, width=width, theme=theme)
    shop.goto("/settings/team")
    shop.get_by_label("Email").fill(GUEST)
    shop.get_by_role("button", name="Make a link").click()
    expect(shop.get_by_text("Pass it on to them alone")).to_be_visible()
    check(shop)
    guest.goto(link_path("reset-password", void_password(email=viewer.email)))
    expect(guest.get_by_role("button", name="Save and sign in")).to_be_visible()
    check(guest)
