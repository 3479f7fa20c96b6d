"""What a submission stores: the person, the answers with their types, consent, list and event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from forms_targeting.models import ConsentProof, FormSubmission, FormVersion
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import create_list
from profiles.models import Consent, Event, ListMember, Profile, ProfileChange, Suppression
from profiles.visitor_tokens import visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel import clock
from tests.builders.shops import at_once
from tests.fixtures.cast import AT
from tests.forms_targeting.visitor import SHOP, Visitor, problems_of, publish_form

pytestmark = pytest.mark.django_db
EVERYTHING: dict[str, Any] = {
    "mail": " Anna@Example.com ",
    "name": "Anna",
    "color": "blue",
    "sizes": ["39", "38"],
    "pets": "2,5",
    "born": "1990-04-01",
    "club": False,
}


def only_person() -> Profile:
    return Profile.objects.get()


def known(account: Account, **record: Any) -> Profile:
    """Somebody whom the shop's server stored."""
    result = ingest_profiles(account=account, records=[record], at=AT)
    (profile_id,) = result.profile_ids
    assert profile_id is not None
    return Profile.objects.get(pk=profile_id)


def test_a_submission_makes_a_person_with_typed_answers(visitor: Visitor) -> None:
    response = visitor.submit(EVERYTHING)
    assert response.status_code == 202
    person = only_person()
    assert (person.email, person.first_name) == ("anna@example.com", "Anna")
    assert person.properties == {
        "Favourite colour": "blue",
        "Sizes": ["38", "39"],
        "Pets": 2.5,
        "Birthday": "1990-04-01",
        "Club": False,
        "Source": "popup",
    }


def test_the_event_names_the_form_and_carries_the_answers(visitor: Visitor) -> None:
    visitor.submit(EVERYTHING, submission_id=str(key := uuid4()))
    event = Event.objects.select_related("metric").get()
    assert event.metric.name == "Submitted Form"
    assert event.unique_id == str(key)
    assert event.properties == {
        **only_person().properties,
        "Form": "Newsletter",
        "Form ID": visitor.form.key,
        "Variant": "A",
        "Version": 1,
        "Step": "start",
        "Page": f"{SHOP}/shoes?color=red",
        "Device": "phone",
    }


def test_sent_again_it_counts_once(visitor: Visitor) -> None:
    key = str(uuid4())
    for name in ("Anna", "Anna", "Somebody else"):
        assert (
            visitor.submit({"mail": "a@b.se", "name": name}, submission_id=key).status_code == 202
        )
    assert Event.objects.count() == FormSubmission.objects.count() == 1
    assert only_person().first_name == "Anna"


@pytest.mark.django_db(transaction=True)
def test_sent_at_once_by_several_it_counts_once(account: Account) -> None:
    version, key = publish_form(account), str(uuid4())

    def send() -> int:
        visitor = Visitor(account, version)
        return visitor.submit({"mail": "a@b.se"}, {"yes": True}, submission_id=key).status_code

    assert at_once(*[send] * 6) == [202] * 6
    assert Event.objects.count() == FormSubmission.objects.count() == 1
    assert Profile.objects.count() == ConsentProof.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_different_people_at_once_are_all_stored(account: Account) -> None:
    version = publish_form(account)

    def sender(n: int) -> Any:
        return lambda: (
            Visitor(account, version)
            .submit(
                {"mail": f"p{n // 2}@b.se", "tel": f"+4670174060{n}"},
                {"yes": True, "text-me": True},
                step_id="phone",
            )
            .status_code
        )

    assert at_once(*[sender(n) for n in range(8)]) == [202] * 8
    assert Event.objects.count() == 8
    assert Profile.objects.exclude(email=None).count() == 4


def test_sent_later_it_keeps_its_own_time(visitor: Visitor) -> None:
    now = datetime(2026, 6, 2, 12, tzinfo=UTC)
    with time_machine.travel(now, tick=False):
        visitor.submit({"mail": "a@b.se"}, {"yes": True}, time="2026-06-01T23:30:00+02:00")
        visitor.submit({"mail": "b@b.se"}, time="2031-01-01T00:00:00Z")
        visitor.submit({"mail": "c@b.se"}, time="1999-01-01T00:00:00Z")
    times = dict(Event.objects.values_list("profile__email", "time"))
    moment = datetime(2026, 6, 1, 21, 30, tzinfo=UTC)
    assert times == {"a@b.se": moment, "b@b.se": now, "c@b.se": now}
    assert Consent.objects.get().status_date == ConsentProof.objects.get().at == moment
    day = FormSubmission.objects.get(profile_id=Profile.objects.get(email="a@b.se").pk).day
    assert str(day) == "2026-06-01"  # in the account's zone


