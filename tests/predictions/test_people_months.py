"""The months of some customers: their sum is what is predicted, and what came is counted right."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import psycopg.sql as sql
import pytest
from django.db import connection

from predictions.models import Day, Prediction, Run
from predictions.numerics.forecast import year_edges
from predictions.numerics.outcomes import monthly_outcomes
from predictions.numerics.summary import Log, end_of_day, settle
from predictions.storage.people_forecast import forecast_of
from predictions.storage.people_months import (
    Cohort,
    PeoplePredictions,
    forecast_months,
    months_of,
    outcomes_of,
    predictions_of,
)
from predictions.storage.queries import state_of
from predictions.storage.refresh import refresh
from predictions.storage.serialization import as_date, day_number
from profiles.ingest.store import ingest_profiles
from profiles.models import Metric, Profile
from segmenter.accounts.models import Account, create_account
from tests.predictions.shops import START, log
from tests.predictions.stores import AT, DAYS, load, shop

UTC = ZoneInfo("UTC")


def query_of(ids: list[int]) -> sql.Composable:
    query = sql.SQL("SELECT id AS profile_id FROM unnest({}::bigint[]) AS t(id)")
    return query.format(sql.Literal(ids))


def people_of(account: Account, share: int = 1) -> PeoplePredictions:
    rows = Prediction.objects.filter(account=account, predicted_number_of_orders__isnull=False)
    ids = list(rows.order_by("profile_id").values_list("profile_id", flat=True))[::share]
    return predictions_of(account, query_of(ids))


@pytest.fixture
def account(db: None) -> Account:
    account = shop()
    refresh(account, AT)
    return account


@pytest.mark.parametrize("share", [1, 3, 40])
def test_the_months_sum_up_to_what_is_predicted_for_the_year(account: Account, share: int) -> None:
    people = people_of(account, share)
    expected = forecast_months(state_of(account), people)
    assert expected is not None

    def read(query: sql.Composable) -> tuple[object, ...]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row: tuple[object, ...] = cursor.fetchone()
            return row

    year = forecast_of(account, query_of(people.ids.tolist()), read)
    assert year.expected is not None
    assert year.high is not None
    revenue, orders = expected["revenue"], expected["orders"]
    assert sum(revenue["expected"]) == pytest.approx(year.expected, abs=0.01)
    assert revenue["total"] == pytest.approx(year.expected, abs=0.01)
    assert sum(orders["expected"]) == pytest.approx(people.orders.sum(), abs=0.01)
    own, quick = revenue["total_high"] / revenue["total"], year.high / year.expected
    assert np.log(own) == pytest.approx(np.log(quick), rel=0.1)
    for amounts in (revenue, orders):
        assert len(amounts["expected"]) == 12
        for low, middle, high in zip(
            amounts["low"], amounts["expected"], amounts["high"], strict=True
        ):
            assert 0 < low < middle < high


def test_predictions_that_are_not_the_models_own_are_spread_over_the_months(
    account: Account,
) -> None:
    people = people_of(account, 5)
    before = forecast_months(state_of(account), people)
    doubled = forecast_months(state_of(account), replace(people, revenue=2 * people.revenue))
    assert before is not None
    assert doubled is not None
    assert np.allclose(
        doubled["revenue"]["high"], 2 * np.array(before["revenue"]["high"]), atol=1e-3
    )
    assert doubled["orders"] == before["orders"]


def test_without_a_model_of_spend_only_orders_are_forecast(account: Account) -> None:
    run = Run.objects.get(account=account)
    run.parameters |= {"p": None, "q": None, "v": None}
    run.save()
    expected = forecast_months(state_of(account), people_of(account, 9))
    assert expected is not None
    assert expected["revenue"] is None
    assert expected["orders"]["total"] > 0


def test_people_whose_orders_are_gone_have_no_months(account: Account) -> None:
    ingest_profiles(account=account, records=[{"external_id": "idle"}], at=AT)
    idle = Profile.objects.get(external_id="idle")
    Prediction.objects.create(
        account=account, profile=idle, as_of=AT.date(), predicted_number_of_orders=1.0
    )
    assert forecast_months(state_of(account), predictions_of(account, query_of([idle.pk]))) is None


def test_of_few_and_of_many_people_the_months_are_read_alike(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = people_of(account, 4)
    few = forecast_months(state_of(account), people)
    monkeypatch.setattr("predictions.storage.people_months.MOST_SELECTED", 10)
    assert forecast_months(state_of(account), people) == few


def test_who_has_no_prediction_is_counted_by_reason(account: Account) -> None:
    names = ("newcomer", "idle", "odd")
    ingest_profiles(account=account, records=[{"external_id": name} for name in names], at=AT)
    newcomer, idle, odd = (Profile.objects.get(external_id=name) for name in names)
    Prediction.objects.create(account=account, profile=idle, as_of=AT.date())
    Prediction.objects.create(
        account=account, profile=odd, as_of=AT.date(), historic_number_of_orders=2
    )
    some = people_of(account, 100).ids.tolist()
    people = predictions_of(account, query_of([odd.pk, newcomer.pk, *some, idle.pk]))
    assert people.ids.tolist() == some
    assert people.without == {"newer": 1, "never_ordered": 1, "unpredictable": 1}
    other = create_account(slug="other")
    assert predictions_of(other, query_of(some)).without["newer"] == len(some)


# --- what came -----------------------------------------------------------------------------------


def test_what_came_is_that_of_these_people_in_half_open_months_of_the_zone(db: None) -> None:
    account = create_account(slug="zoned", time_zone="America/New_York")
    first = as_date(START + 100)
    cutoff = START + 99
    midnight = 4 / 24 if 3 < first.month < 11 else 5 / 24
    rows = [
        (0, 100 + midnight, 10.0),  # the first instant of the first month
        (0, 100 + midnight - 0.001, 99.0),  # just before it
        (0, 110 + midnight - 0.001, 20.0),  # the last instant of the first month
        (0, 110 + midnight, 40.0),  # the first of the second
        (1, 105.5, 1000.0),  # somebody else
        (2, 105.5, 5.0),
        (2, 105.6, 7.0),
    ]
    load(account, log(rows))
    load(account, log([(2, 112.5, 3.0)]), "Refunded Order")
    ids = [Profile.objects.get(external_id=f"c{n}").pk for n in (0, 2)]
    cohort = Cohort(np.array(sorted(ids)), cutoff, (0, 10, 20))
    metrics = {
        name: account_metric(account, metric)
        for name, metric in (("order_metric", "Placed Order"), ("refund_metric", "Refunded Order"))
    }
    (outcome,) = outcomes_of(account, metrics, [cohort], until=as_date(cutoff + 20))
    assert outcome[0].tolist() == [4, 1]
    assert outcome[1].tolist() == [42.0, 37.0]
    (early,) = outcomes_of(account, metrics, [cohort], until=as_date(cutoff + 10))
    assert early[1].tolist() == [42.0, 0.0]


def account_metric(account: Account, name: str) -> str:
    return Metric.objects.get(account=account, name=name).key


def test_a_cancelled_order_did_not_come(db: None) -> None:
    orders, back = log([(0, 5, 10.0), (0, 6, 20.0)]), log([(0, 40, np.nan)])
    settled = settle(orders, Log.empty(), UTC, until=end_of_day(START + 99, UTC))
    among = np.array([True])
    assert monthly_outcomes(settled, among, START, (0, 30, 60))[0].tolist() == [2, 0]
    settled = settle(orders, back, UTC, until=end_of_day(START + 99, UTC))
    count, revenue = monthly_outcomes(settled, among, START, (0, 30, 60))
    assert (count.tolist(), revenue.tolist()) == ([1, 0], [10.0, 0.0])


# --- months --------------------------------------------------------------------------------------


def test_a_year_that_begins_on_the_first_has_calendar_months() -> None:
    edges = year_edges(day_number(date(2026, 11, 30)))
    assert edges == (0, 31, 62, 90, 121, 151, 182, 212, 243, 274, 304, 335, 365)


@pytest.mark.parametrize(
    "day", [date(2026, 11, 28), date(2027, 1, 30), date(2028, 2, 28), date(2027, 12, 30)]
)
def test_months_ascend_and_end_after_365_days_whatever_day_they_begin(day: date) -> None:
    edges = year_edges(day_number(day))
    assert edges[0] == 0
    assert edges[-1] == 365
    assert len(edges) == 13
    assert all(27 <= later - edge <= 31 for edge, later in pairwise(edges))
    begins = [day + timedelta(days=edge + 1) for edge in edges[:-1]]
    assert len({(begin.year, begin.month) for begin in begins}) in (11, 12)


def test_stored_months_are_read_as_they_were_written(account: Account) -> None:
    expected = forecast_months(state_of(account), people_of(account, 50))
    day = Day.objects.get(account=account).day
    assert expected is not None
    assert months_of(expected, day) == year_edges(day_number(day))
    assert day == as_date(START + DAYS - 1)
