"""Drafts in a real browser: Back, a second tab, an ended session, and two people at one segment."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from profiles.ingest.store import ingest_profiles
from segmenter.accounts.models import Account, Role, User
from segments.engine.editing import save_segment
from segments.models import Draft, Segment
from tests.builders.definitions import either, of_country
from tests.fixtures.browser import OpenBrowser, barriers, wait_until
from tests.fixtures.cast import AT, PASSWORD, seat

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "/segments/new"


@pytest.fixture(autouse=True)
def crowd(account: Account) -> None:
    """Twelve people in Sweden, eight in Norway."""
    records = [
        {"email": f"p{n}@example.com", "location": {"country": "Sweden" if n < 12 else "Norway"}}
        for n in range(20)
    ]
    assert ingest_profiles(account=account, records=records, at=AT).accepted == 20


@pytest.fixture
def segment(account: Account, marketer: User) -> Segment:
    return save_segment(
        account=account, user=marketer, name="North", definition=either(of_country("Sweden")), at=AT
    )


def build(page: Page, name: str, country: str, count: str) -> None:
    """Name a segment and ask for a country."""
    page.get_by_label("Name", exact=True).fill(name)
    box = page.get_by_role("combobox", name="New condition").last
    box.fill("country")
    box.press("Enter")
    write(page, country, count)


def write(page: Page, country: str, count: str) -> None:
    page.locator("#rows").get_by_role("combobox", name="Text", exact=True).last.fill(country)
    expect(page.locator(".outlook-count strong")).to_have_text(count)


def shows(page: Page, name: str, country: str) -> None:
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    value = page.locator("#rows").get_by_role("combobox", name="Text", exact=True).last
    expect(value).to_have_value(country)


def sign_in(page: Page, user: User) -> None:
    page.get_by_role("textbox").first.fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def save(page: Page) -> None:
    page.get_by_role("button", name="Save segment").click()


def wait_for_draft(page: Page, **fields: object) -> None:
    """Wait until the draft holds this: what a page sends as it goes arrives a moment later."""
    for _ in range(100):
        if Draft.objects.filter(**fields).exists():
            return
        page.wait_for_timeout(100)
    pytest.fail(f"No draft holds {fields}.")


def test_back_and_reload_show_the_draft_as_it_was_last_written(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    build(page, "Not yet", "Norway", "8")
    page.get_by_label("Tags").fill("spring")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Profiles").click()
    page.wait_for_url("**/profiles/")
    wait_for_draft(page, name="Not yet", tags=["spring"])
    page.go_back()
    shows(page, "Not yet", "Norway")
    expect(page.locator("#restored")).to_contain_text("Restored your draft from")
    expect(page.locator(".tags .chip")).to_contain_text("spring")
    write(page, "Sweden", "12")
    page.reload()
    shows(page, "Not yet", "Sweden")
    page.get_by_role("button", name="Undo").click()
    shows(page, "Not yet", "Norway")
    page.get_by_role("button", name="Redo").click()
    shows(page, "Not yet", "Sweden")
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_role("combobox", name="New condition")).to_be_visible()
    expect(page.locator("#restored")).to_have_count(0)
    assert not Draft.objects.filter(closed=None).exists()


def test_what_was_typed_just_before_leaving_is_in_the_draft(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    page.get_by_label("Name", exact=True).fill("In a hurry")
    page.evaluate("location.assign('/profiles/')")
    page.wait_for_url("**/profiles/")
    wait_for_draft(page, name="In a hurry")
    page.go_back()
    expect(page.get_by_label("Name", exact=True)).to_have_value("In a hurry")


def test_a_second_tab_has_a_draft_of_its_own(marketer: User, open_browser: OpenBrowser) -> None:
    one = open_browser(marketer, width=1440)
    one.goto(NEW, wait_until="networkidle")
    build(one, "One", "Norway", "8")
    other = one.context.new_page()
    other.goto(NEW, wait_until="networkidle")
    expect(other.get_by_label("Name", exact=True)).to_have_value("")
    expect(other.locator("#drafts summary")).to_contain_text("You have 1 unfinished draft")
    build(other, "Other", "Sweden", "12")
    one.reload()
    shows(one, "One", "Norway")
    other.reload()
    shows(other, "Other", "Sweden")


def test_unfinished_drafts_are_opened_and_discarded_by_keyboard(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    for name in ("One", "Other"):
        page.goto(NEW, wait_until="networkidle")
        build(page, name, "Norway", "8")
    page.goto("/segments/", wait_until="networkidle")
    page.locator("#drafts summary").focus()
    page.keyboard.press("Enter")
    assert barriers(page) == []
    page.get_by_role("link", name="One", exact=True).press("Enter")
    shows(page, "One", "Norway")
    page.goto(NEW, wait_until="networkidle")
    page.locator("#drafts summary").press("Enter")
    page.locator("#drafts li", has_text="Other").get_by_role("button").press("Enter")
    expect(page.locator("#drafts summary")).to_contain_text("You have 1 unfinished draft")


@pytest.mark.parametrize("last", ["typed", "saved"])
def test_after_the_session_ended_one_is_back_with_all_that_was_written(
    last: str, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    build(page, "Before", "Norway", "8")
    Session.objects.all().delete()
    if last == "typed":
        page.get_by_label("Name", exact=True).fill("Unsent")
    else:
        page.get_by_label("Name", exact=True).evaluate("(input) => { input.value = 'Unsent' }")
        save(page)
    page.wait_for_url("**/sign-in?next=**")
    expect(page.locator("#unsent")).to_contain_text("What you wrote is kept")
    sign_in(page, marketer)
    page.wait_for_url("**/segments/new?draft=*")
    shows(page, "Unsent", "Norway")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Unsent")
    wait_until(page, "!Object.keys(sessionStorage).some((n) => n.startsWith('unsent'))")


def test_who_signs_in_after_somebody_else_gets_nothing_of_theirs(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    other = seat(account, Role.MARKETER, "other@example.com")
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    build(page, "Before", "Norway", "8")
    Session.objects.all().delete()
    page.get_by_label("Name", exact=True).fill("Secret")
    page.wait_for_url("**/sign-in?next=**")
    page.goto("/sign-in?next=/segments/new")
    sign_in(page, other)
    page.wait_for_url("**/segments/new")
    expect(page.get_by_label("Name", exact=True)).to_have_value("")
    expect(page.locator("#drafts")).to_have_count(0)
    storage_text = page.evaluate("JSON.stringify(Object.entries(sessionStorage))")
    assert "Secret" not in storage_text
    assert "Norway" not in storage_text
    assert list(Draft.objects.values_list("user", "name")) == [(marketer.pk, "Before")]


def test_signing_in_again_in_another_tab_does_not_stop_the_first(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    build(page, "Goes on", "Norway", "8")
    Session.objects.all().delete()
    other = page.context.new_page()
    other.goto("/segments/")
    sign_in(other, marketer)
    other.wait_for_url("**/segments/")
    write(page, "Sweden", "12")
    save(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Goes on")


# --- two people ----------------------------------------------------------------------------------


@pytest.fixture
def conflict(account: Account, marketer: User, segment: Segment, open_browser: OpenBrowser) -> Page:
    """One renames the segment while Beata changes its condition."""
    page = open_browser(marketer, width=1440)
    page.goto(f"/segments/{segment.key}/edit", wait_until="networkidle")
    page.get_by_label("Name", exact=True).fill("Renamed")
    beata = seat(account, Role.MARKETER, "beata@example.com")
    save_segment(
        account=account,
        user=beata,
        name="North",
        definition=either(of_country("Norway")),
        segment=segment,
        at=AT,
    )
    save(page)
    dialog = page.get_by_role("dialog", name="Beata changed this segment meanwhile")
    expect(dialog).to_contain_text("Current definition")
    expect(dialog).to_contain_text("Norway")
    page.wait_for_load_state("networkidle")
    return page


def press(page: Page, words: str) -> None:
    """Reach a button by Tab alone, and press it."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText") == words:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"Tab does not lead to {words!r}.")


