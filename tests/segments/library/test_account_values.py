"""Parameters are filled in from the account: averages, lists, campaigns, places, the country."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from holidays import list_supported_countries

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Metric
from segmenter.accounts.models import Account, create_account
from segments.library.account_values import AccountValues
from segments.library.home_country import country_of_zone
from segments.library.occasions import CHILDREN, FATHER, MOTHER, OCCASIONS, VALENTINE, day_of
from segments.library.proposal import Proposal, propose
from segments.library.ready_segment import ready_segments
from tests.fixtures.cast import AT
from tests.segments.library.shop import event, filled

__all__ = ["filled"]

pytestmark = pytest.mark.django_db


def proposal_of(account: Account, key: str, **texts: str) -> Proposal:
    return propose(key, ready_segments[key], AccountValues(account, AT), texts)


def values_of(account: Account, key: str, **texts: str) -> dict[str, Any]:
    proposal = proposal_of(account, key, **texts)
    assert proposal.problems == {}
    return {one.parameter.name: one.value for one in proposal.values}


def test_the_average_order_and_the_lowest_third_are_the_account_s_own(filled: Account) -> None:
    assert values_of(filled, "high-aov") == {"aov": 100}
    assert values_of(filled, "low-value-to-lift") == {"amount": 140}


def test_without_orders_the_average_is_a_hundred(account: Account) -> None:
    source = AccountValues(account, AT)
    assert source.average_order_value == 100
    assert source.metric_key("Placed Order") is None


def test_metrics_are_known_in_any_case(filled: Account) -> None:
    proposal = proposal_of(filled, "active-buyers")
    assert proposal.missing == ()
    assert "placed order" in proposal.sentence


def test_the_exact_name_of_a_metric_is_preferred(account: Account) -> None:
    for name in ("placed order", "Placed Order", "PLACED ORDER"):
        Metric.objects.create(account=account, name=name, created=AT)
    key = AccountValues(account, AT).metric_key("Placed Order")
    assert Metric.objects.get(key=key).name == "Placed Order"


def test_what_the_account_lacks_is_named_and_there_is_no_definition(filled: Account) -> None:
    proposal = proposal_of(filled, "chronic-soft-bounces")
    assert proposal.missing == ("the metric “Bounced Email”",)
    assert proposal.definition is None
    assert not proposal.is_usable


def test_a_shop_with_nothing_lacks_metrics_lists_and_campaigns(account: Account) -> None:
    assert proposal_of(account, "new-subscribers").missing == (
        "the metric “Placed Order”",
        "a list",
    )
    assert "a campaign" in proposal_of(account, "cross-channel").missing
    assert proposal_of(account, "inside-eu").is_usable


def test_the_list_is_the_newsletter_and_the_campaign_the_latest(filled: Account) -> None:
    source = AccountValues(filled, AT)
    assert source.lists[values_of(filled, "new-subscribers")["list"]] == "Nyhetsbrev"
    assert values_of(filled, "cross-channel")["campaign"] == "Latest"
    assert source.campaigns == ["Latest", "Older"]


def test_a_list_is_named_by_its_key_or_its_name_in_any_case(filled: Account) -> None:
    key = values_of(filled, "new-subscribers")["list"]
    for text in (key, "Nyhetsbrev", " nyhetsbrev "):
        assert values_of(filled, "new-subscribers", list=text)["list"] == key


def test_a_documented_value_stays_if_it_occurs_and_gives_way_to_the_commonest_else(
    filled: Account,
) -> None:
    assert values_of(filled, "local-event") == {"region": "Dalarna"}
    assert values_of(filled, "tagged")["value"] == "VIP", "in the account's spelling"
    assert values_of(filled, "values-and-lifestyle")["value"] == "music"
    assert values_of(filled, "contact-role")["value"] == "Chef"
    assert values_of(filled, "contact-role", property="role")["value"] == "Buyer"
    assert values_of(filled, "cross-sell") == {"bought": "Tea", "not_bought": "Cup"}
    assert values_of(filled, "cold-region")["regions"] == ["Dalarna"]
    assert values_of(filled, "near-a-place")["place"]["label"] == "Falun"


def test_without_people_the_documented_values_stay(account: Account) -> None:
    assert values_of(account, "local-event") == {"region": "Dalarna"}
    assert len(values_of(account, "cold-region")["regions"]) == 6
    assert values_of(account, "near-a-place")["place"]["label"] == "Boston"


def test_countries_are_in_the_account_s_spellings(filled: Account) -> None:
    assert values_of(filled, "outside-countries")["first"] == ["US"]
    assert values_of(filled, "outside-countries", first="sweden")["first"] == ["SE", "Sweden"]
    assert values_of(filled, "outside-countries", first="SE")["first"] == ["SE"]
    assert "whose country is none of “SE” or “Sweden”" in (
        proposal_of(filled, "outside-countries", first="Sverige").sentence
    )


def test_a_property_that_nobody_has_is_said(filled: Account) -> None:
    assert proposal_of(filled, "need").notes == ("Nobody has the property “Quiz answer” yet.",)
    assert proposal_of(filled, "tagged").notes == ()


def test_a_property_of_lists_is_asked_for_an_item_and_a_text_for_the_whole(filled: Account) -> None:
    assert "contains the item “VIP”" in proposal_of(filled, "tagged").sentence
    assert "contains “Chef”" in proposal_of(filled, "tagged", property="Title").sentence
    sentence = proposal_of(filled, "contact-role", property="Interests").sentence
    assert "contains the item “music”" in sentence


# --- the country and its days --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "country"),
    [
        ("Europe/Stockholm", "SE"),
        ("Europe/Warsaw", "PL"),
        ("America/New_York", "US"),
        ("US/Eastern", "US"),
        ("Poland", "PL"),
        ("UTC", None),
        ("Etc/GMT-2", None),
    ],
)
def test_a_time_zone_belongs_to_a_country(zone: str, country: str | None) -> None:
    assert country_of_zone(zone) == country


def test_a_shop_in_no_country_s_zone_is_where_its_people_are() -> None:
    shop = create_account(slug="utc", time_zone="UTC")
    assert AccountValues(shop, AT).country == "US"
    records = [
        {"email": f"{i}@example.com", "location": {"country": country}}
        for i, country in enumerate(
            ["Poland", "Poland", "Sweden", "Atlantis", "Atlantis", "Atlantis"]
        )
    ]
    ingest_profiles(account=shop, records=records, at=AT)
    assert AccountValues(shop, AT).country == "PL"


@pytest.mark.parametrize(
    ("country", "days"),
    [
        ("US", {MOTHER: (5, 11), FATHER: (6, 15), VALENTINE: (2, 14), CHILDREN: (6, 8)}),
        ("SE", {MOTHER: (5, 25), FATHER: (11, 9), VALENTINE: (2, 14), CHILDREN: (10, 6)}),
        ("PL", {MOTHER: (5, 26), FATHER: (6, 23), VALENTINE: (2, 14), CHILDREN: (6, 1)}),
        ("GB", {MOTHER: (3, 30), FATHER: (6, 15), VALENTINE: (2, 14), CHILDREN: (11, 20)}),
        ("DE", {MOTHER: (5, 11), FATHER: (5, 29), VALENTINE: (2, 14), CHILDREN: (9, 20)}),
        ("NO", {MOTHER: (2, 9), FATHER: (11, 9)}),
        ("FR", {MOTHER: (5, 25), FATHER: (6, 15)}),
        ("BR", {VALENTINE: (6, 12), CHILDREN: (10, 12)}),
        ("ZZ", {MOTHER: (5, 11)}),
    ],
)
def test_days_of_2025_by_country(country: str, days: dict[str, tuple[int, int]]) -> None:
    assert {name: day_of(name, country, 2025) for name in days} == {
        name: date(2025, *day) for name, day in days.items()
    }


def test_mother_s_day_gives_way_to_whitsun_in_france() -> None:
    assert day_of(MOTHER, "FR", 2023) == date(2023, 6, 4)


@pytest.mark.parametrize(
    ("year", "friday", "monday"),
    [(2023, "2023-11-24", "2023-11-27"), (2024, "2024-11-29", "2024-12-02")],
)
def test_black_friday_follows_the_fourth_thursday_everywhere(
    year: int, friday: str, monday: str
) -> None:
    for country in ("US", "SE", "ZZ"):
        span = OCCASIONS["black-friday"].span(country, year)
        assert (span.first.isoformat(), span.final.isoformat()) == (friday, monday)


def test_christmas_ends_when_presents_are_given() -> None:
    assert OCCASIONS["christmas"].span("SE", 2025).final == date(2025, 12, 24)
    assert OCCASIONS["christmas"].span("US", 2025).final == date(2025, 12, 25)


def test_an_occasion_is_last_year_s_in_the_account_s_country(filled: Account) -> None:
    assert values_of(filled, "holiday-shoppers")["period"] == {
        "start": "2025-11-28",
        "end": "2025-12-01",
    }
    mothers = values_of(filled, "holiday-shoppers", period="mothers-day")["period"]
    assert mothers == {"start": "2025-05-11", "end": "2025-05-25"}
    earlier = values_of(filled, "holiday-shoppers", period="Mothers-Day:2024")["period"]
    assert earlier["end"] == "2024-05-26"


def test_last_year_is_that_of_the_account_s_zone() -> None:
    shop = create_account(slug="sydney", time_zone="Australia/Sydney")
    at = AT.replace(year=2025, month=12, day=31, hour=20)
    assert AccountValues(shop, at).today == date(2026, 1, 1)
    period = propose("x", ready_segments["holiday-shoppers"], AccountValues(shop, at)).values[0]
    assert period.value["start"] == "2025-11-28"


def test_every_country_has_every_occasion() -> None:
    for country in (*list_supported_countries(), "ZZ", ""):
        for occasion in OCCASIONS.values():
            for year in (2025, 2026):
                span = occasion.span(country, year)
                assert span.first < span.final, (country, occasion.label)
                assert span.final.year == year, (country, occasion.label)


def test_campaigns_are_those_of_clicks_where_no_receipt_names_one(account: Account) -> None:
    ingest_profiles(account=account, records=[{"email": "anna@example.com"}], at=AT)
    click = event("Clicked Email", "anna", "2026-02-01T09:00:00Z", Campaign_Name="Spring")
    ingest_events(account=account, records=[click], at=AT)
    assert AccountValues(account, AT).campaigns == ["Spring"]
