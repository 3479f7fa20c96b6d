"""The frame and the pages of people, lists, metrics and settings in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from profiles.models import List, Metric, Profile
from segmenter.accounts.models import Account, Role, Seat, User
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = (
    "/profiles/",
    "/profiles/{person}/",
    "/profiles/{person}/merge",
    "/profiles/{person}/merge?with={other}",
    "/lists/",
    "/lists/{list}/",
    "/metrics/",
    "/metrics/{metric}/",
    "/settings/account",
    "/settings/team",
    "/settings/api-keys",
    "/settings/me",
    "/search?q=anna",
)


@pytest.fixture
def addresses(people: list[Profile]) -> list[str]:
    parameters = {
        "person": people[0].pk,
        "other": people[1].pk,
        "list": List.objects.get().key,
        "metric": Metric.objects.get().key,
    }
    return [path.format(**parameters) for path in PAGES]


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, addresses: list[str], owner: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(owner, width=width, theme=theme)
    for path in addresses:
        page.goto(path, wait_until="networkidle")
        assert barriers(page) == [], path
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert over <= 0, path


def test_the_sign_in_page_has_no_barrier_and_lets_one_in(
    owner: User, open_browser: OpenBrowser
) -> None:
    page = open_browser()
    page.goto("/lists/")
    assert barriers(page) == []
    page.keyboard.type(owner.email)
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lists", exact=True)).to_be_visible()


def test_everything_is_found_by_the_keyboard_alone(
    people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto("/metrics/", wait_until="networkidle")
    page.keyboard.press("/")
    palette = page.get_by_role("dialog", name="Search everything")
    expect(palette).to_be_visible()
    page.keyboard.type("anna")
    expect(palette.get_by_role("option")).to_have_count(1)
    assert barriers(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Lind")
    page.wait_for_load_state("load")  # the heading is there before the script that listens
    page.keyboard.press("Control+k")
    page.keyboard.type("newsl")
    page.keyboard.press("Enter")  # before the answer is there
    expect(page.get_by_role("heading", level=1)).to_have_text("Newsletter")
    page.keyboard.press("/")
    expect(palette).to_be_visible()
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_a_slash_typed_into_a_field_is_a_slash(
    people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto("/profiles/")
    field = page.get_by_role("searchbox", name="Search people")
    field.press_sequentially("a/b")
    expect(field).to_have_value("a/b")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_people_are_found_while_typing(
    people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto("/profiles/")
    page.get_by_role("searchbox", name="Search people").press_sequentially("anna")
    expect(page.locator("#people tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"q=anna"))
    page.reload()
    expect(page.locator("#people tbody tr")).to_have_count(1)


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_follows_the_system_until_it_is_chosen(
    viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer, theme="dark")
    page.goto("/metrics/")
    dark = background(page)
    page.locator("summary.who").last.click()
    page.get_by_role("button", name="Light").click()
    light = background(page)
    assert light != dark
    page.reload()
    assert background(page) == light
    page.locator("summary.who").last.click()
    page.get_by_role("button", name="As the system").click()
    assert background(page) == dark


def test_accounts_are_switched(
    viewer: User, other_account: Account, open_browser: OpenBrowser
) -> None:
    Seat.objects.create(user=viewer, account=other_account, role=Role.VIEWER)
    page = open_browser(viewer)
    page.goto("/profiles/")
    switcher = page.locator("summary.who").first
    expect(switcher).to_contain_text("Shop")
    switcher.click()
    page.get_by_role("button", name="Elsewhere").click()
    expect(page.locator("summary.who").first).to_contain_text("Elsewhere")


def test_on_a_phone_the_navigation_is_a_drawer(
    people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer, width=390, height=844)
    page.goto("/profiles/")
    expect(page.get_by_role("link", name="Metrics")).to_be_hidden()
    page.get_by_role("button", name="Navigation").click()
    assert barriers(page) == []
    page.get_by_role("link", name="Metrics").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Metrics")


def test_a_list_is_made_in_a_dialog(marketer: User, open_browser: OpenBrowser) -> None:
    page = open_browser(marketer)
    page.goto("/lists/")
    page.get_by_role("button", name="New list").click()
    expect(page.get_by_role("dialog", name="New list")).to_be_visible()
    assert barriers(page) == []
    page.keyboard.type("Friends")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Friends")
    expect(page.get_by_role("status")).to_contain_text("Friends")
    assert List.objects.get().name == "Friends"


def test_a_timeline_opens_and_is_narrowed(
    people: list[Profile], viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto(f"/profiles/{people[0].pk}/")
    row = page.locator("details.event").first
    row.locator("summary").click()
    expect(row).to_contain_text("Tea")
    page.get_by_label("Show only").select_option(label="Placed Order (2)")
    expect(page).to_have_url(re.compile("metric="))
    expect(page.locator("details.event")).to_have_count(2)