# --- what the visitor must correct ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "pointer", "code"),
    [
        ({"mail": "nope"}, "mail", "invalid"),
        ({"mail": "n/a"}, "mail", "invalid"),
        ({"mail": ["a@b.se"]}, "mail", "invalid"),
        ({"color": "green"}, "color", "invalid"),
        ({"sizes": ["38", "40"]}, "sizes", "invalid"),
        ({"sizes": [38]}, "sizes", "invalid"),
        ({"pets": "many"}, "pets", "invalid"),
        ({"pets": True}, "pets", "invalid"),
        ({"pets": 1e300}, "pets", "invalid"),
        ({"pets": "inf"}, "pets", "invalid"),
        ({"born": "1990-02-30"}, "born", "invalid"),
        ({"born": "19900401"}, "born", "invalid"),
        ({"club": "on"}, "club", "invalid"),
        ({"name": "x" * 501}, "name", "too_long"),
        ({"other": "x"}, "other", "unknown"),
        ({"yes": "x"}, "yes", "unknown"),
    ],
)
def test_what_does_not_fit_is_told_at_its_input(
    visitor: Visitor, values: dict[str, Any], pointer: str, code: str
) -> None:
    response = visitor.submit({"mail": "a@b.se", **values})
    assert problems_of(response) == {f"/data/attributes/values/{pointer}": code}
    assert not Profile.objects.exists()
    assert not FormSubmission.objects.exists()


def test_all_that_must_be_corrected_is_told_at_once(visitor: Visitor) -> None:
    response = visitor.submit({"mail": "x", "pets": "y"}, {"yes": "true", "nothing": True})
    assert problems_of(response) == {
        "/data/attributes/values/mail": "invalid",
        "/data/attributes/values/pets": "invalid",
        "/data/attributes/consents/yes": "invalid",
        "/data/attributes/consents/nothing": "unknown",
    }


def test_messages_are_in_the_visitors_language(visitor: Visitor) -> None:
    english = visitor.submit({"mail": "x"}).json()["errors"][0]["detail"]
    assert english == "This is not an e-mail address."


def test_what_must_be_filled_in_is_asked_on_its_own_step_only(account: Account) -> None:
    content = {
        "kind": "popup",
        "steps": [
            {
                "id": "start",
                "blocks": [
                    {
                        "id": "mail",
                        "type": "field",
                        "property": "email",
                        "input": "email",
                        "label": "E-mail",
                        "is_required": True,
                    },
                    {"id": "send", "type": "button", "label": "Sign up"},
                ],
            },
            {
                "id": "more",
                "blocks": [
                    {
                        "id": "terms",
                        "type": "consent",
                        "channel": "email",
                        "wording": "Yes.",
                        "is_required": True,
                    },
                    {"id": "send2", "type": "button", "label": "Sign up"},
                ],
            },
        ],
    }
    visitor = Visitor(account, publish_form(account, content))
    assert problems_of(visitor.submit({"mail": " "})) == {
        "/data/attributes/values/mail": "required"
    }
    assert visitor.submit({"mail": "a@b.se"}).status_code == 202
    assert problems_of(visitor.submit({"mail": "a@b.se"}, step_id="more")) == {
        "/data/attributes/consents/terms": "required"
    }


def test_a_hidden_value_is_the_versions_and_not_the_pages(visitor: Visitor) -> None:
    visitor.submit({"mail": "a@b.se", "origin": "hacked"})
    assert only_person().properties["Source"] == "popup"


@pytest.mark.parametrize(
    "change",
    [
        {"form_id": "nobody"},
        {"version_id": "nobody"},
        {"version_id": None},
        {"step_id": "nowhere"},
        {"submission_id": "1"},
        {"submission_id": None},
        {"view_id": "x"},
        {"values": []},
    ],
)
def test_a_document_that_is_none_is_refused(visitor: Visitor, change: dict[str, Any]) -> None:
    values = change.pop("values", {"mail": "a@b.se"})
    assert next(iter(problems_of(visitor.submit(values, **change)))).startswith("/data/attributes/")


def test_a_form_of_another_account_is_none(visitor: Visitor, other_account: Account) -> None:
    foreign = publish_form(other_account)
    response = visitor.submit({}, form_id=foreign.form.key, version_id=foreign.key)
    assert problems_of(response) == {"/data/attributes/version_id": "not_found"}