def now_is(segment: Segment, name: str, country: str) -> None:
    segment.refresh_from_db()
    assert (segment.name, segment.definition) == (name, either(of_country(country)))


def test_theirs_can_be_taken(conflict: Page, segment: Segment) -> None:
    assert barriers(conflict) == []
    press(conflict, "Take theirs, discard mine")
    shows(conflict, "North", "Norway")
    now_is(segment, "North", "Norway")


def test_mine_can_be_saved_over_theirs(conflict: Page, segment: Segment) -> None:
    press(conflict, "Save mine over theirs")
    conflict.get_by_role("button", name="Save the change").press("Enter")
    expect(conflict.get_by_role("heading", level=1)).to_have_text("Renamed")
    now_is(segment, "Renamed", "Sweden")


def test_mine_can_be_saved_beside_theirs(conflict: Page, segment: Segment) -> None:
    press(conflict, "Save mine as a new segment")
    expect(conflict.get_by_role("heading", level=1)).to_have_text("Renamed")
    now_is(segment, "North", "Norway")
    assert Segment.objects.get(name="Renamed").definition == either(of_country("Sweden"))


def test_theirs_can_be_looked_at_while_mine_waits(conflict: Page) -> None:
    with conflict.context.expect_page() as new_page:
        conflict.get_by_role("link", name="See the segment as it is now").click()
    expect(new_page.value.locator("body")).to_contain_text("Norway")
    conflict.keyboard.press("Escape")
    shows(conflict, "Renamed", "Sweden")
    conflict.reload()
    shows(conflict, "Renamed", "Sweden")


