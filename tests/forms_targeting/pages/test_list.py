"""The list of forms: figures, order, search; what is done to one form; its versions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forms_targeting.engine.form_order import forms_in_order
from forms_targeting.engine.publishing import (
    add_variant,
    archive,
    get_variant,
    publish,
    save_content,
)
from forms_targeting.models import Form, FormStatus
from segmenter.accounts.models import Account, User
from segmenter.kernel.clock import now
from tests.builders.form_traffic import form_submission, form_view
from tests.builders.forms import form_content, live_form, new_form
from tests.fixtures.cast import SignIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(marketer: User, sign_in: SignIn) -> Client:
    return sign_in(marketer)


def names(browser: Client, **query: str) -> list[str]:
    return [row.form.name for row in browser.get("/forms/", query).context["rows"]]


def test_an_account_without_forms_is_told_what_they_are_for(browser: Client) -> None:
    page = browser.get("/forms/").content.decode()
    assert "No forms yet" in page
    assert 'role="search"' not in page.partition("<main")[2].partition("</main>")[0]


def test_the_list_shows_the_figures_of_thirty_days(account: Account, browser: Client) -> None:
    at = now()
    _form, version = live_form(account, at=at - timedelta(days=60))
    for days in (0, 1, 29, 30, 45):
        key = form_view(version, at=at - timedelta(days=days))
    form_submission(version, key, at=at)
    row = browser.get("/forms/").context["rows"][0]
    assert (row.figures.views, row.figures.submissions, row.rate) == (3, 1, "33.3%")


def test_the_list_is_searched_filtered_and_sorted(account: Account, browser: Client) -> None:
    _first, version = live_form(account, "Quiz")
    live_form(account, "news")
    archive(form=new_form(account, "Attic"), at=now())
    new_form(account, "Draft of news")
    form_view(version, at=now())
    assert names(browser) == ["Quiz", "news", "Draft of news"]
    assert names(browser, q="NEWS") == ["news", "Draft of news"]
    assert names(browser, status="archived") == ["Attic"]
    assert names(browser, status="live", q="qu") == ["Quiz"]
    assert names(browser, sort="name") == ["Draft of news", "news", "Quiz"]
    assert names(browser, sort="-views")[0] == "Quiz"
    assert names(browser, sort="rubbish", status="rubbish") == ["Quiz", "news", "Draft of news"]
    assert "No form like that" in browser.get("/forms/", {"q": "zzz"}).content.decode()


def test_the_list_costs_the_same_for_many_forms(account: Account, browser: Client) -> None:
    new_form(account)
    browser.get("/forms/")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get("/forms/")
        counts.append(len(queries))
        for number in range(5):
            live_form(account, f"Form {number}")
    assert counts[0] == counts[1]


def test_a_form_is_moved_up_and_down(account: Account, browser: Client) -> None:
    first, second, third = (new_form(account, name) for name in "abc")
    answer = browser.post(f"/forms/{third.key}/move", {"way": "up"}, headers={"HX-Request": "true"})
    assert [row.form.name for row in answer.context["rows"]] == ["a", "c", "b"]
    assert answer.content.decode().lstrip().startswith("<section")
    assert browser.post(f"/forms/{first.key}/move", {"way": "down"}).status_code == 302
    assert forms_in_order(account) == [third, first, second]


def test_a_form_goes_through_its_life(account: Account, browser: Client) -> None:
    form = new_form(account, "News")
    steps = [
        ("publish", FormStatus.LIVE, "“News” is live."),
        ("delete", FormStatus.LIVE, "A live form cannot be deleted. Pause it first."),
        ("pause", FormStatus.PAUSED, "“News” is paused: nobody sees it."),
        ("archive", FormStatus.ARCHIVED, "“News” is archived."),
        ("publish", FormStatus.ARCHIVED, "The form is archived. Restore it before publishing."),
        ("restore", FormStatus.PAUSED, "“News” is back, and paused."),
        ("restore", FormStatus.PAUSED, "The form is not what it was: it is Paused now."),
    ]
    for verb, status, words in steps:
        answer = browser.post(f"/forms/{form.key}/{verb}", follow=True)
        form.refresh_from_db()
        assert form.status == status
        assert [str(message) for message in answer.context["messages"]] == [words]
    answer = browser.post(f"/forms/{form.key}/delete", follow=True)
    assert not Form.objects.exists()
    assert answer.redirect_chain[-1][0] == "/forms/"


def test_what_cannot_be_published_says_where(account: Account, browser: Client) -> None:
    form = new_form(account)
    Form.objects.update(rules=[{"rule": "gone"}])
    form.variants.update(content={})
    answer = browser.post(f"/forms/{form.key}/publish", follow=True)
    message = str(next(iter(answer.context["messages"])))
    assert "Targeting: There is no such kind of rule." in message
    assert "Content: There is no such kind of form." in message


def test_a_copy_is_opened_and_a_name_is_checked(account: Account, browser: Client) -> None:
    form = new_form(account, "News")
    answer = browser.post(f"/forms/{form.key}/duplicate", follow=True)
    assert answer.context["form"].name == "Copy of News"
    browser.post(f"/forms/{form.key}/rename", {"name": " Other  name "})
    form.refresh_from_db()
    assert form.name == "Other name"
    answer = browser.post(f"/forms/{form.key}/rename", {"name": " "}, follow=True)
    assert "between 1 and 120" in str(list(answer.context["messages"])[-1])


def test_the_page_tells_of_changes_that_visitors_do_not_see(
    account: Account, browser: Client
) -> None:
    form, _version = live_form(account)
    page = browser.get(f"/forms/{form.key}/").content.decode()
    assert "publish-dialog" not in page.partition("<dialog")[0]
    save_content(variant=get_variant(form, "A"), content=form_content("New"), at=now())
    add_variant(form=form, at=now())
    page = browser.get(f"/forms/{form.key}/").content.decode()
    assert "Variants A, B were changed." in page
    assert "Publish the changes" in page


def test_only_a_form_that_nobody_saw_offers_to_be_deleted(
    account: Account, browser: Client
) -> None:
    draft = new_form(account)
    seen_form, version = live_form(account)
    form_view(version, at=now())
    browser.post(f"/forms/{seen_form.key}/pause")
    assert "delete-dialog" in browser.get(f"/forms/{draft.key}/use").content.decode()
    assert "delete-dialog" not in browser.get(f"/forms/{seen_form.key}/use").content.decode()
    answer = browser.post(f"/forms/{seen_form.key}/delete", follow=True)
    assert "It can be archived, not deleted." in answer.content.decode()


def test_versions_tell_what_each_said_and_to_what_people_agreed(
    account: Account, owner: User, browser: Client
) -> None:
    form, _first = live_form(account, user=owner)
    content = form_content("Second heading", "I want <b>more</b> news.")
    content["translations"] = {"sv": {"yes.wording": "Jag vill ha mer nytt."}}
    save_content(variant=get_variant(form, "A"), content=content, at=now())
    publish(form=form, user=owner, at=now())
    answer = browser.get(f"/forms/{form.key}/versions")
    second, first = answer.context["versions"]
    assert (second.is_shown, first.is_shown) == (True, False)
    assert second.heading == "Second heading"
    assert second.consents == [
        *(("Email", "en", "I want <b>more</b> news."), ("Email", "sv", "Jag vill ha mer nytt.")),
    ]
    assert ("start", "Second heading") in second.texts
    page = answer.content.decode()
    assert "I want &lt;b&gt;more" in page
    assert "Owner" in page


def test_a_version_that_cannot_be_read_any_more_is_listed(
    account: Account, browser: Client
) -> None:
    form, version = live_form(account)
    type(version).objects.update(content={"kind": "from the future"})
    answer = browser.get(f"/forms/{form.key}/versions")
    assert answer.status_code == 200
    assert answer.context["versions"][0].texts == []


def test_the_use_of_a_form_is_code_to_copy(account: Account, browser: Client) -> None:
    behavior = {"triggers": [{"trigger": "custom", "name": 'size "guide"'}]}
    form = new_form(account, behavior=behavior)
    answer = browser.get(f"/forms/{form.key}/use")
    assert answer.context["element_code"] == f'<div class="klaviyo-form-{form.key}"></div>'
    assert answer.context["open_code"] == f'klaviyo.openForm("{form.key}")'
    assert answer.context["trigger_codes"] == [
        ('size "guide"', 'klaviyo.trigger("size \\"guide\\"")')
    ]


def test_a_form_is_found_by_the_search_of_everything(account: Account, browser: Client) -> None:
    form = new_form(account, "Back for tea")
    archive(form=new_form(account, "Tea of last year"), at=now())
    results = browser.get("/search", {"q": "tea"}).context["results"]
    assert [(hit.title, hit.href) for result in results for hit in result.hits] == [
        ("Back for tea", f"/forms/{form.key}/")
    ]