# --- phone numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "country", "language", "e164"),
    [
        ("+46 70-174 06 05", "", "", "+46701740605"),
        ("0046701740605", "", "", "+46701740605"),
        ("070-174 06 05", "SE", "", "+46701740605"),
        ("070-174 06 05", "", "sv-SE,sv;q=0.9", "+46701740605"),
        ("070-174 06 05", "", "en-US", None),
        ("070-174 06 05", "XX", "", None),
        ("12", "SE", "", None),
    ],
)
def test_national_numbers_are_read_by_the_visitors_country(
    visitor: Visitor, settings: Any, number: str, country: str, language: str, e164: str | None
) -> None:
    settings.SEGMENTER_COUNTRY_HEADER = "CF-IPCountry"
    headers = {"CF-IPCountry": country, "Accept-Language": language}
    response = visitor.submit({"tel": number}, step_id="phone", headers=headers)
    if e164 is None:
        assert problems_of(response) == {"/data/attributes/values/tel": "invalid"}
    else:
        assert only_person().phone_number == e164


# --- who is who -----------------------------------------------------------------------------------


def test_a_stranger_changes_no_identifier_of_somebody_known(
    account: Account, visitor: Visitor
) -> None:
    anna = known(account, email="anna@b.se", phone_number="+46701740605", external_id="7")
    bo = known(account, email="bo@b.se")
    visitor.submit(
        {"mail": "anna@b.se", "tel": "+46701740699"}, step_id="phone", anonymous_id="evil"
    )
    visitor.submit({"mail": "bo@b.se", "tel": "+46701740699"}, step_id="phone", anonymous_id="evil")
    visitor.submit({"mail": "new@b.se", "tel": "+46701740605"}, step_id="phone")
    names = ("external_id", "email", "phone_number", "anonymous_id")
    for person in (anna, bo):
        before = {name: getattr(person, name) for name in names}
        person.refresh_from_db()
        assert {name: getattr(person, name) for name in names} == before
    assert Profile.objects.get(email="new@b.se").phone_number is None


def test_the_second_step_gives_its_person_the_phone_number(visitor: Visitor) -> None:
    visitor.submit({"mail": "a@b.se"}, {"yes": True})
    visitor.submit(
        {"mail": "a@b.se", "tel": "+46701740605"}, {"yes": True, "text-me": True}, step_id="phone"
    )
    person = only_person()
    assert (person.email, person.phone_number) == ("a@b.se", "+46701740605")
    assert set(Consent.objects.values_list("channel", "status")) == {
        ("email", "subscribed"),
        ("sms", "subscribed"),
    }
    assert ConsentProof.objects.count() == 2  # the e-mail's is not repeated


def test_another_display_of_the_form_does_not(account: Account, visitor: Visitor) -> None:
    visitor.submit({"mail": "a@b.se"})
    Visitor(account, visitor.version).submit(
        {"mail": "a@b.se", "tel": "+46701740605"}, {"text-me": True}, step_id="phone"
    )
    first = Profile.objects.get(email="a@b.se")
    assert first.phone_number is None
    # The consent is of whoever has the number.
    consent = Consent.objects.select_related("profile").get()
    assert (consent.profile.phone_number, consent.channel) == ("+46701740605", "sms")
    assert ConsentProof.objects.get().profile_id == consent.profile_id != first.pk


def test_a_device_that_was_seen_before_becomes_the_person(
    account: Account, visitor: Visitor
) -> None:
    device = known(account, anonymous_id="device-1")
    visitor.submit({"mail": "a@b.se"}, anonymous_id="device-1")
    device.refresh_from_db()
    assert (device.email, device.anonymous_id) == ("a@b.se", "device-1")


def test_answers_without_any_identifier_count_but_name_nobody(visitor: Visitor) -> None:
    assert visitor.submit({"color": "red"}).status_code == 202
    assert FormSubmission.objects.get().profile_id is None
    assert not Profile.objects.exists()


# --- consent --------------------------------------------------------------------------------------


def test_consent_is_stored_with_its_proof(visitor: Visitor, version: FormVersion) -> None:
    headers = {"User-Agent": "Firefox", "X-Forwarded-For": "203.0.113.9"}
    visitor.submit({"mail": "a@b.se"}, {"yes": True}, language="sv-SE", headers=headers)
    consent = Consent.objects.get()
    assert (consent.channel, consent.status) == ("email", "subscribed")
    assert (consent.method, consent.method_detail) == ("form", "Newsletter")
    proof = ConsentProof.objects.get()
    assert (proof.wording, proof.language) == ("Jag vill ha nyheter.", "sv")
    assert (proof.page, proof.user_agent) == (f"{SHOP}/shoes?color=red", "Firefox")
    assert (proof.address, proof.version) == ("127.0.0.1", version)
    assert (proof.profile_id, proof.source) == (only_person().pk, "form")


