"""The marketer's job in a real browser: build a segment, see its count, save it, take it home."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.builder_page import Builder
from tests.browser.crowd import builder, crowd, segment
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.cast import PASSWORD

__all__ = ["builder", "crowd", "segment"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_marketer_s_job(marketer: User, open_browser: OpenBrowser, tmp_path: Path) -> None:
    page = open_browser(width=1440)
    page.goto("/segments/new")
    page.get_by_role("textbox").first.fill(marketer.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/segments/new")
    builder = Builder(page)

    builder.choose("opened")
    builder.total("29")
    builder.press("or condition")
    builder.choose("country")
    builder.value().fill("Norw")
    builder.counts("29", "0")
    builder.value().fill("Norway")
    builder.counts("29", "8")
    expect(page.locator("#rows")).to_contain_text("10 people have no country.")
    builder.press("AND group")
    builder.choose("favourite")
    builder.value().fill("blue")
    builder.counts("29", "8", "15")
    builder.total("14")
    builder.press("nested group")
    builder.choose("newsl")
    builder.press("AND group", 0)
    builder.choose("points")
    page.get_by_label("Number", exact=True).fill("3")
    builder.counts("29", "8", "15", "5", "27")
    builder.total("15")
    builder.sentence("are in Newsletter, and whose Points is at least 3")
    expect(page.locator(".outlook-share")).to_have_text("50.0 % of 30")

    page.get_by_label("Name", exact=True).fill("Blue or reading")
    page.get_by_label("Tags").fill("spring")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Blue or reading")
    expect(page.locator(".segment-facts")).to_contain_text("15 people")
    expect(page.locator(".segment-facts")).to_contain_text("Ready")
    expect(page.locator("#members tbody tr")).to_have_count(15)
    expect(page.locator(".page-head").get_by_role("link", name="spring")).to_be_visible()

    page.get_by_role("searchbox", name="Search members").press_sequentially("person04")
    expect(page.locator("#members tbody tr")).to_have_count(1)
    page.locator(".page-head summary", has_text="Use").click()
    page.get_by_role("link", name="Export").click()
    page.get_by_role("searchbox", name="To choose from").fill("points")
    page.get_by_label("Points").check()
    page.get_by_label("Headings").select_option("names")
    page.get_by_label("Cells are separated by").select_option(",")
    page.get_by_role("button", name="Make the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click()
    download.value.save_as(tmp_path / "members.csv")
    with (tmp_path / "members.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 15
    assert {row["email"] for row in rows} == {
        f"person{n:02}@example.com" for n in range(1, 30) if n % 2 == 0 or n in (3,)
    }
    assert {row["Points"] for row in rows} == {str(n) for n in (*range(2, 30, 2), 3)}


def test_a_segment_is_built_by_the_keyboard_alone(builder: Builder) -> None:
    page, keyboard = builder.page, builder.page.keyboard
    page.get_by_label("Name", exact=True).focus()
    keyboard.type("By keys")
    for _ in range(2):
        keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="New condition")).to_be_focused()
    keyboard.type("opened")
    keyboard.press("Enter")
    builder.total("29")
    row = builder.rows.first
    expect(row.locator(":focus")).to_have_count(1)
    keyboard.press("Enter")  # another condition after this one
    expect(page.get_by_role("combobox", name="New condition")).to_be_focused()
    keyboard.type("country")
    expect(page.locator("[role=option]").first).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(builder.value()).to_be_focused()
    keyboard.type("Swe")
    expect(page.get_by_role("option", name="Sweden")).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(builder.value()).to_have_value("Sweden")
    builder.counts("29", "12")
    keyboard.press("Alt+ArrowUp")
    builder.counts("12", "29")
    expect(builder.rows.first.locator(":focus")).to_have_count(1)
    keyboard.press("Control+d")
    builder.counts("12", "12", "29")
    keyboard.press("Control+Delete")
    builder.counts("12", "29")
    keyboard.press("Alt+ArrowRight")
    expect(page.locator(".nested .condition")).to_have_count(1)
    keyboard.press("Alt+ArrowLeft")
    expect(page.locator(".nested")).to_have_count(0)
    keyboard.press("Enter")
    expect(builder.rows).to_have_count(3)
    keyboard.press("Escape")  # the suggestions
    keyboard.press("Escape")  # the empty row
    expect(builder.rows).to_have_count(2)
    page.get_by_role("button", name="Save segment").focus()
    keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("By keys")
    assert Segment.objects.get().size == 30


def test_undo_and_redo_keep_definitions(builder: Builder) -> None:
    page = builder.page
    builder.choose("opened")
    builder.press("AND group")
    builder.choose("country")
    builder.value().fill("Norway")
    builder.total("8")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    page.keyboard.press("Control+z")
    expect(builder.value()).to_have_value("")
    builder.total("29")
    page.keyboard.press("Control+Shift+z")
    expect(builder.value()).to_have_value("Norway")
    builder.total("8")
    for _ in range(4):
        page.get_by_role("button", name="Undo").click()
    expect(builder.rows).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    for _ in range(4):
        page.get_by_role("button", name="Redo").click()
    builder.total("8")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()
    expect(page.locator(".htmx-request")).to_have_count(0)
    builder.rows.first.get_by_label("More for this condition").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    builder.total("8")
    expect(builder.rows).to_have_count(1)
    page.keyboard.press("Control+z")
    builder.counts("29", "8")


def test_the_caret_stays_where_one_types(builder: Builder) -> None:
    page = builder.page
    builder.choose("country")
    value = builder.value()
    value.press_sequentially("Sweden", delay=60)
    builder.total("12")
    value.press("Home")
    value.press_sequentially("x", delay=10)
    builder.total("0")
    value.press_sequentially("y")
    expect(value).to_have_value("xySweden")
    expect(value).to_be_focused()
    page.locator("#rows").get_by_role("combobox", name="Filter").select_option(label="contains")
    expect(value).to_have_value("xySweden")
    value.focus()
    value.fill("den")
    page.locator("#rows").get_by_role("combobox", name="Filter").select_option(label="is not")
    value.press_sequentially("mark")  # while the row is drawn again
    expect(value).to_have_value("denmark")
    builder.total("20")


def test_who_is_left_out_can_be_let_in(builder: Builder) -> None:
    builder.choose("country")
    operator = builder.page.locator("#rows").get_by_role("combobox", name="Filter")
    operator.select_option(label="is not")
    builder.value().fill("Sweden")
    builder.total("8")
    builder.press("Include them")
    builder.total("18")
    expect(builder.page.locator("#rows")).not_to_contain_text("have no country")


def test_have_not_done_asks_for_no_number_of_times(builder: Builder) -> None:
    builder.choose("opened")
    rows = builder.page.locator("#rows")
    rows.get_by_label("Done or not").select_option(label="have not done")
    builder.total("1")
    expect(rows.get_by_label("How often")).to_have_count(0)
    rows.get_by_label("Done or not").select_option(label="have done")
    rows.get_by_label("How often").select_option(label="at least")
    rows.get_by_label("Number", exact=True).fill("20")
    builder.total("10")
    rows.get_by_role("button", name="where").click()
    rows.get_by_role("combobox", name="Property", exact=True).fill("camp")
    rows.get_by_role("combobox", name="Property", exact=True).press("Enter")
    builder.value().fill("spring")
    builder.total("0")
    rows.get_by_label("Number", exact=True).fill("15")
    builder.total("1")
    builder.sentence("where Campaign Name is “spring”")


def test_circles_show_what_and_does(builder: Builder) -> None:
    page = builder.page
    builder.choose("opened")
    builder.press("AND group")
    builder.choose("country")
    builder.value().fill("Sweden")
    builder.total("11")
    page.get_by_label("What AND does here").click()
    circles = page.locator(".circles")
    expect(circles).to_contain_text("With OR one is enough; with AND all must hold.")
    expect(circles.locator("svg text")).to_have_text(["18", "11", "1"])
    expect(circles).to_contain_text("29 AND 12 keeps the 11 who are in both.")
    assert barriers(page) == []
    page.keyboard.press("Escape")
    expect(circles).to_be_hidden()


def test_a_count_shows_its_people(builder: Builder) -> None:
    builder.choose("newsl")
    builder.rows.first.get_by_role("button", name=re.compile("people: show them")).click()
    dialog = builder.page.get_by_role("dialog", name="People")
    expect(dialog).to_contain_text("5 people")
    expect(dialog.get_by_role("listitem")).to_have_count(5)
    assert barriers(builder.page) == []


def test_a_condition_is_dragged_into_another_group(builder: Builder) -> None:
    builder.choose("opened")
    builder.press("or condition")
    builder.choose("newsl")
    builder.press("AND group")
    builder.choose("points")
    builder.page.get_by_label("Number", exact=True).fill("3")
    builder.counts("29", "5", "27")
    handle = builder.rows.first.locator("[data-handle]")
    handle.drag_to(builder.rows.nth(2), target_position={"x": 300, "y": 4})
    builder.counts("5", "29", "27")
    groups = builder.page.locator("#rows .group")
    expect(groups.nth(0).locator(".condition")).to_have_count(1)
    expect(groups.nth(1).locator(".condition")).to_have_count(2)
    builder.total("4")


def test_several_values_become_chips(builder: Builder) -> None:
    page = builder.page
    builder.choose("country")
    page.locator("#rows").get_by_role("combobox", name="Filter").select_option(label="is any of")
    box = builder.value("Texts")
    box.click()
    page.get_by_role("option", name="Sweden").click()
    builder.total("12")
    box = builder.value("Texts")
    expect(box).to_be_focused()
    box.press_sequentially("Norway")
    builder.total("20")
    box.press("Enter")
    expect(page.locator("#rows .chip")).to_have_count(2)
    page.get_by_label("Take Sweden away").click()
    builder.total("8")


def test_errors_appear_at_their_field(builder: Builder, account: Account) -> None:
    page = builder.page
    builder.choose("points")
    number = page.get_by_label("Number", exact=True)
    number.fill("many")
    expect(page.locator("#rows")).to_contain_text("A number is needed here.")
    expect(number).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".outlook")).to_contain_text("1 condition is not finished")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.get_by_label("Number", exact=True)).to_have_value("many")
    expect(page.get_by_label("Number", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Number", exact=True).fill("3")
    builder.total("27")
    page.get_by_role("button", name="Save segment").click()
    expect(page.locator("#name-problem")).to_contain_text("needs a name")
    assert barriers(page) == []
