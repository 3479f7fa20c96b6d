"""After a choice a condition counts at once: its gaps are filled from the day and the shop."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from profiles.ingest.store import ingest_events, ingest_profiles
from profiles.models import Metric
from segmenter.accounts.models import Account, User
from segments.builder.day_presets import black_friday, day_presets
from segments.builder.defaults import settled, start
from segments.builder.first_values import MANY_VALUES, first_difference, with_first_values
from segments.builder.forms import read
from segments.builder.kinds.base import kinds_by_use
from segments.builder.operator_groups import GROUPS
from segments.definition.codec import decode
from segments.definition.operators import filters
from segments.engine.vocabulary import Catalog
from tests.builders.definitions import about, either
from tests.fixtures.cast import AT, SignIn
from tests.segments.builder.builder_page import KnownCatalog, form_drawn

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(account: Account) -> Account:
    """Eight people with Points 0 to 70, who spent 100 to 800; forty pages, one size."""
    people = [
        {"email": f"p{n}@example.com", "properties": {"Points": 10 * n, "Size": "M"}}
        for n in range(8)
    ]
    assert not ingest_profiles(account=account, records=people, at=AT).rejected
    events = [
        {
            "metric": "Placed Order",
            "time": "2026-02-01T10:00:00Z",
            "unique_id": f"order {n}",
            "value": 100 * (n + 1),
            "profile": {"email": f"p{n}@example.com"},
        }
        for n in range(8)
    ] + [
        {
            "metric": "Viewed Page",
            "time": "2026-02-01T10:00:00Z",
            "unique_id": f"page {n}",
            "properties": {"Page": f"/shop/{n}", "Device": "phone"},
            "profile": {"email": "p0@example.com"},
        }
        for n in range(MANY_VALUES + 1)
    ]
    assert not ingest_events(account=account, records=events, at=AT).rejected
    return account


def key_of(account: Account, metric: str) -> str:
    return str(Metric.objects.get(account=account, name=metric).key)


def filled(account: Account, condition: dict[str, Any]) -> dict[str, Any]:
    """The condition as an edit leaves it."""
    return with_first_values(settled(condition, Catalog(account)), account, AT, begins=True)


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("in-the-last", {"quantity": 30, "unit": "day"}),
        ("at-least", {"quantity": 30, "unit": "day"}),
        ("between", {"start": 30, "end": 60, "unit": "day"}),
        ("between-static", {"start": "2026-02-01", "end": "2026-02-28"}),
        ("after", {"date": "2026-03-01"}),
        ("anniversary-next", {"quantity": 7, "unit": "day"}),
        ("calendar-month", {"value": 3}),
        ("alltime", {}),
    ],
)
def test_a_choice_of_when_counts_at_once(
    account: Account, operator: str, values: dict[str, Any]
) -> None:
    condition = about("properties['Joined']", {"type": "date", "operator": operator})
    assert filled(account, condition)["filter"] == condition["filter"] | values
    decode(either(filled(account, condition)))


def test_what_is_there_stays(account: Account) -> None:
    test = {"type": "date", "operator": "in-the-last", "quantity": 5, "unit": "week"}
    assert filled(account, about("properties['Joined']", test))["filter"] == test
    halfway = {"type": "date", "operator": "in-the-last", "unit": "week"}
    assert filled(account, about("properties['Joined']", halfway))["filter"] == test | {
        "quantity": 30
    }


@pytest.mark.parametrize(
    "name", ["Birthday", "birth_date", "Wedding anniversary", "Födelsedag", "Data urodzin"]
)
def test_a_date_that_comes_again_begins_with_its_next_anniversary(name: str) -> None:
    catalog = KnownCatalog(profile={name: frozenset({"date"})})
    condition = settled({"type": "profile-property", "property": f"properties['{name}']"}, catalog)
    assert condition["filter"] == {
        "type": "date",
        "operator": "anniversary-next",
        "quantity": 7,
        "unit": "day",
    }


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 30), ("Black Friday 2026", "2026-11-27", "2026-10-01", "2026-10-31")),
        (date(2026, 11, 26), ("Black Friday 2025", "2025-11-28", "2026-10-01", "2026-10-31")),
        (date(2026, 3, 1), ("Black Friday 2025", "2025-11-28", "2026-02-01", "2026-02-28")),
        (date(2024, 1, 31), ("Black Friday 2023", "2023-11-24", "2023-12-01", "2023-12-31")),
    ],
)
def test_ranges_of_days_are_as_of_today(today: date, expected: tuple[str, ...]) -> None:
    friday, month, week = day_presets(today)
    assert (friday.words, friday.texts[0], *month.texts) == expected
    assert friday.start == black_friday(friday.start.year)
    assert (friday.end - friday.start).days == 3
    assert (week.end, (week.end - week.start).days) == (today, 6)


# --- numbers -------------------------------------------------------------------------------------


def spent(account: Account, measurement: str, operator: str) -> dict[str, Any]:
    return {
        **start("profile-metric"),
        "metric_id": key_of(account, "Placed Order"),
        "measurement": measurement,
        "measurement_filter": {"type": "numeric", "operator": operator},
    }


def test_a_sum_begins_with_the_first_quartile_of_the_shop(shop: Account) -> None:
    condition = filled(shop, spent(shop, "sum", "greater-than-or-equal"))
    assert condition["measurement_filter"]["value"] == 280  # of 100, 200, ... 800: 275
    between = filled(shop, spent(shop, "average", "between"))["measurement_filter"]
    assert (between["start"], between["end"]) == (280, 620)
    assert filled(shop, spent(shop, "count", "at-most")) == spent(shop, "count", "at-most")
    assert filled(shop, spent(shop, "count", "less-than"))["measurement_filter"]["value"] == 2


def test_a_number_of_people_begins_with_its_first_quartile(shop: Account) -> None:
    points = filled(shop, {"type": "profile-property", "property": "properties['Points']"})
    assert points["filter"]["value"] == 18  # of 0, 10, ... 70: 17.5
    unknown = about("properties['Nobody']", {"type": "numeric", "operator": "less-than"})
    assert filled(shop, unknown) == unknown


def test_without_anything_to_measure_the_number_stays_open(shop: Account) -> None:
    condition = spent(shop, "sum", "less-than")
    for hole in ({"metric_id": "NOBODY"}, {"metric_id": 7}, {"measurement": "rubbish"}):
        open_still = filled(shop, {**condition, **hole})
        assert "value" not in open_still["measurement_filter"]


@pytest.mark.parametrize(
    ("dimension", "value"), [("churn_probability", 2 / 3), ("order_probability", 0.5)]
)
def test_predicted_shares_begin_where_they_are_high(
    account: Account, dimension: str, value: float
) -> None:
    condition = {**start("profile-predictive-analytics"), "dimension": dimension}
    assert filled(account, condition)["filter"]["value"] == pytest.approx(value, abs=1e-3)


def test_the_next_order_is_expected_in_the_next_two_weeks(account: Account) -> None:
    condition = {
        **start("profile-predictive-analytics"),
        "dimension": "expected_date_of_next_order",
    }
    assert filled(account, condition)["filter"] == {
        "type": "date",
        "operator": "in-the-next",
        "quantity": 14,
        "unit": "day",
    }


# --- texts ---------------------------------------------------------------------------------------


def pages(account: Account, name: str) -> dict[str, Any]:
    return {
        **start("profile-metric"),
        "metric_id": key_of(account, "Viewed Page"),
        "metric_filters": [{"property": name}],
    }


def test_a_text_of_many_values_is_looked_for_by_a_part(shop: Account) -> None:
    page = filled(shop, pages(shop, "Page"))["metric_filters"][0]["filter"]
    assert page == {"type": "string", "operator": "contains", "ignore_case": True}
    device = filled(shop, pages(shop, "Device"))["metric_filters"][0]["filter"]
    assert device == {"type": "string", "operator": "equals", "ignore_case": True}
    size = filled(shop, {"type": "profile-property", "property": "properties['Size']"})
    assert size["filter"] == {"type": "string", "operator": "equals", "ignore_case": True}


def test_an_operator_that_was_chosen_stays(shop: Account) -> None:
    condition = pages(shop, "Page")
    condition["metric_filters"][0]["filter"] = {"type": "string", "operator": "equals"}
    assert with_first_values(condition, shop, AT) == condition


# --- the page ------------------------------------------------------------------------------------


def test_an_edit_says_which_value_it_filled_in(
    shop: Account, marketer: User, sign_in: SignIn
) -> None:
    condition = {**start("profile-metric"), "metric_id": key_of(shop, "Placed Order")}
    data = form_drawn(either(condition)).sent
    at = "condition_groups-0-conditions-0"
    data[f"{at}-timeframe_filter-operator"] = "date:in-the-last"
    answer = sign_in(marketer).post(
        "/segments/builder/change",
        {**data, "do": "settle", "at": "/condition_groups/0/conditions/0"},
    )
    assert f'data-focus="{at}-timeframe_filter-quantity"' in answer.content.decode()


def test_the_first_difference_is_the_first_value_that_was_not_there() -> None:
    before = {"a": {"operator": "between"}, "b": [{"c": 1}]}
    after = {"a": {"operator": "between", "start": 1, "end": 2}, "b": [{"c": 1, "d": 2}]}
    assert first_difference(before, after) == "/a/start"
    assert first_difference(after, after) == ""
    assert first_difference({**before, "a": after["a"]}, after, "/x") == "/x/b/0/d"


def test_every_operator_stands_in_one_group() -> None:
    in_groups = [each for _title, group in GROUPS for each in group]
    assert sorted(in_groups) == sorted(filters)


def test_choices_of_when_begin_with_those_used_most_and_leave_out_the_future() -> None:
    condition = {**start("profile-metric"), "metric_id": "Metric"}
    operators = form_drawn(either(condition)).options["When"]
    assert operators[:4] == [
        "date:alltime",
        "date:in-the-last",
        "date:between",
        "date:at-least",
    ]
    assert not any("anniversary" in each or "next" in each for each in operators)
    ahead = {"type": "date", "operator": "in-the-next", "quantity": 3, "unit": "day"}
    far_ahead = {**condition, "timeframe_filter": ahead}
    assert "date:in-the-next" in form_drawn(either(far_ahead)).options["When"]
    assert read(form_drawn(either(far_ahead)).sent) == either(far_ahead)


def test_the_kinds_used_most_come_first() -> None:
    assert kinds_by_use()[:3] == [
        "profile-metric",
        "profile-property",
        "profile-group-membership",
    ]


@pytest.mark.parametrize("kind", kinds_by_use())
def test_no_kind_needs_more_than_its_object(kind: str, shop: Account, client: Client) -> None:
    objects: dict[str, dict[str, Any]] = {
        "profile-metric": {"metric_id": key_of(shop, "Placed Order")},
        "profile-property": {"property": "properties['Points']"},
        "profile-group-membership": {"group_ids": ["AAAAAA"]},
        "profile-location-distance": {"latitude": 60.6, "longitude": 15.6, "label": "Falun"},
        "profile-postal-code-distance": {"postal_code": "79130", "country_code": "SWE"},
        "profile-metric-ratio": {
            "numerator": {"metric_id": key_of(shop, "Placed Order")},
            "denominator": {"metric_id": key_of(shop, "Viewed Page")},
        },
        "profile-metric-funnel": {
            "steps": [{"metric_exists": True, "metric_id": key_of(shop, "Placed Order")}] * 2
        },
    }
    condition = {**start(kind), **objects.get(kind, {})}
    if kind == "profile-predictive-analytics":
        condition["dimension"] = "churn_probability"
    decode(either(filled(shop, condition)))
