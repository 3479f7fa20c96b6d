"""The renderer of forms in a real browser: every kind, every input, by mouse and by keyboard."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from forms_targeting.content.form_content import KINDS
from tests.builders.form_contents import (
    button,
    consent,
    email_input,
    heading,
    input_block,
    newsletter,
    public,
    step,
)
from tests.draws import portion
from tests.fixtures.browser import OpenBrowser, barriers
from tests.fixtures.shop_site import ShopAnswer, ShopSite

pytestmark = pytest.mark.django_db(transaction=True)

DRAW = """async ({content, options, answer}) => {
  const {renderForm} = await import("/form.js");
  const host = document.createElement("div");
  const isEmbedded = content.kind === "embedded" || options.isPreview;
  (isEmbedded ? document.querySelector("#place") : document.documentElement).append(host);
  window.submissions = [];
  window.closings = [];
  window.drawing = renderForm(content, {
    host, ...options,
    onSubmit: async (answers) => { submissions.push(answers); return answer ?? {ok: true}; },
    onClose: (state) => closings.push(state),
  });
  drawing.open();
}"""
PAGE = '<p>Words above</p><div id="place"></div><button id="buy">Buy</button>'
ALL_KINDS = [kind for kind, _label in KINDS]
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:"


def draw(
    page: Page,
    shop: ShopSite,
    record: dict[str, Any],
    *,
    options: dict[str, Any] | None = None,
    answer: dict[str, Any] | None = None,
    body: str = PAGE,
    head: str = "",
    language: str = "en",
) -> None:
    page.goto(shop.page("/", body, head=head, policy=STRICT))
    page.locator("#buy").focus()
    content = public(record, language)
    page.evaluate(DRAW, {"content": content, "options": options or {}, "answer": answer})


@pytest.mark.parametrize(("kind", "width"), portion(product(ALL_KINDS, [390, 1280]), 7))
def test_each_kind_is_filled_in_submitted_and_shows_its_success_step(
    kind: str, width: int, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser(width=width)
    draw(page, shop_site, newsletter(kind))
    expect(page.get_by_role("heading", name="10 % off your first order")).to_be_visible()
    assert barriers(page) == []
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_label("I want offers by e-mail.").check()
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("HELLO10")).to_be_visible()
    assert barriers(page) == []
    [submission] = page.evaluate("submissions")
    assert submission == {
        "stepId": "start",
        "website": "",
        "values": {"email": "anna@example.com"},
        "consents": {"agree": True},
    }


@pytest.mark.parametrize("kind", ["popup", "full_page"])
def test_a_dialog_keeps_the_focus_and_gives_it_back(
    kind: str, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter(kind))
    dialog = page.get_by_role("dialog", name="10 % off your first order")
    expect(dialog).to_be_visible()
    names = []
    for _press in range(7):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate("""() => {
              const focus = document.querySelector("html > div").shadowRoot.activeElement;
              return focus.ariaLabel || focus.name || focus.id || focus.textContent;
            }""")
        )
    assert names[0] == "Close" == names[6]
    assert len(set(names)) == 6
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="No, thanks")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#buy")).to_be_focused()
    assert page.evaluate("closings") == [{"isSubmitted": False}]


@pytest.mark.parametrize("kind", ["flyout", "banner"])
def test_what_is_no_dialog_leaves_focus_and_page_alone_and_closes_with_escape(
    kind: str, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter(kind))
    form = page.get_by_role("dialog", name="10 % off your first order")
    expect(form).to_be_visible()
    expect(page.locator("#buy")).to_be_focused()
    page.locator("#buy").click()
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()


def test_errors_stand_at_their_inputs_and_the_first_has_the_focus(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    record = newsletter() | {"language": "sv"}
    record["steps"][0]["blocks"][3]["is_required"] = True
    draw(page, shop_site, record)
    email = page.get_by_label("E-mail address")
    agree = page.get_by_label("I want offers by e-mail.")
    email.fill("anna@")
    page.get_by_role("button", name="Sign up").click()
    expect(email).to_be_focused()
    expect(email).to_have_accessible_description(
        "Ange en e-postadress, till exempel namn@example.com."
    )
    expect(agree).to_have_accessible_description("Kryssa i rutan för att fortsätta.")
    assert barriers(page) == []
    email.fill("anna@example.com")
    expect(email).to_have_accessible_description("")
    agree.check()
    page.keyboard.press("Enter")
    expect(page.get_by_text("HELLO10")).to_be_visible()


def test_what_the_server_refuses_is_shown_at_its_input(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter(), answer={"errors": {"email": "This address is misspelt."}})
    email = page.get_by_label("E-mail address")
    email.fill("anna@example.con")
    email.press("Enter")
    expect(email).to_have_accessible_description("This address is misspelt.")
    expect(email).to_be_focused()


def test_a_failure_without_a_place_is_said_above_the_button(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter(), answer={"errors": {}})
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("alert")).to_have_text("This could not be sent. Please try again.")


OPTIONS = [{"value": "red", "label": "Red"}, {"value": "blue", "label": "Blue"}]
QUIZ = {
    "kind": "popup",
    "steps": [
        step(
            "colors",
            heading("Which one?"),
            input_block("properties.Color", "radio", "Color", options=OPTIONS, is_required=True),
            button("Next", "next"),
            color_red="end",
        ),
        step(
            "more",
            input_block("first_name", "text", "First name"),
            input_block("properties.Notes", "long_text", "Notes"),
            input_block("phone_number", "phone", "Phone"),
            input_block("properties.Size", "number", "Size"),
            input_block("properties.Born", "date", "Born"),
            input_block("country", "select", "Country", options=OPTIONS),
            input_block("properties.Likes", "checkboxes", "Likes", options=OPTIONS),
            input_block("properties.Vegan", "checkbox", "I am vegan"),
            input_block("properties.From", "hidden", "", value="quiz"),
            button("On", "next", id="on"),
        ),
        step("end", email_input(), consent(), button("Send")),
    ],
}


def test_every_input_gives_its_value_and_steps_before_are_sent_too(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, QUIZ)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("radio", name="Red")).to_be_focused()
    page.get_by_label("Blue").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("First name").fill("  Anna ")
    page.get_by_label("Notes").fill("one\ntwo")
    page.get_by_label("Phone").fill("+46 70 123 45 67")
    page.get_by_label("Size").fill("1 234,5")
    page.get_by_label("Born").fill("1990-02-28")
    page.get_by_label("Country").select_option("Blue")
    page.get_by_label("Red").check()
    page.get_by_label("Blue").check()
    page.get_by_label("I am vegan").check()
    assert barriers(page) == []
    page.get_by_role("button", name="On").click()
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    [submission] = page.evaluate("submissions")
    assert submission["stepId"] == "end"
    assert submission["consents"] == {}
    assert submission["values"] == {
        "color": "blue",
        "first_name": "Anna",
        "notes": "one\ntwo",
        "phone_number": "+46 70 123 45 67",
        "size": 1234.5,
        "born": "1990-02-28",
        "country": "blue",
        "likes": ["red", "blue"],
        "vegan": True,
        "from": "quiz",
        "email": "anna@example.com",
    }


def test_a_branch_leaves_steps_out_with_their_inputs(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, QUIZ)
    page.get_by_label("Red").check()
    page.get_by_role("button", name="Next").click()
    page.get_by_label("E-mail address").fill("anna@example.com")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Thank you!")).to_be_visible()
    [submission] = page.evaluate("submissions")
    assert submission["values"] == {"color": "red", "email": "anna@example.com"}


@pytest.mark.parametrize(
    ("label", "text", "reason"),
    [
        ("Phone", "call me", "Please enter a phone number"),
        ("Phone", "12345", "Please enter a phone number"),
        ("Size", "12 cm", "Please enter a number."),
        ("Size", "1e400", "Please enter a number."),
    ],
)
def test_a_value_that_cannot_be_is_refused_before_it_is_sent(
    label: str, text: str, reason: str, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, QUIZ)
    page.evaluate('drawing.goTo("more")')
    page.get_by_label(label).fill(text)
    page.get_by_role("button", name="On").click()
    expect(page.get_by_label(label)).to_be_focused()
    expect(page.get_by_text(reason)).to_be_visible()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_preview_is_drawn_in_its_box_and_takes_no_focus(
    kind: str, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    body = PAGE.replace('id="place"', 'id="place" class="box"')
    draw(page, shop_site, newsletter(kind), options={"isPreview": True}, body=body)
    expect(page.get_by_role("heading", name="10 % off your first order")).to_be_visible()
    expect(page.locator("#buy")).to_be_focused()
    page.evaluate('drawing.goTo("thanks")')
    expect(page.get_by_text("HELLO10")).to_be_visible()
    expect(page.locator("#buy")).to_be_focused()
    assert page.evaluate("""() => {
      const place = document.querySelector("#place").getBoundingClientRect();
      const form = drawing.element.getBoundingClientRect();
      return form.top >= place.top && form.bottom <= place.bottom + 1
        && form.left >= place.left && form.right <= place.right + 1;
    }""")
    page.evaluate("drawing.destroy()")
    expect(page.get_by_text("HELLO10")).to_have_count(0)


DARK = "body { background: #101418; color: #e8e8e8 } button { background: #ffd166; color: #111 }"
PAGE_COLORS = [
    DARK,
    "body { background: oklch(0.97 0.02 90); color: #999 } button { background: #eee }",
    ":root { color-scheme: dark }",
    "button { background: #0a5; color: #fff; border-radius: 99px } body { color: #777 }",
]


@pytest.mark.parametrize(("kind", "css"), portion(product(ALL_KINDS, PAGE_COLORS), 7))
def test_colors_of_the_page_are_readable_on_any_page(
    kind: str, css: str, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    shop_site.answers["/page.css"] = ShopAnswer(css, "text/css")
    page = open_browser()
    head = '<link rel="stylesheet" href="/page.css">'
    draw(page, shop_site, newsletter(kind, from_page=True), head=head)
    expect(page.get_by_role("heading", name="10 % off your first order")).to_be_visible()
    page.get_by_role("button", name="Sign up").click()
    expect(page.get_by_text("Please fill this in.")).to_be_visible()
    assert [
        each
        for each in barriers(page)
        if "Words above" not in each and 'id="buy"' not in each and "<h1>" not in each
    ] == []


def test_colors_of_the_page_are_those_of_its_body_and_buttons(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    shop_site.answers["/page.css"] = ShopAnswer(DARK, "text/css")
    page = open_browser()
    head = '<link rel="stylesheet" href="/page.css">'
    draw(page, shop_site, newsletter(from_page=True), head=head)
    expect(page.locator(".panel")).to_have_css("background-color", "rgb(16, 20, 24)")
    expect(page.locator(".panel")).to_have_css("color", "rgb(232, 232, 232)")
    sign_up = page.get_by_role("button", name="Sign up")
    expect(sign_up).to_have_css("background-color", "rgb(255, 209, 102)")


def test_letters_typed_into_a_form_are_no_shortcuts_of_the_page(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter("flyout"))
    page.evaluate("""() => {
      window.shortcuts = [];
      document.addEventListener("keydown", (event) => shortcuts.push(event.key));
    }""")
    page.get_by_label("E-mail address").press_sequentially("a/b")
    assert page.evaluate("shortcuts") == []
    page.locator("#buy").press("a")
    assert page.evaluate("shortcuts") == ["a"]


@pytest.mark.parametrize("kind", ["popup", "full_page", "flyout"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_form_that_is_higher_than_the_window_scrolls_within_it(
    kind: str, width: int, open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser(width=width, height=300)
    draw(page, shop_site, newsletter(kind), body=PAGE + "<p>line</p>" * 200)
    last = page.get_by_role("button", name="No, thanks")
    last.focus()
    expect(last).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)
    assert page.evaluate("scrollY") == 0


def test_the_page_does_not_scroll_under_a_dialog(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    draw(page, shop_site, newsletter(), body=PAGE + "<p>line</p>" * 200)
    expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate("""() => {
      window.wheel = new Promise((done) => addEventListener(
        "wheel", (event) => done(event.defaultPrevented)));
    }""")
    page.mouse.move(640, 450)
    page.mouse.wheel(0, 500)
    assert page.evaluate("wheel") is True
    assert page.evaluate("scrollY") == 0


def test_nothing_on_the_page_moves_when_a_form_appears(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    for kind in ("popup", "full_page", "flyout", "banner"):
        draw(page, shop_site, newsletter(kind), body=PAGE + "<p>line</p>" * 200)
        expect(page.get_by_role("dialog")).to_be_visible()
        assert (
            page.evaluate("""() => new Promise((done) => {
          const shifts = new PerformanceObserver((list) => done(list.getEntries().length));
          shifts.observe({type: "layout-shift", buffered: true});
          requestAnimationFrame(() => requestAnimationFrame(() => done(0)));
        })""")
            == 0
        )


def test_inputs_are_large_enough_that_phones_do_not_zoom(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    shop_site.answers["/page.css"] = ShopAnswer("html { font-size: 4px }", "text/css")
    page = open_browser(width=390)
    draw(page, shop_site, newsletter(), head='<link rel="stylesheet" href="/page.css">')
    expect(page.get_by_label("E-mail address")).to_have_css("font-size", "16px")


def test_a_form_in_arabic_is_laid_out_from_right_to_left(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    record = newsletter()
    record["steps"][0]["blocks"][0]["text"] = "خصم عشرة بالمئة"
    draw(page, shop_site, record)
    closer = page.get_by_role("button", name="Close").bounding_box()
    panel = page.locator(".panel").bounding_box()
    assert closer
    assert panel
    assert closer["x"] < panel["x"] + panel["width"] / 2


def test_text_that_looks_like_markup_stays_text(
    open_browser: OpenBrowser, shop_site: ShopSite
) -> None:
    page = open_browser()
    record = newsletter()
    record["steps"][0]["blocks"][0]["text"] = "<img src=x onerror=alert(1)>"
    draw(page, shop_site, record)
    expect(page.get_by_role("heading", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator("img").count() == 0