def test_a_box_that_is_not_checked_is_no_consent(visitor: Visitor) -> None:
    visitor.submit({"mail": "a@b.se"}, {"yes": False})
    visitor.submit({"mail": "b@b.se"})
    assert not Consent.objects.exists()
    assert not ConsentProof.objects.exists()


def test_an_older_unsubscription_is_lifted_and_a_bounce_is_not(
    account: Account, visitor: Visitor
) -> None:
    marketing = {
        "consent": "UNSUBSCRIBED",
        "consent_timestamp": "2026-02-01T00:00:00Z",
        "suppression": [
            {"reason": "UNSUBSCRIBE", "timestamp": "2026-02-01T00:00:00Z"},
            {"reason": "HARD_BOUNCE", "timestamp": "2026-02-01T00:00:00Z"},
            {"reason": "USER_SUPPRESSED", "timestamp": "2026-02-01T00:00:00Z"},
        ],
    }
    known(account, email="a@b.se", subscriptions={"email": {"marketing": marketing}})
    visitor.submit({"mail": "a@b.se"}, {"yes": True})
    assert Consent.objects.get().status == "subscribed"
    reasons = set(Suppression.objects.values_list("reason", flat=True))
    assert reasons == {"hard_bounce", "user_suppressed"}


def test_a_late_submission_does_not_lift_a_newer_unsubscription(
    account: Account, visitor: Visitor
) -> None:
    now = datetime(2026, 6, 2, 12, tzinfo=UTC)
    left = (now - timedelta(hours=1)).isoformat()
    marketing = {"consent": "UNSUBSCRIBED", "consent_timestamp": left}
    known(account, email="a@b.se", subscriptions={"email": {"marketing": marketing}})
    with time_machine.travel(now, tick=False):
        sent_at = (now - timedelta(hours=2)).isoformat()
        visitor.submit({"mail": "a@b.se"}, {"yes": True}, time=sent_at)
    assert Consent.objects.get().status == "unsubscribed"


def test_whoever_agrees_must_say_where_to(visitor: Visitor) -> None:
    assert problems_of(visitor.submit({}, {"yes": True})) == {
        "/data/attributes/values/mail": "required"
    }


def test_a_consent_before_its_address_waits_for_the_step_that_asks(visitor: Visitor) -> None:
    assert visitor.submit({"mail": "a@b.se"}, {"text-me": True}).status_code == 202
    assert not Consent.objects.exists()


# --- list, UTM, changes ---------------------------------------------------------------------------


def test_submitters_join_the_forms_list(account: Account) -> None:
    newsletter = create_list(account=account, name="Newsletter", at=AT)
    Visitor(account, publish_form(account, list=newsletter)).submit({"mail": "a@b.se"})
    assert ListMember.objects.get().list == newsletter


def test_the_first_visit_stays_and_the_last_one_is_replaced(visitor: Visitor) -> None:
    visitor.submit(
        {"mail": "a@b.se"},
        utm={"source": "google", "medium": "cpc"},
        first_utm={"source": "newsletter", "campaign": "spring"},
    )
    visitor.submit({"mail": "a@b.se"}, utm={"source": "meta"}, first_utm={"medium": "social"})
    visitor.submit({"mail": "a@b.se"})
    properties = only_person().properties
    assert {name: value for name, value in properties.items() if "UTM" in name} == {
        "Initial UTM Source": "newsletter",
        "Initial UTM Campaign": "spring",
        "Last UTM Source": "meta",
    }


def test_a_submission_tells_the_live_path_what_changed(visitor: Visitor) -> None:
    visitor.submit({"mail": "a@b.se"}, {"yes": True})
    facts = {fact for row in ProfileChange.objects.all() for fact in row.facts}
    assert any("consent" in fact or "email" in fact for fact in facts)
    assert set(ProfileChange.objects.values_list("profile_id", flat=True)) == {only_person().pk}


def test_a_device_that_is_a_placeholder_names_nobody(visitor: Visitor) -> None:
    for name in ("null", "undefined", "0"):
        assert visitor.submit({"color": "red"}, anonymous_id=name).status_code == 202
    assert not Profile.objects.exists()


def test_a_visitor_with_a_token_may_add_their_number(account: Account, visitor: Visitor) -> None:
    anna = known(account, email="anna@b.se")
    token = visitor_token(account, anna.pk, at=clock.now())
    number = {"tel": "+46701740605"}
    visitor.submit(number, {"text-me": True}, step_id="phone", exchange_id=token)
    assert only_person().phone_number == "+46701740605"
    assert Consent.objects.get().profile == anna
