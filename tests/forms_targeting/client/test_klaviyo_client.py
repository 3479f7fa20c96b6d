"""Klaviyo's API for browsers and phones: what it stores, and what it never changes or tells."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from forms_targeting.models import ConsentProof, OptIn
from profiles.ingest.store import ingest_profiles
from profiles.lists.editing import create_list
from profiles.models import Consent, Event, ListMember, Profile
from profiles.visitor_tokens import preference_token, visitor_token
from segmenter.accounts.models import Account
from segmenter.kernel.clock import now
from tests.fixtures.cast import AT, Response
from tests.forms_targeting.visitor import Visitor, problems_of, publish_form

pytestmark = pytest.mark.django_db
ONSITE = {"X-Klaviyo-Onsite": "1"}
WRITES = (
    "profiles",
    "events",
    "event-bulk-create",
    "subscriptions",
    "push-tokens",
    "push-token-unregister",
    "back-in-stock-subscriptions",
)


def profile(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "profile", "attributes": attributes}}


def event(person: Any, metric: str = "Viewed Product", **attributes: Any) -> dict[str, Any]:
    metric_resource = {"data": {"type": "metric", "attributes": {"name": metric, "service": "js"}}}
    return {
        "data": {
            "type": "event",
            "attributes": {"metric": metric_resource, "profile": person, **attributes},
        }
    }


def subscription(list_key: str = "", **attributes: Any) -> dict[str, Any]:
    body = {
        "type": "subscription",
        "attributes": {"custom_source": "Footer", "profile": profile(**attributes)},
        "relationships": {"list": {"data": {"type": "list", "id": list_key}}},
    }
    return {"data": body}


def body_for(path: str, **person: Any) -> dict[str, Any]:
    """A well-formed body about a person for one of WRITES."""
    who = profile(**person)
    bodies: dict[str, dict[str, Any]] = {
        "profiles": who,
        "events": event(who),
        "subscriptions": subscription(**person),
        "event-bulk-create": {
            "data": {
                "type": "event-bulk-create",
                "attributes": {"profile": who, "events": {"data": [event(None)["data"]]}},
            }
        },
        "back-in-stock-subscriptions": {
            "data": {
                "type": "back-in-stock-subscription",
                "attributes": {"channels": ["EMAIL"], "profile": who},
                "relationships": {"variant": {"data": {"type": "catalog-variant", "id": "sku-7"}}},
            }
        },
    }
    for kind in ("push-token", "push-token-unregister"):
        document = {"type": kind, "attributes": {"token": "abc", "profile": who}}
        bodies["push-tokens" if kind == "push-token" else kind] = {"data": document}
    return bodies[path]


def known(account: Account, **record: Any) -> Profile:
    result = ingest_profiles(account=account, records=[record], at=AT)
    (profile_id,) = result.profile_ids
    assert profile_id is not None
    return Profile.objects.get(pk=profile_id)


def identifiers_of(person: Profile) -> dict[str, Any]:
    person.refresh_from_db()
    names = ("external_id", "email", "phone_number", "anonymous_id")
    return {name: getattr(person, name) for name in names}


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize("slash", ["", "/"])
def test_every_address_takes_a_person(visitor: Visitor, path: str, slash: str) -> None:
    body = body_for(path, email="a@b.se", anonymous_id="device-1", first_name="Anna")
    response = visitor.client.post(
        f"/client/{path}{slash}?company_id={visitor.account.site_key}",
        json.dumps(body),
        content_type="application/vnd.api+json",
    )
    assert (response.status_code, response.content) == (202, b"")
    assert Profile.objects.get().first_name == "Anna"


@pytest.mark.parametrize("path", WRITES)
def test_no_address_changes_identifiers_of_somebody_known(visitor: Visitor, path: str) -> None:
    anna = known(visitor.account, email="anna@b.se")
    bo = known(visitor.account, phone_number="+46701740605", external_id="7")
    before = identifiers_of(anna), identifiers_of(bo)
    for person in (
        {"email": "anna@b.se", "external_id": "evil", "anonymous_id": "evil"},
        {"email": "anna@b.se", "phone_number": "+46701740699"},
        {"email": "evil@b.se", "phone_number": "+46701740605"},
        {"external_id": "7", "email": "evil2@b.se", "phone_number": None},
        {"external_id": "8", "phone_number": "+46701740605"},
    ):
        assert visitor.post(path, body_for(path, **person)).status_code == 202
    assert (identifiers_of(anna), identifiers_of(bo)) == before


@pytest.mark.parametrize("path", WRITES)
def test_a_number_of_ours_proves_nobody(visitor: Visitor, path: str) -> None:
    anna = known(visitor.account, email="anna@b.se", first_name="Anna")
    body = json.loads(
        json.dumps(body_for(path, email="evil@b.se", first_name="Evil")).replace(
            '"type": "profile"', f'"type": "profile", "id": "{anna.pk}"'
        )
    )
    assert visitor.post(path, body).status_code == 202
    assert identifiers_of(anna)["email"] == "anna@b.se"
    assert anna.first_name == "Anna"


@pytest.mark.parametrize("path", WRITES)
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"data": {"type": "nothing"}},
        {"data": {"type": "profile", "attributes": []}},
        {"data": {"type": "event", "attributes": {"profile": 7}}},
    ],
)
def test_what_is_malformed_is_refused(visitor: Visitor, path: str, body: Any) -> None:
    assert visitor.post(path, body).status_code == 400


@pytest.mark.parametrize("path", WRITES)
def test_whoever_is_nobody_is_refused(visitor: Visitor, path: str) -> None:
    for person in ({}, {"email": "null"}, {"email": "nope"}, {"phone_number": "12"}):
        assert visitor.post(path, body_for(path, **person)).status_code == 400
    assert not Profile.objects.exists()


@pytest.mark.parametrize("path", WRITES)
def test_the_answer_is_the_same_for_known_and_unknown(visitor: Visitor, path: str) -> None:
    known(visitor.account, email="anna@b.se")

    def send(email: str) -> tuple[int, bytes, dict[str, str]]:
        response = visitor.post(path, body_for(path, email=email), **ONSITE)
        return response.status_code, response.content, dict(response.headers)

    assert send("anna@b.se") == send("new@b.se")


@pytest.mark.parametrize("path", WRITES)
def test_no_token_is_given_for_an_address_that_was_typed(visitor: Visitor, path: str) -> None:
    known(visitor.account, email="anna@b.se")
    for email in ("anna@b.se", "new@b.se", "new@b.se"):
        response = visitor.post(path, body_for(path, email=email), **ONSITE)
        assert response.json() == {"meta": {"exchange_id": None, "should_clear_cookie": False}}


def test_a_valid_token_comes_back_and_means_its_person(visitor: Visitor) -> None:
    anna = known(visitor.account, email="anna@b.se")
    token = visitor_token(visitor.account, anna.pk, at=now())
    body = profile(_kx=token, anonymous_id="device-1", properties={"Color": "red"})
    response = visitor.post("profiles", body, **ONSITE)
    assert response.json()["meta"]["exchange_id"] == token
    assert identifiers_of(anna)["anonymous_id"] == "device-1"
    assert anna.properties == {"Color": "red"}


def test_a_token_does_not_change_the_address_of_its_person(visitor: Visitor) -> None:
    anna = known(visitor.account, email="anna@b.se")
    token = visitor_token(visitor.account, anna.pk, at=now())
    visitor.post("profiles", profile(_kx=token, email="child@b.se", first_name="Child"))
    visitor.post("profiles", profile(_kx=token, phone_number="+46701740605"))
    assert identifiers_of(anna)["email"] == "anna@b.se"
    assert identifiers_of(anna)["phone_number"] is None
    assert Profile.objects.get(email="child@b.se").first_name == "Child"


def test_other_tokens_prove_nothing(visitor: Visitor, other_account: Account) -> None:
    anna = known(visitor.account, email="anna@b.se")
    tokens = [
        visitor_token(other_account, anna.pk, at=now()),
        preference_token(visitor.account, anna.pk, at=now()),
        "rubbish",
    ]
    for number, token in enumerate(tokens):
        body = profile(_kx=token, anonymous_id=f"device-{number}")
        assert visitor.post("profiles", body, **ONSITE).json()["meta"]["exchange_id"] is None
    assert identifiers_of(anna)["anonymous_id"] is None


# --- people and events ----------------------------------------------------------------------------


def test_patches_stand_beside_or_inside_the_attributes(visitor: Visitor) -> None:
    patch = {"patch_properties": {"append": {"Seen": "shoe"}}}
    inside = profile(email="a@b.se", meta=patch)
    beside = profile(email="a@b.se")
    beside["data"]["meta"] = {"patch_properties": {"append": {"Seen": "hat"}}}
    for body in (inside, beside):
        assert visitor.post("profiles", body).status_code == 202
    assert Profile.objects.get().properties == {"Seen": ["shoe", "hat"]}


def test_an_event_of_klaviyos_script_is_stored_without_its_own_words(visitor: Visitor) -> None:
    properties = {
        "$use_ip": True,
        "$is_session_activity": False,
        "$exchange_id": "secret",
        "page": "/shoes",
        "$value": "12,50",
        "$event_id": "e-1",
    }
    body = event(profile(email="a@b.se"), "__activity__", properties=properties)
    assert visitor.post("events", body).status_code == 202
    row = Event.objects.select_related("metric").get()
    assert (row.metric.name, row.unique_id, row.value) == ("Active on Site", "e-1", 12.5)
    assert row.properties == {"page": "/shoes"}


def test_an_event_of_2022_is_understood(visitor: Visitor) -> None:
    body = {
        "data": {
            "type": "event",
            "attributes": {
                "profile": {"$email": "a@b.se", "$first_name": "Anna", "Plan": "gold"},
                "metric": {"name": "Viewed Product"},
                "time": "2026-02-01T10:00:00",
                "value": "7",
            },
        }
    }
    assert visitor.post("events", body).status_code == 202
    row = Event.objects.get()
    assert (row.value, row.time) == (7.0, datetime(2026, 2, 1, 10, tzinfo=UTC))
    person = Profile.objects.get()
    assert (person.first_name, person.properties) == ("Anna", {"Plan": "gold"})


def test_an_event_sent_again_counts_once(visitor: Visitor) -> None:
    body = event(profile(email="a@b.se"), unique_id="1")
    for _ in range(3):
        assert visitor.post("events", body).status_code == 202
    assert Event.objects.count() == 1


def test_events_in_bulk_are_all_stored_or_none(visitor: Visitor) -> None:
    body = body_for("event-bulk-create", email="a@b.se")
    rows = body["data"]["attributes"]["events"]["data"]
    rows += [event(None, unique_id="1")["data"], event(None, time="never")["data"]]
    place = "/data/attributes/events/data/2/attributes/time"
    assert problems_of(visitor.post("event-bulk-create", body)) == {place: "invalid"}
    assert not Event.objects.exists()
    rows.pop()
    assert visitor.post("event-bulk-create", body).status_code == 202
    assert Event.objects.count() == 2


def test_back_in_stock_is_an_event_and_no_consent(visitor: Visitor) -> None:
    visitor.post(
        "back-in-stock-subscriptions", body_for("back-in-stock-subscriptions", email="a@b.se")
    )
    row = Event.objects.select_related("metric").get()
    assert row.metric.name == "Subscribed to Back in Stock"
    assert row.properties == {"VariantId": "sku-7", "Channels": ["EMAIL"]}
    assert not Consent.objects.exists()


def test_there_are_no_geofences(visitor: Visitor) -> None:
    response = visitor.client.get(f"/client/geofences?company_id={visitor.account.site_key}")
    assert response.json()["data"] == []


def test_the_scripts_figures_about_itself_are_passed_over(visitor: Visitor) -> None:
    address = f"/onsite/track-analytics?company_id={visitor.account.site_key}"
    response = visitor.client.post(address, '{"data": 1}', content_type="application/json")
    assert response.status_code == 202


# --- subscriptions --------------------------------------------------------------------------------


def test_a_subscription_is_a_consent_with_proof_and_a_list(visitor: Visitor) -> None:
    newsletter = create_list(account=visitor.account, name="News", at=AT)
    response = visitor.post(
        "subscriptions",
        subscription(newsletter.key, email="a@b.se"),
        Referer="https://shop.example/x",
    )
    assert response.status_code == 202
    consent = Consent.objects.get()
    assert (consent.channel, consent.status, consent.method) == ("email", "subscribed", "form")
    assert consent.custom_source == "Footer"
    proof = ConsentProof.objects.get()
    assert (proof.wording, proof.page) == ("Footer", "https://shop.example/x")
    assert ListMember.objects.get().list == newsletter


@pytest.mark.parametrize(
    ("attributes", "channels"),
    [
        ({"email": "a@b.se", "phone_number": "+46701740605"}, {"email", "sms"}),
        (
            {
                "email": "a@b.se",
                "phone_number": "+46701740605",
                "subscriptions": {"sms": {"marketing": {"consent": "SUBSCRIBED"}}},
            },
            {"sms"},
        ),
        ({"email": "a@b.se", "subscriptions": {"email": ["MARKETING"]}}, {"email"}),
        (
            {
                "email": "a@b.se",
                "subscriptions": {
                    "email": {"marketing": {"consent": "SUBSCRIBED"}},
                    "sms": {"marketing": {"consent": "UNSUBSCRIBED"}},
                },
            },
            {"email"},
        ),
    ],
)
def test_channels_are_those_that_are_named(
    visitor: Visitor, attributes: dict[str, Any], channels: set[str]
) -> None:
    assert visitor.post("subscriptions", subscription(**attributes)).status_code == 202
    assert set(Consent.objects.values_list("channel", "status")) == {
        (channel, "subscribed") for channel in channels
    }


def test_a_subscription_of_2023_is_understood(visitor: Visitor) -> None:
    newsletter = create_list(account=visitor.account, name="News", at=AT)
    attributes = {"list_id": newsletter.key, "custom_source": "Footer", "email": "a@b.se"}
    body = {"data": {"type": "subscription", "attributes": attributes}}
    assert visitor.post("subscriptions", body).status_code == 202
    assert Consent.objects.get().status == "subscribed"
    assert ListMember.objects.count() == 1


def test_nobody_is_unsubscribed_by_a_page(visitor: Visitor) -> None:
    yes = {"consent": "SUBSCRIBED"}
    known(visitor.account, email="a@b.se", subscriptions={"email": {"marketing": yes}})
    no = {"email": {"marketing": {"consent": "UNSUBSCRIBED"}}}
    visitor.post("subscriptions", subscription(email="a@b.se", subscriptions=no))
    visitor.post("profiles", profile(email="a@b.se", subscriptions=no))
    body = event(profile(email="a@b.se", subscriptions=no))
    visitor.post("events", body)
    assert Consent.objects.get().status == "subscribed"


def test_nothing_is_told_about_lists(visitor: Visitor, other_account: Account) -> None:
    foreign = create_list(account=other_account, name="News", at=AT)
    mine = create_list(account=visitor.account, name="News", at=AT)
    answers = [
        visitor.post("subscriptions", subscription(key, email="a@b.se"))
        for key in (mine.key, foreign.key, "XXXXXX")
    ]
    assert len({(r.status_code, r.content) for r in answers}) == 1
    assert ListMember.objects.get().list == mine


def test_a_list_with_double_opt_in_has_it_here_too(account: Account) -> None:
    newsletter = create_list(account=account, name="News", at=AT)
    visitor = Visitor(account, publish_form(account, list=newsletter, double_opt_in=True))
    visitor.post("subscriptions", subscription(newsletter.key, email="a@b.se"))
    assert OptIn.objects.get().email == "a@b.se"
    assert not Consent.objects.exists()
    assert not ListMember.objects.exists()


def test_one_address_cannot_be_subscribed_without_end(visitor: Visitor, settings: Any) -> None:
    settings.SEGMENTER_FORM_EMAIL_LIMIT = 2
    codes = [
        visitor.post("subscriptions", subscription(email="a@b.se")).status_code for _ in range(3)
    ]
    assert codes == [202, 202, 429]


@pytest.mark.parametrize("path", WRITES)
def test_floods_are_stopped(visitor: Visitor, settings: Any, path: str) -> None:
    settings.SEGMENTER_CLIENT_LIMIT = 1
    with time_machine.travel(AT, tick=False):
        responses: list[Response] = [
            visitor.post(path, body_for(path, email="a@b.se")) for _ in range(2)
        ]
    assert [response.status_code for response in responses] == [202, 429]
    assert responses[1]["Retry-After"]


@pytest.mark.parametrize("path", WRITES)
def test_pages_of_other_domains_may_not_send(visitor: Visitor, path: str) -> None:
    visitor.origin = "https://evil.example"
    assert visitor.post(path, body_for(path, email="a@b.se")).status_code == 403
    assert not Profile.objects.exists()
