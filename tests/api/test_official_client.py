"""Round trips of the official Python SDK, which checks what it sends and what it gets."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI
from klaviyo_api.filter_builder import FilterBuilder
from openapi_client.exceptions import ApiException

from profiles.ingest.store import ingest_profiles
from profiles.models import Event, Profile
from segmenter.accounts.models import Account
from tests.api.conftest import bulk_document, event_document, profile_document

WHEN = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
ADA: dict[str, Any] = {
    "email": "ada@example.com",
    "phone_number": "+46701234567",
    "external_id": "c-1",
    "first_name": "Ada",
    "last_name": "Byron",
    "organization": "Engines",
    "locale": "en-GB",
    "title": "Countess",
    "image": "https://example.com/ada.png",
    "location": {
        "address1": "1 Main Street",
        "city": "Malmö",
        "country": "Sweden",
        "latitude": 55.605,
        "longitude": 13.0,
        "zip": "211 20",
        "timezone": "Europe/Stockholm",
    },
    "properties": {"Favourite colour": "blue", "Sizes": ["S", "M"], "VIP": True, "Points": 12},
}


def test_an_event_creates_its_person_and_metric(klaviyo: KlaviyoAPI) -> None:
    document = event_document(
        metric="Placed Order",
        profile=ADA,
        time=WHEN,
        value=99.5,
        value_currency="SEK",
        unique_id="o-1",
        properties={"Items": ["Hat"], "Express": False},
    )

    assert klaviyo.Events.create_event(document) is None

    event = Event.objects.get()
    assert (event.time, event.value, event.unique_id) == (WHEN, 99.5, "o-1")
    assert event.properties == {"Items": ["Hat"], "Express": False, "$currency_code": "SEK"}
    assert event.profile.email == "ada@example.com"
    (metric,) = klaviyo.Metrics.get_metrics().data
    assert metric.attributes.name == "Placed Order"
    assert klaviyo.Metrics.get_metric(metric.id).data.id == event.metric.key
    person = klaviyo.Profiles.get_profile(str(event.profile_id)).data
    assert person.attributes.last_event_date == WHEN
    assert person.attributes.properties["VIP"] is True


def test_many_events_of_many_people(klaviyo: KlaviyoAPI) -> None:
    groups = [
        (
            {"email": f"{number}@example.com", "properties": {"Number": number}},
            [{"unique_id": f"{number}-{turn}", "value": turn, "time": WHEN} for turn in range(4)],
        )
        for number in range(5)
    ]

    klaviyo.Events.bulk_create_events(bulk_document(*groups))

    assert Event.objects.count() == 20
    assert sorted(p.properties["Number"] for p in Profile.objects.all()) == [0, 1, 2, 3, 4]


def test_a_person_is_imported_twice(klaviyo: KlaviyoAPI) -> None:
    first = profile_document(**ADA)
    first_answer = klaviyo.Profiles.create_or_update_profile(first).data
    second_answer = klaviyo.Profiles.create_or_update_profile(
        (
            profile_document(
                external_id="c-1",
                first_name="Augusta",
                title=None,
                meta={
                    "patch_properties": {
                        "append": {"Sizes": ["M", "L"], "Tags": "new"},
                        "unappend": {"Sizes": "S"},
                        "unset": ["VIP", "Points"],
                    }
                },
            )
        ),
        additional_fields_profile=["subscriptions"],
    ).data

    assert second_answer.id == first_answer.id
    assert first_answer.attributes.first_name == "Ada"
    for name, value in ADA["location"].items():
        assert getattr(second_answer.attributes.location, name) == value
    assert second_answer.attributes.first_name == "Augusta"
    assert second_answer.attributes.title is None
    assert second_answer.attributes.properties == {
        "Favourite colour": "blue",
        "Sizes": ["M", "L"],
        "Tags": ["new"],
    }
    email = second_answer.attributes.subscriptions.email.marketing
    assert (email.consent, email.can_receive_email_marketing) == ("NEVER_SUBSCRIBED", True)
    assert second_answer.attributes.subscriptions.sms.marketing.can_receive_sms_marketing is False
    assert second_answer.attributes.updated >= first_answer.attributes.updated


def test_a_person_is_created_once(klaviyo: KlaviyoAPI) -> None:
    query = profile_document(**ADA)
    person = klaviyo.Profiles.create_profile(query).data

    with pytest.raises(ApiException) as caught:
        klaviyo.Profiles.create_profile(query)

    assert caught.value.status == 409
    (error,) = json.loads(caught.value.body or "")["errors"]
    assert error["code"] == "duplicate_profile"
    assert error["meta"] == {"duplicate_profile_id": person.id}


def test_a_person_is_changed(klaviyo: KlaviyoAPI) -> None:
    new = klaviyo.Profiles.create_profile(profile_document(**ADA))
    document = profile_document(new.data.id, email="augusta@example.com", last_name=None)

    updated = klaviyo.Profiles.update_profile(new.data.id, document).data

    assert updated.attributes.email == "augusta@example.com"
    assert updated.attributes.last_name is None
    assert updated.attributes.first_name == "Ada"


def test_consent_is_told_in_full(klaviyo: KlaviyoAPI) -> None:
    moment = WHEN.isoformat()
    consents = {
        "email": {
            "marketing": {
                "consent": "UNSUBSCRIBED",
                "consent_timestamp": moment,
                "method": "FORM",
                "method_detail": "Footer",
                "custom_method_detail": "Spring",
                "double_optin": True,
                "suppression": [{"reason": "HARD_BOUNCE", "timestamp": moment}],
            }
        },
        "sms": {"marketing": {"consent": "SUBSCRIBED", "consent_timestamp": moment}},
        "mobile_push": {"marketing": {"consent": "SUBSCRIBED", "consent_timestamp": moment}},
        "whatsapp": {"marketing": {"consent": "SUBSCRIBED", "consent_timestamp": moment}},
    }
    record = {"email": "a@example.com", "phone_number": "+46701234567", "subscriptions": consents}
    ingest_profiles(account=Account.objects.get(), records=[record], at=datetime.now(UTC))

    (person,) = klaviyo.Profiles.get_profiles(additional_fields_profile=["subscriptions"]).data

    subscriptions = person.attributes.subscriptions
    email = subscriptions.email.marketing
    assert not email.can_receive_email_marketing
    assert (email.consent, email.consent_timestamp) == ("UNSUBSCRIBED", WHEN)
    assert (email.method, email.method_detail) == ("FORM", "Footer")
    assert (email.custom_method_detail, email.double_optin) == ("Spring", True)
    assert [(s.reason, s.timestamp) for s in email.suppression] == [("HARD_BOUNCE", WHEN)]
    assert subscriptions.sms.marketing.can_receive_sms_marketing
    assert subscriptions.mobile_push.marketing.can_receive_push_marketing
    assert subscriptions.whatsapp.marketing.can_receive
    assert not subscriptions.whatsapp.transactional.can_receive


def test_people_are_found_by_identifiers(klaviyo: KlaviyoAPI) -> None:
    for number in range(3):
        document = profile_document(email=f"{number}@example.com", external_id=f"c-{number}")
        klaviyo.Profiles.create_profile(document)

    def external_ids(**clauses: Any) -> list[str]:
        builder = FilterBuilder()
        for operator, (field, value) in clauses.items():
            getattr(builder, operator)(field, value)
        page = klaviyo.Profiles.get_profiles(filter=builder.build())
        return [person.attributes.external_id for person in page.data]

    assert external_ids(equals=("email", "1@EXAMPLE.com")) == ["c-1"]
    assert external_ids(any=("external_id", ["c-2", "c-0", "c-9"])) == ["c-0", "c-2"]
    assert external_ids(greater_than=("created", WHEN)) == ["c-0", "c-1", "c-2"]
    assert external_ids(less_than=("created", WHEN)) == []
    assert external_ids(equals=("email", "1@example.com"), any=("external_id", ["c-2"])) == []


@pytest.mark.parametrize("form", ["bare", "equals sign", "whole address"])
def test_pages_follow_one_another(klaviyo: KlaviyoAPI, form: str) -> None:
    at = datetime.now(UTC)
    records = [{"email": f"{number:02}@example.com"} for number in range(25)]
    ingest_profiles(account=Account.objects.get(), records=records, at=at)
    emails: list[str] = []
    cursor = None

    while True:
        page = klaviyo.Profiles.get_profiles(page_size=10, page_cursor=cursor, sort="-email")
        emails += [person.attributes.email for person in page.data]
        if page.links.next is None:
            break
        bare = page.links.next.partition("page%5Bcursor%5D=")[2]
        cursor = {"bare": bare, "equals sign": f"={bare}", "whole address": page.links.next}[form]
        ingest_profiles(
            account=Account.objects.get(), records=[{"email": f"z{len(emails)}@example.com"}], at=at
        )

    assert emails == [f"{number:02}@example.com" for number in reversed(range(25))]
    assert page.links.prev is not None


def test_only_what_was_asked_for(klaviyo: KlaviyoAPI) -> None:
    klaviyo.Profiles.create_profile(profile_document(**ADA))

    page = klaviyo.Profiles.get_profiles(fields_profile=["email", "location.city"])

    (person,) = page["data"]
    assert person["attributes"] == {"email": "ada@example.com", "location": {"city": "Malmö"}}
