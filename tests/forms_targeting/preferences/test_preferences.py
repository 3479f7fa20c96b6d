"""The preference page: only by its link, and what a person can change there."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from forms_targeting.models import ConsentProof, FormSubmission
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.lists.editing import create_list
from profiles.models import Consent, ListMember, Profile, ProfileChange, Suppression
from profiles.visitor_tokens import (
    VALID_DAYS,
    person_of_preferences,
    preference_token,
    profile_of_token,
    visitor_token,
)
from segmenter.accounts.models import Account
from tests.fixtures.cast import AT, Response
from tests.forms_targeting.visitor import Visitor, publish_form

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(days=1)
YES = {"consent": "SUBSCRIBED", "consent_timestamp": "2026-02-01T00:00:00Z"}


@pytest.fixture
def anna(account: Account) -> Profile:
    create_list(account=account, name="Newsletter", at=AT)
    create_list(account=account, name="Cold leads", at=AT)
    record = {
        "email": "anna@b.se",
        "phone_number": "+46701740605",
        "first_name": "Anna",
        "subscriptions": {"email": {"marketing": YES}},
        "lists": ["Newsletter", "Cold leads"],
    }
    ingest_profiles(account=account, records=[record], at=AT)
    person = Profile.objects.get()
    publish_form(account, list=ListMember.objects.get(list__name="Newsletter").list)
    return person


@pytest.fixture
def link(account: Account, anna: Profile) -> str:
    return f"/preferences/{preference_token(account, anna.pk, at=AT)}"


def visit(
    method: str,
    path: str,
    data: Any = None,
    *,
    at: datetime = LATER,
    headers: dict[str, str] | None = None,
) -> Response:
    with time_machine.travel(at, tick=False):
        client = Client(enforce_csrf_checks=True)
        response: Response = getattr(client, method)(path, data, headers=headers)
    assert not response.cookies
    return response


def statuses(person: Profile) -> dict[str, str]:
    return dict(Consent.objects.filter(profile=person).values_list("channel", "status"))


def test_the_page_shows_what_the_person_agreed_to(link: str) -> None:
    page = visit("get", link)
    text = page.content.decode()
    assert page.status_code == 200
    assert "anna@b.se" in text
    assert "+46701740605" in text
    assert text.count(" checked") == 2  # e-mail and the form's list
    assert "Newsletter" in text
    assert "Cold leads" not in text


def test_nobody_keeps_lists_or_passes_on_the_page(link: str) -> None:
    page = visit("get", link)
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert "default-src 'none'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]


def test_the_page_speaks_the_visitors_language(link: str) -> None:
    assert 'lang="sv"' in visit("get", link, headers={"Accept-Language": "sv-SE"}).content.decode()


def test_every_other_link_gets_the_same_answer(account: Account, anna: Profile, link: str) -> None:
    old = preference_token(account, anna.pk, at=LATER - timedelta(days=VALID_DAYS, seconds=1))
    nobody = preference_token(account, 987_654, at=AT)
    visitors = visitor_token(account, anna.pk, at=AT)
    tokens = [old, nobody, visitors, "rubbish", link.rpartition("/")[2][:-3], "x" * 3_000]
    pages = [visit("get", f"/preferences/{token}") for token in tokens]
    assert {page.status_code for page in pages} == {404}
    assert len({page.content for page in pages}) == 1


def test_a_link_is_no_visitor_token(account: Account, anna: Profile) -> None:
    token = preference_token(account, anna.pk, at=AT)
    assert profile_of_token(account, token, at=AT) is None
    assert person_of_preferences(visitor_token(account, anna.pk, at=AT), at=AT) is None


def test_choices_are_stored_with_their_proof(anna: Profile, link: str) -> None:
    page = visit(
        "post", link, {"channel": ["sms"], "action": "save"}, headers={"User-Agent": "Firefox"}
    )
    assert "Saved." in page.content.decode()
    assert statuses(anna) == {"email": "unsubscribed", "sms": "subscribed"}
    assert set(Consent.objects.values_list("method", flat=True)) == {"preference_page"}
    proofs = {row.channel: row for row in ConsentProof.objects.filter(profile_id=anna.pk)}
    assert proofs["sms"].wording == "Shop: Text messages with news and offers – yes"
    assert proofs["email"].status == "unsubscribed"
    assert proofs["email"].user_agent == "Firefox"
    assert link.rpartition("/")[2] not in proofs["email"].page
    assert list(ListMember.objects.values_list("list__name", flat=True)) == ["Cold leads"]
    assert ProfileChange.objects.filter(profile_id=anna.pk, at=LATER).exists()


def test_what_stays_as_it_is_is_no_statement(account: Account, anna: Profile, link: str) -> None:
    key = ListMember.objects.get(list__name="Newsletter").list.key
    visit("post", link, {"channel": ["email"], "list": [key], "action": "save"})
    assert statuses(anna) == {"email": "subscribed"}
    assert not ConsentProof.objects.exists()
    assert ListMember.objects.count() == 2


def test_channels_that_are_not_offered_cannot_be_chosen(anna: Profile, link: str) -> None:
    visit("post", link, {"channel": ["email", "push", "whatsapp_marketing", "x"]})
    assert statuses(anna) == {"email": "subscribed"}


def test_one_button_unsubscribes_from_everything(anna: Profile, link: str) -> None:
    visit("post", link, {"channel": ["email", "sms"], "action": "all"})
    assert statuses(anna) == {"email": "unsubscribed", "sms": "unsubscribed"}
    assert not ListMember.objects.filter(list__name="Newsletter").exists()


def test_coming_back_lifts_the_unsubscription(account: Account, anna: Profile, link: str) -> None:
    Suppression.objects.create(
        account=account, profile=anna, channel="email", reason="unsubscribe", date=AT
    )
    visit("post", link, {"action": "all"})
    visit("post", link, {"channel": ["email"]}, at=LATER + timedelta(minutes=1))
    assert statuses(anna)["email"] == "subscribed"
    assert not Suppression.objects.exists()


def test_mail_programs_unsubscribe_by_one_click_and_scanners_do_not(
    anna: Profile, link: str
) -> None:
    answer = visit("get", f"{link}/unsubscribe")
    assert (answer.status_code, answer["Location"]) == (302, link)
    assert statuses(anna) == {"email": "subscribed"}
    visit("post", f"{link}/unsubscribe", {"List-Unsubscribe": "One-Click"})
    assert statuses(anna) == {"email": "unsubscribed"}
    assert Consent.objects.get().method == "one_click_unsubscribe"


def test_the_person_gets_all_that_is_stored(account: Account, anna: Profile, link: str) -> None:
    event = {
        "metric": "Placed Order",
        "profile": {"email": "anna@b.se"},
        "time": AT,
        "value": 12.5,
        "properties": {"Items": ["shoe"]},
    }
    ingest_events(account=account, records=[event], at=AT)
    with time_machine.travel(LATER, tick=False):
        visitor = Visitor(account, publish_form(account, name="Second"))
        visitor.submit({"mail": "anna@b.se"}, {"yes": True})
    response = visit("post", f"{link}/data")
    assert response["Content-Disposition"] == 'attachment; filename="my-data.json"'
    data = json.loads(response.content)
    assert data["profile"]["email"] == "anna@b.se"
    assert {row["metric"] for row in data["events"]} == {"Placed Order", "Submitted Form"}
    assert data["proofs_of_consent"][0]["wording"] == "I want news."
    assert data["form_submissions"][0]["form"] == "Second"
    assert {row["list"] for row in data["lists"]} == {"Newsletter", "Cold leads"}
    assert data["consents"][0]["status"] == "subscribed"
    assert "predictive_analytics" in data


def test_data_is_not_given_by_a_link_that_is_merely_opened(link: str) -> None:
    assert visit("get", f"{link}/data").status_code == 405


def test_being_forgotten_needs_a_second_click(account: Account, anna: Profile, link: str) -> None:
    Visitor(account, publish_form(account, name="Second")).submit({"mail": "anna@b.se"})
    assert visit("get", f"{link}/forget").status_code == 200
    assert Profile.objects.exists()
    page = visit("post", f"{link}/forget")
    assert "Your data is deleted" in page.content.decode()
    assert not Profile.objects.exists()
    assert FormSubmission.objects.get().profile_id is None
    assert visit("get", link).status_code == 404
    assert visit("post", f"{link}/forget").status_code == 404


def test_the_link_leads_to_the_person_after_a_merge(
    account: Account, anna: Profile, link: str
) -> None:
    ingest_profiles(account=account, records=[{"email": "new@b.se"}], at=AT)
    new = Profile.objects.get(email="new@b.se")
    merge(account=account, keep_id=new.pk, drop_id=anna.pk, at=AT)
    assert "new@b.se" in visit("get", link).content.decode()


def test_the_page_has_the_colors_of_the_shops_form(link: str) -> None:
    assert "#1f4fd8" in visit("get", link).content.decode()
