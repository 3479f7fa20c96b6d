"""Predictions of people in the API, in Klaviyo's format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from klaviyo_api import KlaviyoAPI

from predictions.models import Prediction
from predictions.pages.person_card import _card
from predictions.pages.wording import number, percent
from predictions.storage.refresh import refresh
from profiles.columns.gather import all_of
from profiles.columns.instants import to_micros
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.models import Profile
from segmenter.accounts.models import Account
from tests.api.conftest import Api, profile_document
from tests.predictions.shops import log, shop_drawn
from tests.predictions.stores import AT, DAYS, load

WITH_ANALYTICS = "additional-fields[profile]=predictive_analytics"
NAMES = {
    *("historic_clv", "predicted_clv", "total_clv", "historic_number_of_orders"),
    *("predicted_number_of_orders", "average_days_between_orders", "average_order_value"),
    *("churn_probability", "expected_date_of_next_order", "ranked_channel_affinity"),
}
NUMBERS = NAMES - {"expected_date_of_next_order", "ranked_channel_affinity"}
NOTHING = dict.fromkeys(NAMES)


@pytest.fixture
def predicted(account: Account) -> Account:
    """A shop with enough orders, whose days begin at 22 or 23 o'clock in UTC."""
    account.time_zone = "Europe/Stockholm"
    account.save()
    load(account, shop_drawn(700, DAYS))
    refresh(account, AT)
    return account


def everyone(api: Api, query: str = WITH_ANALYTICS) -> Iterator[dict[str, Any]]:
    """All people, page by page."""
    address = f"/api/profiles?page[size]=100&{query}"
    while address:
        document = json.loads(api.get(address).content)
        yield from document["data"]
        address = document["links"]["next"]


def test_everyone_has_what_is_predicted_of_them(api: Api, predicted: Account) -> None:
    rows = {row.profile_id: row for row in Prediction.objects.filter(account=predicted)}
    columns = all_of(predicted)
    place = {int(id_): i for i, id_ in enumerate(columns.ids)}
    next_order = columns.prediction("expected_date_of_next_purchase").instant_per_row()
    count = 0

    for person in everyone(api):
        analytics, row = person["attributes"]["predictive_analytics"], rows.get(int(person["id"]))
        assert analytics.keys() == NAMES
        assert {name: analytics[name] for name in NUMBERS} == {
            name: getattr(row, name, None) for name in NUMBERS
        }
        day = analytics["expected_date_of_next_order"]
        if row is not None and row.next_order is not None:
            assert day.startswith(f"{row.next_order.isoformat()}T00:00:00+0")
            assert to_micros(datetime.fromisoformat(day)) == next_order[place[int(person["id"])]]
            count += 1
        else:
            assert day is None
        assert analytics["ranked_channel_affinity"] is None
    assert count > 600


def test_the_person_page_shows_the_same_numbers(api: Api, predicted: Account) -> None:
    people = list(Profile.objects.filter(account=predicted)[:20])
    for person in people:
        document = json.loads(api.get(f"/api/profiles/{person.pk}?{WITH_ANALYTICS}").content)
        analytics = document["data"]["attributes"]["predictive_analytics"]
        card = _card(predicted, person)
        if analytics["historic_clv"] is None:
            assert "bars" not in card or card["bars"] == []
            continue
        assert [bar.value for bar in card["bars"]] == [
            number(analytics["historic_clv"], 2),
            number(analytics["predicted_clv"], 2),
        ]
        assert card["facts"]["total"] == number(analytics["total_clv"], 2)
        assert card["facts"]["orders"] == number(analytics["historic_number_of_orders"], 0)
        assert card["facts"]["order_value"] == number(analytics["average_order_value"], 2)
        assert card["risk"].value == percent(analytics["churn_probability"])


def test_a_page_of_people_costs_one_query_more(
    api: Api, predicted: Account, django_assert_num_queries: Any
) -> None:
    for size in (1, 100):
        with django_assert_num_queries(3):  # the key, the page, the predictions
            api.get(f"/api/profiles?page[size]={size}&{WITH_ANALYTICS}")
        with django_assert_num_queries(2):
            api.get(f"/api/profiles?page[size]={size}")


