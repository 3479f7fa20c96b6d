"""A marketer makes a form in a real browser: from the library to published, with mistakes."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from forms_targeting.engine.publishing import create_form, publish
from forms_targeting.library.ready_form import ready_forms
from forms_targeting.models import Form, FormStatus, FormVersion
from profiles.models import Profile
from segmenter.accounts.models import Account, User
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers
from tests.fixtures.cast import AT

pytestmark = pytest.mark.django_db(transaction=True)

NATURAL_WIDTH = """async (src) => {
  const image = new Image();
  image.src = src;
  await image.decode();
  return image.naturalWidth;
}"""


class Editor:
    """The editor's page, in the words of what a marketer does there."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.outline = page.locator("#outline")
        self.panel = page.locator("#panel")
        self.preview = page.locator("#preview-host")
        self.status = page.locator("#status")

    def open(self, form: Form, letter: str = "A") -> Editor:
        self.page.goto(f"/forms/{form.key}/edit/{letter}", wait_until="load")
        return self.ready()

    def ready(self) -> Editor:
        """Wait until the scripts run: the form is drawn then."""
        expect(self.preview.get_by_role("heading").first).to_be_visible()
        return self

    def row(self, words: str) -> Locator:
        return self.outline.locator(".outline-row", has_text=words).first

    def show(self, words: str, title: str) -> None:
        """Show the settings of a row; `title` is what the panel is then called."""
        self.row(words).click()
        expect(self.panel.locator("h2")).to_have_text(title)
        self.rest()

    def input(self, label: str) -> Locator:
        return self.panel.get_by_label(label, exact=True)

    @property
    def property(self) -> Locator:
        return self.panel.get_by_role("combobox", name="Property")

    def add(self, kind: str, step: str = "Step 1") -> None:
        self.outline.locator("summary", has_text=step).click()
        self.outline.locator("details[open]").get_by_role("button", name=kind, exact=True).click()
        self.rest()

    def rest(self) -> None:
        expect(self.page.locator("#editor[aria-busy]")).to_have_count(0)

    def blocks(self) -> list[str]:
        return [
            text.strip()
            for text in self.outline.locator(".outline-blocks .truncate").all_inner_texts()
        ]

    def saved(self) -> None:
        self.rest()
        expect(self.status).to_contain_text("Saved")


@pytest.fixture
def form(account: Account, marketer: User) -> Form:
    content = ready_forms["newsletter"].content
    return create_form(account=account, user=marketer, name="News", content=content, at=AT)


def content(form: Form) -> Any:
    return form.variants.get(letter="A").content


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("SEGMENTER_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_a_marketer_makes_a_newsletter_form_by_mouse(
    people: list[Profile], marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto("/forms/new")
    page.get_by_role("button", name="Use this: Newsletter").click()
    editor = Editor(page).ready()
    editor.show("News worth opening", "Heading")
    editor.input("Text").fill("Read us first")
    expect(editor.preview.get_by_role("heading", name="Read us first")).to_be_visible()
    expect(editor.input("Text")).to_be_focused()
    editor.add("Input")
    expect(editor.property).to_be_focused()
    editor.property.fill("colo")
    page.get_by_role("option", name="Favourite colour").click()
    expect(editor.property).to_have_value("Favourite colour")
    editor.rest()
    editor.input("Kind of input").select_option("One of several")
    editor.rest()
    editor.input("Visitors read").first.fill("Blue")
    expect(editor.preview.get_by_label("Blue")).to_be_visible()
    editor.saved()
    page.get_by_role("button", name="Publish").click()
    dialog = page.locator("#publication")
    expect(dialog).to_contain_text("The form becomes live")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.locator("#toasts")).to_contain_text("is live")
    version = FormVersion.objects.get()
    blocks = version.content["steps"][0]["blocks"]
    assert blocks[0]["text"] == "Read us first"
    assert (blocks[-1]["property"], blocks[-1]["input"]) == ("properties.Favourite colour", "radio")
    assert blocks[-1]["options"][0]["label"] == "Blue"
    assert version.form.status == FormStatus.LIVE


