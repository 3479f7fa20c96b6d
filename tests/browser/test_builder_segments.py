"""A segment that exists, in the builder: edits, its actions, phones and viewers."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from profiles.models import List
from segmenter.accounts.models import Account, User
from segments.models import Segment
from tests.browser.builder_page import Builder
from tests.browser.crowd import builder, crowd, segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

__all__ = ["builder", "crowd", "segment"]

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_edit_first_shows_who_enters_and_leaves(segment: Segment, builder: Builder) -> None:
    page = builder.open(f"/segments/{segment.key}/edit").page
    page.get_by_label("Number", exact=True).fill("25")
    builder.total("5")
    page.get_by_role("button", name="Save segment").click()
    dialog = page.get_by_role("dialog", name="Save the changed segment?")
    expect(dialog).to_contain_text("10 people are in it now; 5 will be.")
    expect(dialog.locator(".changes")).to_have_text(re.compile(r"Enter\s*\+0\s*Leave\s*−5"))
    expect(dialog.locator(".changes a")).to_have_count(5)
    assert barriers(page) == []
    dialog.get_by_role("button", name="Keep editing").click()
    builder.total("5")
    page.get_by_role("button", name="Save segment").click()
    dialog.get_by_role("button", name="Save the change").click()
    expect(page.locator(".segment-facts")).to_contain_text("5 people")
    page.get_by_role("link", name="Definition").click()
    page.get_by_role("button", name="Restore version 1").click()
    dialog = page.get_by_role("dialog", name="Restore version 1?")
    expect(dialog.locator(".changes")).to_contain_text("+5")
    assert barriers(page) == []
    dialog.get_by_role("button", name="Restore").click()
    expect(page.locator(".segment-facts")).to_contain_text("10 people")


def test_a_segment_is_starred_cloned_stopped_and_deleted(
    segment: Segment, builder: Builder
) -> None:
    page = builder.open(f"/segments/{segment.key}/").page
    star = page.get_by_role("button", name="Star for Readers")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    more = page.get_by_label("More for this segment")
    more.click()
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Copy of Readers")
    builder.total("10")
    page.get_by_role("button", name="Save segment").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Copy of Readers")
    more.click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.locator(".segment-facts")).to_contain_text("Inactive")
    more.click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator("#segments tbody tr")).to_have_count(1)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Copy of Readers")


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, segment: Segment, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    paths = ["/segments/", f"/segments/{segment.key}/edit", "/segments/new"]
    paths += [f"/segments/{segment.key}/{tab}" for tab in ("", "definition", "activity")]
    for path in paths:
        page.goto(path, wait_until="networkidle")
        assert barriers(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path


def test_on_a_phone_the_panel_is_a_bar(marketer: User, open_browser: OpenBrowser) -> None:
    page = open_browser(marketer, width=390, height=844)
    builder = Builder(page).open()
    builder.choose("country")
    builder.value().fill("Norway")
    builder.total("8")
    expect(page.locator(".outlook-words")).to_be_hidden()
    page.keyboard.press("Escape")
    assert barriers(page) == []
    page.get_by_role("button", name="More about these people").click()
    builder.sentence("whose country is “Norway”")
    expect(page.locator(".outlook-words")).to_be_visible()
    builder.value().fill("Sweden")
    builder.total("12")
    expect(page.locator(".outlook-words")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_viewer_looks_and_changes_nothing(
    segment: Segment, viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto("/segments/")
    expect(page.get_by_role("link", name="New segment")).to_have_count(0)
    page.get_by_role("link", name="Readers").click()
    for name in ("Edit", "Star for Readers", "More for this segment"):
        expect(page.get_by_label(name)).to_have_count(0)
        expect(page.get_by_role("link", name=name)).to_have_count(0)
    page.get_by_role("link", name="Definition").click()
    expect(page.locator(".lines")).to_contain_text("Opened Email")
    expect(page.get_by_role("button", name="Restore")).to_have_count(0)


def test_every_kind_can_be_chosen_without_a_barrier(builder: Builder, account: Account) -> None:
    page = builder.page
    assert List.objects.filter(account=account).exists()
    kind = page.locator("#rows [data-kind]")
    builder.choose("opened")
    titles = kind.locator("option").all_text_contents()
    assert len(titles) > 8
    for title in titles:
        kind.select_option(label=title)
        expect(page.locator("#rows .condition")).to_have_attribute("aria-label", title)
        expect(page.locator("#rows[aria-busy]")).to_have_count(0)
        assert barriers(page) == [], title