def test_sparse_fields_by_path(api: Api, predicted: Account) -> None:
    query = "fields[profile]=external_id,predictive_analytics.churn_probability"
    (person, *_) = everyone(api, query)

    row = Prediction.objects.get(profile_id=person["id"], account=predicted)
    assert person["attributes"] == {
        "external_id": row.profile.external_id,
        "predictive_analytics": {"churn_probability": row.churn_probability},
    }
    assert row.churn_probability is not None


def test_whoever_is_written_is_answered_with_them(api: Api, predicted: Account) -> None:
    row = Prediction.objects.filter(account=predicted).exclude(predicted_clv=None).first()
    assert row is not None
    id_ = str(row.profile_id)
    patched = api.call(
        "PATCH", f"/api/profiles/{id_}?{WITH_ANALYTICS}", profile_document(id_, title="Dr")
    )
    imported = api.post(f"/api/profile-import?{WITH_ANALYTICS}", profile_document(id_, title="Ms"))
    creation = api.post(
        f"/api/profiles?{WITH_ANALYTICS}", profile_document(email="new@example.com")
    )

    def analytics_of(response: Any) -> Any:
        return json.loads(response.content)["data"]["attributes"]["predictive_analytics"]

    assert (
        analytics_of(patched)["predicted_clv"]
        == analytics_of(imported)["predicted_clv"]
        == row.predicted_clv
    )
    assert (creation.status_code, analytics_of(creation)) == (201, NOTHING)


def test_without_enough_orders_what_is_expected_is_null(api: Api, account: Account) -> None:
    load(account, log([(0, 0.5, 10.0), (0, 10.5, 30.0), (1, 5.5, 7.0)]))
    (before, *_) = everyone(api)
    refresh(account, AT)

    analytics = [person["attributes"]["predictive_analytics"] for person in everyone(api)]

    assert before["attributes"]["predictive_analytics"] == NOTHING
    assert analytics[0] == NOTHING | {
        "historic_clv": 40.0,
        "historic_number_of_orders": 2.0,
        "average_order_value": 20.0,
        "average_days_between_orders": 10.0,
    }
    assert analytics[1]["historic_clv"] == 7.0
    assert analytics[1]["average_days_between_orders"] is analytics[1]["churn_probability"] is None


def test_merged_and_erased_people(api: Api, predicted: Account) -> None:
    keep, drop, erased = Prediction.objects.filter(account=predicted).order_by("profile_id")[:3]
    merge(account=predicted, keep_id=keep.profile_id, drop_id=drop.profile_id, at=AT)
    erase(account=predicted, profile_id=erased.profile_id, at=AT)

    document = json.loads(api.get(f"/api/profiles/{drop.profile_id}?{WITH_ANALYTICS}").content)
    analytics = document["data"]["attributes"]["predictive_analytics"]

    assert analytics["historic_clv"] == keep.historic_clv
    assert api.get(f"/api/profiles/{erased.profile_id}?{WITH_ANALYTICS}").status_code == 404


def test_a_neighbour_sees_nothing_of_them(neighbours_api: Api, predicted: Account) -> None:
    assert list(everyone(neighbours_api)) == []
    person = Profile.objects.filter(account=predicted).first()
    assert person is not None
    assert neighbours_api.get(f"/api/profiles/{person.pk}?{WITH_ANALYTICS}").status_code == 404


def test_the_official_client_reads_them(klaviyo: KlaviyoAPI) -> None:
    account = Account.objects.get()
    load(account, shop_drawn(700, DAYS))
    refresh(account, AT)

    page = klaviyo.Profiles.get_profiles(
        additional_fields_profile=["predictive_analytics"], page_size=100
    )

    for person in page.data:
        row = Prediction.objects.filter(profile_id=int(person.id), account=account).first()
        analytics = person.attributes.predictive_analytics
        assert analytics.churn_probability == getattr(row, "churn_probability", None)
        assert analytics.historic_clv == getattr(row, "historic_clv", None)
        day = analytics.expected_date_of_next_order
        assert (day and day.date()) == getattr(row, "next_order", None)
