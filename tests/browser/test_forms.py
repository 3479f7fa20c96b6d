"""The pages of forms in a real browser: order, targeting by keyboard, figures, settings; axe."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from forms_targeting.engine.publishing import add_variant, get_form, publish
from forms_targeting.models import Form
from forms_targeting.rules.rule import rule_kinds
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.builders.form_traffic import form_submission, form_view
from tests.builders.forms import live_form, new_form
from tests.builders.shops import new_segment
from tests.fixtures.browser import SCREENS, OpenBrowser, barriers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def form(account: Account, owner: User) -> Form:
    """A live form with two variants that visitors have seen, and a draft behind it."""
    at = now()
    for name, size in (("Almost there", 1284), ("Low CLV", 640)):
        new_segment(account, name, size=size)
    form, version = live_form(account, "Newsletter", at=at - timedelta(days=40), user=owner)
    add_variant(form=form, at=at)
    other = publish(form=form, user=owner, at=at)[0]
    for number in range(60):
        key = form_view(version if number % 2 else other, at=at - timedelta(days=number % 20))
        if number % 5 == 0:
            form_submission(version, key, at=at - timedelta(days=number % 20))
    new_form(account, "Quiz", at=at)
    return form


def rule_rows(page: Page) -> int:
    return page.locator("#rules [data-row]").count()


def fits(page: Page) -> bool:
    """Whether the page needs no sideways scrolling."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_the_pages_have_no_barriers(
    form: Form, owner: User, open_browser: OpenBrowser, width: int, theme: str
) -> None:
    page = open_browser(owner, width=width, theme=theme)
    for path in (
        "/forms/",
        f"/forms/{form.key}/?by=variant",
        f"/forms/{form.key}/targeting",
        f"/forms/{form.key}/versions",
        f"/forms/{form.key}/use",
        "/settings/site",
    ):
        page.goto(path)
        assert barriers(page) == [], path
        assert fits(page), path


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_every_kind_of_rule_and_trigger_has_a_row_without_barriers(
    form: Form, marketer: User, open_browser: OpenBrowser, width: int, theme: str
) -> None:
    page = open_browser(marketer, width=width, theme=theme)
    page.goto(f"/forms/{form.key}/targeting")
    for number, kind in enumerate(sorted(rule_kinds), start=1):
        page.select_option("#new-rules", kind)
        page.get_by_role("button", name="Add a rule").click()
        expect(page.locator("#rules [data-row]")).to_have_count(number)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("[data-problems]")).to_be_focused()
    assert rule_rows(page) == len(rule_kinds)
    assert barriers(page) == []
    assert fits(page)


def test_targeting_is_edited_by_keyboard_and_its_words_follow(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto(f"/forms/{form.key}/targeting")
    words = page.locator("#targeting-words")
    expect(words).to_contain_text("Every visitor, on every page.")
    page.locator("#new-rules").focus()
    page.select_option("#new-rules", "segments")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comparison")).to_be_focused()
    expect(words).to_contain_text("1 thing is missing or wrong.")
    page.get_by_label("Comparison").select_option("none")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(words).to_contain_text("The visitor is not known to be in “Almost there”.")
    page.locator("#new-triggers").select_option("delay")
    page.get_by_role("button", name="Add a trigger").press("Enter")
    seconds = page.get_by_role("textbox", name="Seconds")
    expect(seconds).to_be_focused()
    seconds.fill("12")
    expect(words).to_contain_text("After some seconds: 12")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Visitors see the form by these rules from now on.")).to_be_visible()
    expect(seconds).to_have_value("12")
    rows = page.locator("#triggers [data-row]")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Remove “At once”").press("Enter")
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="Remove “After some seconds”")).to_be_focused()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)
    expect(page.locator("#new-triggers")).to_be_focused()
    expect(page.get_by_text("No triggers: it appears at once.")).to_be_visible()
    expect(words).to_contain_text("At once")


def test_what_is_missing_keeps_what_was_entered(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=390)
    page.goto(f"/forms/{form.key}/targeting")
    page.select_option("#new-rules", "utm")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("Parameter").select_option("source")
    page.get_by_label("After closing, again after days").fill("often")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("A number is needed here.")).to_be_visible()
    expect(page.get_by_text("This is needed.")).to_be_visible()
    expect(page.get_by_label("Parameter")).to_have_value("source")
    assert barriers(page) == []


def test_the_order_is_changed_and_the_focus_stays(
    form: Form, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer)
    page.goto("/forms/")
    names = page.locator("#forms tbody .row-link")
    expect(names).to_have_text(["Newsletter", "Quiz"])
    page.get_by_role("button", name="Move “Newsletter” down").press("Enter")
    expect(names).to_have_text(["Quiz", "Newsletter"])
    expect(page.get_by_role("button", name="Move “Newsletter” down")).to_be_focused()
    page.get_by_label("Search forms").fill("news")
    expect(names).to_have_text(["Newsletter"])
    names.first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Newsletter")


def test_a_draft_is_published_paused_and_deleted(
    form: Form, account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    draft = Form.objects.get(name="Quiz")
    page = open_browser(marketer)
    page.goto(f"/forms/{draft.key}/")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("button", name="Publish the form").click()
    expect(page.get_by_text("“Quiz” is live.")).to_be_visible()
    assert get_form(account, draft.key).status == "live"
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Pause the form").click()
    expect(page.get_by_text("“Quiz” is paused: nobody sees it.")).to_be_visible()
    page.locator("summary[aria-label='More for this form']").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the form").click()
    expect(page.get_by_text("“Quiz” is deleted.")).to_be_visible()
    assert not Form.objects.filter(pk=draft.pk).exists()


def test_figures_change_with_the_days_and_the_part(
    form: Form, viewer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(viewer)
    page.goto(f"/forms/{form.key}/")
    views = page.locator(".figures dd").first
    expect(views).to_have_text("60")
    page.get_by_role("link", name="7 days", exact=True).first.click()
    expect(views).to_have_text("21")
    page.get_by_role("link", name="By device").click()
    expect(page.locator("#figures tbody tr").last).to_contain_text("Phone")
    page.go_back()
    expect(page.get_by_role("link", name="By day")).to_have_attribute("aria-current", "true")


def test_the_secret_is_shown_once(form: Form, owner: User, open_browser: OpenBrowser) -> None:
    page = open_browser(owner)
    page.goto("/settings/site")
    page.locator("main").get_by_role("button", name="Make a new secret").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a new secret").click()
    expect(page.get_by_label("The identity secret")).to_have_value(re.compile(r"[\w-]{40}"))
    assert barriers(page) == []