def test_a_marketer_makes_a_form_by_keys_alone(
    people: list[Profile], marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto("/forms/new")
    page.get_by_role("button", name="Use this: Newsletter").focus()
    page.keyboard.press("Enter")
    editor = Editor(page).ready()
    keys = page.keyboard
    editor.row("Kind and look").focus()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(editor.row("News worth opening")).to_be_focused()
    keys.press("Alt+ArrowDown")
    editor.rest()
    assert editor.blocks()[:2] == [
        "New products, ideas and offers. Once a week at most.",
        "News worth opening",
    ]
    expect(editor.row("News worth opening")).to_be_focused()
    keys.press("Alt+ArrowUp")
    editor.rest()
    keys.press("Enter")
    expect(editor.input("Text")).to_be_focused()
    keys.type("Hello again")
    expect(editor.preview.get_by_role("heading", name="Hello again")).to_be_visible()
    keys.press("Escape")
    expect(editor.row("Hello again")).to_be_focused()
    keys.press("Control+d")
    editor.rest()
    assert editor.blocks()[:2] == ["Hello again", "Hello again"]
    editor.row("Hello again").focus()
    keys.press("Delete")
    editor.rest()
    assert editor.blocks().count("Hello again") == 1
    expect(editor.outline.locator("[aria-pressed=true]")).to_be_focused()
    keys.press("Control+z")
    editor.rest()
    assert editor.blocks().count("Hello again") == 2
    keys.press("Control+Shift+Z")
    editor.rest()
    assert editor.blocks().count("Hello again") == 1
    editor.outline.locator("summary").first.focus()
    keys.press("Enter")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(editor.panel.locator("h2")).to_have_text("Heading")
    expect(editor.input("Text")).to_be_focused()
    editor.saved()
    page.locator("#publish").focus()
    keys.press("Enter")
    expect(page.locator("#publication")).to_be_visible()
    page.locator("#publication").get_by_role("button", name="Publish").focus()
    keys.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("is live")
    assert Form.objects.get().status == FormStatus.LIVE


def test_blocks_are_dragged_within_a_step_and_into_another(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    editor = Editor(open_browser(marketer, width=1440)).open(form)
    before = editor.blocks()
    lines = editor.outline.locator(".outline-blocks .outline-line")
    lines.nth(0).hover()
    lines.nth(0).locator("[data-handle]").drag_to(lines.nth(2), target_position={"x": 40, "y": 30})
    expect(lines.nth(2)).to_contain_text(before[0])
    editor.rest()
    assert editor.blocks()[:3] == [before[1], before[2], before[0]]
    lines.nth(0).hover()
    lines.nth(0).locator("[data-handle]").drag_to(editor.row("Step 2"))
    editor.rest()
    steps = content(form)["steps"]
    assert steps[1]["blocks"][0]["text"] == before[1]


def test_mistakes_are_told_at_their_place_and_cost_nothing(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    editor = Editor(page).open(form)
    editor.show("News worth opening", "Heading")
    editor.input("Text").fill("")
    expect(editor.status).to_contain_text("1 thing to correct")
    expect(editor.input("Text")).to_have_attribute("aria-invalid", "true")
    expect(editor.panel.locator(".error:visible")).to_have_text("This is needed.")
    expect(page.locator("#preview-stale")).to_be_visible()
    assert barriers(page) == []
    page.locator("#publish").click()
    expect(page.locator("#problems button")).to_be_focused()
    expect(page.locator("#publication")).to_be_hidden()
    page.reload()
    expect(page.locator("#status")).to_contain_text("1 thing to correct")
    page.locator("#problems button").click()
    expect(editor.input("Text")).to_be_focused()
    page.keyboard.type("Back")
    editor.saved()
    expect(page.locator("#problems")).not_to_contain_text("needed")
    editor.show("Sign up", "Button")
    editor.panel.get_by_role("button", name="Remove").click()
    expect(page.locator("#problems")).to_contain_text("needs a button that submits")
    page.locator("#undo").click()
    editor.saved()
    assert content(form)["steps"][0]["blocks"][0]["text"] == "Back"


def test_two_windows_of_one_form_do_not_overwrite_each_other(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    one = Editor(open_browser(marketer, width=1440)).open(form)
    other = Editor(open_browser(marketer, width=1440)).open(form)
    for editor, text in ((one, "From one"), (other, "From the other")):
        editor.show("News worth opening", "Heading")
        editor.input("Text").fill(text)
        editor.rest()
        expect(editor.status).not_to_contain_text("News")
        if editor is one:
            editor.saved()
    expect(other.status).to_contain_text("Not saved")
    expect(other.page.locator("#problems")).to_contain_text("another window")
    assert content(form)["steps"][0]["blocks"][0]["text"] == "From one"
    other.page.get_by_role("button", name="Overwrite it with mine").click()
    other.saved()
    assert content(form)["steps"][0]["blocks"][0]["text"] == "From the other"
    one.input("Text").fill("Again")
    expect(one.page.locator("#problems")).to_contain_text("another window")
    one.page.get_by_role("link", name="Open the other version").click()
    one.ready()
    expect(one.row("From the other")).to_be_visible()
    expect(one.status).to_contain_text("Saved")


def test_colors_that_cannot_be_read_are_told_and_mended_with_one_click(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    editor = Editor(page).open(form)
    editor.show("Kind and look", "Kind and look")
    editor.input("Text").fill("#999999")
    warning = page.locator("#contrast .banner")
    expect(warning).to_contain_text("Text on Background is hard to read: the contrast is 2.8")
    editor.saved()
    page.locator("#publish").click()
    expect(page.locator("#publication")).to_contain_text("hard to read")
    page.locator("#publication").get_by_role("button", name="Back").click()
    warning.get_by_role("button").click()
    expect(warning).to_have_count(0)
    expect(editor.input("Text")).to_have_value(re.compile("#7[0-9a-f]{5}"))
    editor.input("Colors of the shop's page").check()
    expect(editor.input("Background")).to_have_count(0)
    editor.saved()
    assert content(form)["style"]["from_page"] is True


def test_each_language_is_written_beside_its_source(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    editor = Editor(page).open(form)
    page.get_by_role("button", name="Polski 100 %").click()
    expect(editor.panel.locator("h2")).to_have_text("Polski")
    expect(editor.preview.get_by_role("heading", name="Nowości dla Ciebie")).to_be_visible()
    words = editor.panel.locator("input").first
    words.fill("")
    expect(editor.preview.get_by_role("heading", name="News worth opening")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Polski 9"))).to_be_visible()
    words.fill("Dzień dobry")
    expect(editor.preview.get_by_role("heading", name="Dzień dobry")).to_be_visible()
    expect(words).to_be_focused()
    editor.saved()
    page.get_by_role("button", name="English").click()
    expect(editor.preview.get_by_role("heading", name="News worth opening")).to_be_visible()
    assert content(form)["translations"]["pl"]["title.text"] == "Dzień dobry"


def test_the_preview_goes_through_the_steps_as_for_a_visitor(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    quiz = ready_forms["quiz"].content
    form = create_form(account=account, user=marketer, name="Quiz", content=quiz, at=AT)
    editor = Editor(open_browser(marketer, width=1440)).open(form)
    editor.preview.get_by_label("A gift").check()
    editor.preview.get_by_role("button", name="Go on").click()
    expect(editor.preview.get_by_role("heading", name="What may the gift cost?")).to_be_visible()
    editor.show("Step 2", "Step 2")
    expect(editor.preview.get_by_role("heading", name="What matters most")).to_be_visible()
    editor.panel.get_by_role("button", name="Add a branch").click()
    expect(editor.panel.get_by_text("Branch 3")).to_be_visible()
    editor.panel.get_by_label("go to").last.select_option(label="Step 1: What are you looking for?")
    editor.saved()
    assert content(form)["steps"][1]["branches"][2]["step"] == "need"
    editor.preview.get_by_role("heading").click()
    expect(editor.panel.locator("h2")).to_have_text("Heading")


def test_the_size_of_an_image_is_read(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    editor = Editor(page).open(form)
    editor.add("Image")
    expect(editor.status).to_contain_text("1 thing to correct")
    picture = "/static/favicon.svg"
    editor.input("Address of the image").fill(picture)
    editor.input("Address of the image").press("Tab")
    size = page.evaluate(NATURAL_WIDTH, picture)
    expect(editor.input("Width in pixels")).to_have_value(str(size))
    editor.saved()
    assert content(form)["steps"][0]["blocks"][-1]["width"] == size


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_no_page_has_a_barrier_or_runs_over_the_edge(
    width: int, theme: str, form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    publish(form=form, user=marketer, at=AT)
    page = open_browser(marketer, width=width, theme=theme)

    def check(name: str) -> None:
        assert barriers(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
        shoot(page, f"{name}-{theme}-{width}")

    page.goto("/forms/new", wait_until="load")
    expect(page.locator("[data-content]").first.get_by_text("Sign up")).to_be_attached()
    check("new")
    editor = Editor(page)
    page.goto(f"/forms/{form.key}/edit/A?select=block:email", wait_until="load")
    expect(page.locator("#select-block-email")).to_have_attribute("aria-pressed", "true")
    check("outline")
    views = ("panel", "preview") if width == 390 else ()
    for view in views:
        page.locator(f"[data-shows={view}]").click()
        check(view)
    for selection in ("look", "step:start", "language:sv", "block:news"):
        page.goto(f"/forms/{form.key}/edit/A?select={selection}", wait_until="load")
        if width == 390:
            page.locator("[data-shows=panel]").click()
        expect(editor.panel.locator("h2")).to_be_visible()
        check(selection.replace(":", "-"))
    page.locator("#publish").click()
    expect(page.locator("#publication")).to_contain_text("see all of it already")
    check("publication")


def test_a_form_is_edited_on_a_phone(form: Form, marketer: User, open_browser: OpenBrowser) -> None:
    page = open_browser(marketer, width=390)
    page.goto(f"/forms/{form.key}/edit/A", wait_until="load")
    editor = Editor(page)
    editor.row("News worth opening").click()
    expect(editor.input("Text")).to_be_visible()
    editor.input("Text").fill("On the phone")
    page.get_by_role("button", name="Preview").click()
    expect(editor.preview.get_by_role("heading", name="On the phone")).to_be_visible()
    page.get_by_role("button", name="Content").click()
    expect(editor.row("On the phone")).to_be_visible()
    editor.saved()


def test_a_property_that_was_typed_and_left_is_taken(
    form: Form, people: list[Profile], marketer: User, open_browser: OpenBrowser
) -> None:
    editor = Editor(open_browser(marketer, width=1440)).open(form)
    editor.add("Input")
    for typed, name, words in (
        ("Shoe size", "properties.Shoe size", "Shoe size"),
        ("favourite COLOUR", "properties.Favourite colour", "Favourite colour"),
        ("City", "city", "city"),
    ):
        editor.property.fill(typed)
        editor.property.press("Tab")
        expect(editor.property).to_have_attribute("data-words", words)
        editor.saved()
        assert content(form)["steps"][0]["blocks"][-1]["property"] == name
    editor.property.fill("Nothing of this")
    editor.property.press("Escape")
    editor.property.fill("")
    editor.property.press("Tab")
    expect(editor.property).to_have_value("city")


def test_the_preview_shows_a_phone_and_a_dark_page(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    editor = Editor(page).open(form)
    editor.show("Kind and look", "Kind and look")
    editor.input("Colors of the shop's page").check()
    editor.saved()
    panel = editor.preview.locator(".panel")
    light = panel.evaluate("each => getComputedStyle(each).backgroundColor")
    page.get_by_role("button", name="Dark page").click()
    expect(page.get_by_role("button", name="Dark page")).to_have_attribute("aria-pressed", "true")
    assert panel.evaluate("each => getComputedStyle(each).backgroundColor") != light
    page.get_by_role("button", name="Phone").click()
    assert page.locator("#preview-page").evaluate("each => each.offsetWidth") == 375
    assert barriers(page) == []