# --- what is missing, and what is too much -------------------------------------------------------


def test_saving_nothing_says_what_comes_first_and_goes_there(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    page.get_by_label("Name", exact=True).fill("Nothing")
    save(page)
    expect(page.locator("#missing")).to_have_text("Add a condition first.")
    expect(page.get_by_role("combobox", name="New condition")).to_be_focused()
    assert page.url.partition("?")[0].endswith(NEW), "reload does not send the form again"
    box = page.get_by_role("combobox", name="New condition")
    box.fill("country")
    box.press("Enter")
    expect(page.locator("#rows .condition:not(.blank)")).to_have_count(1)
    page.get_by_label("Name", exact=True).fill("")
    save(page)
    expect(page.locator("#missing")).to_have_text("2 things are missing.")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    assert barriers(page) == []


def test_one_condition_too_many_is_refused_above_the_rows(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    many = either(*[of_country("Sweden")] * 100)
    segment = save_segment(account=account, user=marketer, name="Many", definition=many, at=AT)
    page = open_browser(marketer, width=1440)
    page.goto(f"/segments/{segment.key}/edit", wait_until="networkidle", timeout=60_000)
    page.get_by_role("button", name="or condition").click()
    expect(page.locator("#refusal")).to_contain_text("at most 100 conditions, not 101")
    expect(page.locator("#rows .condition")).to_have_count(100)
    page.locator("#rows .condition").last.get_by_role("combobox", name="Text").press(
        "Control+Delete"
    )
    expect(page.locator("#rows .condition")).to_have_count(99)
    expect(page.locator("#refusal .banner")).to_have_count(0)


def test_a_save_pressed_while_a_change_is_on_its_way_holds_the_change(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    build(page, "Both", "Norway", "8")
    routes: list[Route] = []
    page.route("**/builder/change", lambda route: routes.append(route))
    with page.expect_request("**/builder/change"):
        page.keyboard.press("Control+d")
    save(page)
    expect(page.locator("#rows")).to_have_attribute("aria-busy", "true")
    routes[0].continue_()
    expect(page.get_by_role("heading", level=1)).to_have_text("Both")
    [group] = Segment.objects.get().definition["condition_groups"]
    assert len(group["conditions"]) == 2


def test_the_ready_made_segments_that_arrive_during_a_change_do_not_take_its_focus(
    account: Account, marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    routes: list[Route] = []
    page.route("**/library/cards", lambda route: routes.append(route))
    page.route("**/builder/change", lambda route: routes.append(route))
    page.goto(NEW)
    expect(page.get_by_role("combobox", name="New condition")).to_be_focused()
    page.keyboard.type("country")
    with page.expect_request("**/builder/change"):
        page.keyboard.press("Enter")
    expect(page.locator("#rows")).to_have_attribute("aria-busy", "true")
    cards, change = routes
    cards.continue_()
    expect(page.locator("#library-cards > *").first).to_be_visible()
    expect(page.locator("#rows")).to_have_attribute("aria-busy", "true")
    change.continue_()
    expect(page.locator("#rows .sentence :is(select, input):focus")).to_have_count(1)


def test_a_count_that_takes_the_focused_button_away_leads_to_the_input(
    marketer: User, open_browser: OpenBrowser
) -> None:
    page = open_browser(marketer, width=1440)
    page.goto(NEW, wait_until="networkidle")
    page.get_by_role("combobox", name="New condition").fill("country")
    page.keyboard.press("Enter")
    box = page.get_by_role("combobox", name="Text")
    expect(box).to_be_focused()
    routes: list[Route] = []
    page.route("**/builder/preview", lambda route: routes.append(route))
    with page.expect_request("**/builder/preview"):
        page.keyboard.type("Norway")
    missing = page.locator("#rows .missing button")
    missing.focus()
    expect(missing).to_be_focused()
    for route in routes:
        route.continue_()
    page.unroute("**/builder/preview")
    expect(missing).to_have_count(0)
    expect(box).to_be_focused()
