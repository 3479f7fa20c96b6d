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
    sent = event_document(
        metric="Placed Order",
        profile=ADA,
        time=WHEN,
        value=99.5,
        value_currency="SEK",
        unique_id="o-1",
        properties={"Items": ["Hat"], "Express": False},
    )

    assert klaviyo.Events.create_event(sent) is None

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
    made = klaviyo.Profiles.create_or_update_profile(first).data
    changed = klaviyo.Profiles.create_or_update_profile(
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

    assert changed.id == made.id
    assert made.attributes.first_name == "Ada"
    for name, value in ADA["location"].items():
        assert getattr(changed.attributes.location, name) == value
    assert changed.attributes.first_name == "Augusta"
    assert changed.attributes.title is None
    assert changed.attributes.properties == {
        "Favourite colour": "blue",
        "Sizes": ["M", "L"],
        "Tags": ["new"],
    }
    email = changed.attributes.subscriptions.email.marketing
    assert (email.consent, email.can_receive_email_marketing) == ("NEVER_SUBSCRIBED", True)
    assert changed.attributes.subscriptions.sms.marketing.can_receive_sms_marketing is False
    assert changed.attributes.updated >= made.attributes.updated


def test_a_person_is_created_once(klaviyo: KlaviyoAPI) -> None:
    query = profile_document(**ADA)
    made = klaviyo.Profiles.create_profile(query).data

    with pytest.raises(ApiException) as caught:
        klaviyo.Profiles.create_profile(query)

    assert caught.value.status == 409
    (error,) = json.loads(caught.value.body or "")["errors"]
    assert error["code"] == "duplicate_profile"
    assert error["meta"] == {"duplicate_profile_id": made.id}


def test_a_person_is_changed(klaviyo: KlaviyoAPI) -> None:
    made = klaviyo.Profiles.create_profile(profile_document(**ADA))
    document = profile_document(made.data.id, email="augusta@example.com", last_name=None)

    changed = klaviyo.Profiles.update_profile(made.data.id, document).data

    assert changed.attributes.email == "augusta@example.com"
    assert changed.attributes.last_name is None
    assert changed.attributes.first_name == "Ada"


def test_consent_is_told_in_full(klaviyo: KlaviyoAPI) -> None:
    moment = WHEN.isoformat()
    said = {
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
    record = {"email": "a@example.com", "phone_number": "+46701234567", "subscriptions": said}
    ingest_profiles(account=Account.objects.get(), records=[record], at=datetime.now(UTC))

    (person,) = klaviyo.Profiles.get_profiles(additional_fields_profile=["subscriptions"]).data

    told = person.attributes.subscriptions
    email = told.email.marketing
    assert not email.can_receive_email_marketing
    assert (email.consent, email.consent_timestamp) == ("UNSUBSCRIBED", WHEN)
    assert (email.method, email.method_detail) == ("FORM", "Footer")
    assert (email.custom_method_detail, email.double_optin) == ("Spring", True)
    assert [(s.reason, s.timestamp) for s in email.suppression] == [("HARD_BOUNCE", WHEN)]
    assert told.sms.marketing.can_receive_sms_marketing
    assert told.mobile_push.marketing.can_receive_push_marketing
    assert told.whatsapp.marketing.can_receive
    assert not told.whatsapp.transactional.can_receive


def test_people_are_found_by_identifiers(klaviyo: KlaviyoAPI) -> None:
    for number in range(3):
        document = profile_document(email=f"{number}@example.com", external_id=f"c-{number}")
        klaviyo.Profiles.create_profile(document)

    def found(**clauses: Any) -> list[str]:
        builder = FilterBuilder()
        for operator, (field, value) in clauses.items():
            getattr(builder, operator)(field, value)
        page = klaviyo.Profiles.get_profiles(filter=builder.build())
        return [person.attributes.external_id for person in page.data]

    assert found(equals=("email", "1@EXAMPLE.com")) == ["c-1"]
    assert found(any=("external_id", ["c-2", "c-0", "c-9"])) == ["c-0", "c-2"]
    assert found(greater_than=("created", WHEN)) == ["c-0", "c-1", "c-2"]
    assert found(less_than=("created", WHEN)) == []
    assert found(equals=("email", "1@example.com"), any=("external_id", ["c-2"])) == []


@pytest.mark.parametrize("form", ["bare", "equals sign", "whole address"])
def test_pages_follow_one_another(klaviyo: KlaviyoAPI, form: str) -> None:
    at = datetime.now(UTC)
    records = [{"email": f"{number:02}@example.com"} for number in range(25)]
    ingest_profiles(account=Account.objects.get(), records=records, at=at)
    seen: list[str] = []
    cursor = None

    while True:
        page = klaviyo.Profiles.get_profiles(page_size=10, page_cursor=cursor, sort="-email")
        seen += [person.attributes.email for person in page.data]
        if page.links.next is None:
            break
        bare = page.links.next.partition("page%5Bcursor%5D=")[2]
        cursor = {"bare": bare, "equals sign": f"={bare}", "whole address": page.links.next}[form]
        ingest_profiles(
            account=Account.objects.get(), records=[{"email": f"z{len(seen)}@example.com"}], at=at
        )

    assert seen == [f"{number:02}@example.com" for number in reversed(range(25))]
    assert page.links.prev is not None


def test_only_what_was_asked_for(klaviyo: KlaviyoAPI) -> None:
    klaviyo.Profiles.create_profile(profile_document(**ADA))

    page = klaviyo.Profiles.get_profiles(fields_profile=["email", "location.city"])

    (person,) = page["data"]
    assert person["attributes"] == {"email": "ada@example.com", "location": {"city": "Malmö"}}
