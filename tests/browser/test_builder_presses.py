"""In the builder lists open when asked for, a press acts once, the focus goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from profiles.models import Profile
from segmenter.accounts.models import Account, User
from segments.definition.tree import kinds
from tests.browser.builder_page import Builder, small_shop
from tests.fixtures.browser import OpenBrowser

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def people(account: Account) -> list[Profile]:
    return small_shop(account)


@pytest.fixture
def builder(marketer: User, open_browser: OpenBrowser) -> Builder:
    return Builder(open_browser(marketer, width=1440)).open()


def kind(builder: Builder, words: str) -> None:
    """Begin a condition by the title of its kind, and let the page come to rest."""
    builder.choose(words)
    builder.still()


# --- lists of suggestions ------------------------------------------------------------------------


def test_no_list_is_open_once_something_was_chosen(builder: Builder) -> None:
    def at_rest() -> None:
        builder.still()
        expect(builder.lists).to_have_count(0)

    at_rest()
    kind(builder, "opened")
    at_rest()
    builder.press("where")
    at_rest()
    builder.pick("Property", "Campaign Name")
    at_rest()
    builder.pick("Text", "spring")
    at_rest()
    builder.press("AND group")
    at_rest()
    kind(builder, "newsletter")
    at_rest()
    builder.press("nested group")
    at_rest()
    kind(builder, str(kinds["profile-location-distance"].title))
    at_rest()
    builder.pick("Place", "Falun")
    at_rest()
    builder.press("AND group")
    at_rest()
    kind(builder, "points")
    at_rest()
    expect(builder.rows).to_have_count(4)


def test_the_second_step_of_a_funnel_leaves_the_first_as_it_is(builder: Builder) -> None:
    kind(builder, "after another thing")
    boxes = builder.page.locator("#rows").get_by_role("combobox", name="Metric", exact=True)
    expect(boxes).to_have_count(2)
    builder.pick("Metric", "Clicked Email", 0)
    boxes.nth(1).click()
    builder.still()
    expect(boxes.nth(0)).to_have_value("Clicked Email")
    builder.page.get_by_role("option", name="Active on Site").click()
    builder.still()
    expect(boxes.nth(0)).to_have_value("Clicked Email")
    expect(boxes.nth(1)).to_have_value("Active on Site")
    expect(builder.lists).to_have_count(0)


def test_the_box_for_one_more_list_waits_to_be_asked(builder: Builder) -> None:
    kind(builder, "Received Email")
    builder.press("nested group")
    kind(builder, "newsletter")
    expect(builder.lists).to_have_count(0)
    expect(builder.rows.last.locator(".next")).not_to_be_focused()
    builder.press("AND group", 0)
    expect(builder.rows).to_have_count(3)


def test_a_list_opens_by_a_click_by_typing_or_by_an_arrow(builder: Builder) -> None:
    box = builder.page.get_by_role("combobox", name="New condition")
    box.focus()
    builder.still()
    expect(builder.lists).to_have_count(0)
    openings: list[Callable[[], None]] = [
        box.click,
        lambda: box.press_sequentially("o"),
        lambda: box.press("ArrowDown"),
    ]
    for opens in openings:
        opens()
        expect(builder.lists).to_have_count(1)
        box.press("Escape")
        builder.still()
        expect(builder.lists).to_have_count(0)


def test_what_is_typed_in_full_needs_no_list(builder: Builder) -> None:
    kind(builder, "colour")
    builder.fill("Text", "blue")
    expect(builder.lists).to_have_count(0)
    builder.total("6")


# --- presses -------------------------------------------------------------------------------------

Shape = Callable[[Builder], Any]


def filters(builder: Builder) -> int:
    return len(builder.members[0].get("metric_filters") or [])


def consent_filters(builder: Builder) -> int:
    return len(builder.members[0]["consent"]["consent_status"].get("filters") or [])


ADDING: dict[str, tuple[str, Shape]] = {
    "where": ("Received Email", filters),
    "or condition": ("Received Email", lambda builder: len(builder.members) - 1),
    "AND group": ("Received Email", lambda b: len(b.definition["condition_groups"]) - 1),
    "nested group": ("Received Email", lambda builder: len(builder.members) - 1),
    "then": ("after another thing", lambda builder: len(builder.members[0]["steps"]) - 2),
    "how or when": ("can or cannot receive", consent_filters),
}
"""A button that adds something, a condition that has it, and how many more there are."""


def press_twice(button: Locator) -> None:
    button.dblclick()


def hold_enter(button: Locator) -> None:
    button.focus()
    for _ in range(4):  # the browser marks the later ones as repeats
        button.page.keyboard.down("Enter")
    button.page.keyboard.up("Enter")


@pytest.mark.parametrize("press", [press_twice, hold_enter])
@pytest.mark.parametrize("name", list(ADDING))
def test_an_adding_button_acts_once(
    builder: Builder, name: str, press: Callable[[Locator], None]
) -> None:
    condition, count = ADDING[name]
    kind(builder, condition)
    if name == "how or when":
        builder.select("Status", "and are subscribed")
    before = count(builder)
    press(builder.page.locator("#rows").get_by_role("button", name=name, exact=True).first)
    builder.still()
    assert count(builder) == before + 1
    expect(builder.lists).to_have_count(0)


def test_a_second_press_while_the_first_is_under_way_does_nothing(builder: Builder) -> None:
    kind(builder, "Received Email")
    builder.page.evaluate(
        """() => {
          const adds = [...document.querySelectorAll("#rows [data-do^=add]")];
          for (const button of [...adds, ...adds]) button.click();
        }"""
    )
    builder.still()
    expect(builder.rows).to_have_count(2)


def test_deleting_twice_in_a_row_takes_one_condition(builder: Builder) -> None:
    kind(builder, "Received Email")
    for words in ("Opened Email", "Clicked Email"):
        builder.press("or condition")
        kind(builder, words)
    builder.rows.first.get_by_label("More for this condition").click()
    builder.rows.first.get_by_role("button", name="Delete", exact=True).dblclick()
    builder.still()
    expect(builder.rows).to_have_count(2)
    builder.rows.first.locator("select").first.focus()
    builder.page.keyboard.down("Control")
    for _ in range(3):
        builder.page.keyboard.down("Delete")
    builder.page.keyboard.up("Delete")
    builder.page.keyboard.up("Control")
    builder.still()
    expect(builder.rows).to_have_count(1)


# --- the focus -----------------------------------------------------------------------------------


def test_where_is_filled_in_without_going_back(builder: Builder) -> None:
    page, keyboard = builder.page, builder.page.keyboard
    kind(builder, "Opened Email")
    page.locator("#rows").get_by_role("button", name="where", exact=True).focus()
    keyboard.press("Enter")
    builder.still()
    expect(page.locator("#rows").get_by_role("combobox", name="Property")).to_be_focused()
    keyboard.press("Enter")  # once too often: there is nothing to take yet
    keyboard.type("Camp")
    expect(page.get_by_role("option", name="Campaign Name")).to_be_visible()
    keyboard.press("Enter")
    builder.still()
    expect(builder.value()).to_be_focused()
    keyboard.type("spring")
    builder.total("10")
    assert filters(builder) == 1
    expect(builder.rows).to_have_count(1)


def test_a_condition_is_filled_in_from_left_to_right(builder: Builder) -> None:
    page, keyboard = builder.page, builder.page.keyboard
    kind(builder, "after another thing")
    boxes = page.locator("#rows").get_by_role("combobox", name="Metric", exact=True)
    for number, words in enumerate(("Opened Email", "Clicked Email")):
        expect(boxes.nth(number)).to_be_focused()
        keyboard.type(words)
        keyboard.press("Enter")
        builder.still()
    builder.total("9")
    expect(boxes.nth(1)).to_be_focused()


def test_the_focus_is_left_to_who_has_put_it_elsewhere(builder: Builder) -> None:
    kind(builder, "after another thing")
    builder.page.evaluate(
        """() => {
          document.querySelector("#rows [data-do=append]").click();
          document.getElementById("name").focus();
        }"""
    )
    builder.still()
    expect(builder.page.get_by_label("Name", exact=True)).to_be_focused()


# --- refusals ------------------------------------------------------------------------------------


def test_a_refused_change_says_so(builder: Builder) -> None:
    kind(builder, "Opened Email")
    builder.page.evaluate(
        """() => {
          const button = document.querySelector("#rows [data-do=append]");
          button.dataset.at = "/condition_groups/7/conditions/0/metric_filters";
          button.click();
        }"""
    )
    refusal = builder.page.locator("#refusal")
    expect(refusal).to_contain_text("no longer there. Reload the page.")
    builder.press("or condition")
    expect(builder.rows).to_have_count(2)
