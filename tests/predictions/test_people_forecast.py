"""The forecast of some customers: the sum of their predicted CLV, and a range that fits them."""

from __future__ import annotations

import numpy as np
import psycopg.sql as sql
import pytest
from django.db import connection

from predictions.models import Day, Prediction, Run
from predictions.numerics.forecast import forecast, range_of, relative_variance
from predictions.numerics.summary import Log, end_of_day, settle, summarise
from predictions.storage.orders import choices_of, metrics_of, orders_of
from predictions.storage.people_forecast import PeopleForecast, forecast_of
from predictions.storage.refresh import refresh
from predictions.storage.serialization import day_number, fit_of, model_error_of, models_of
from profiles.columns.gather import some
from profiles.models import Profile
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.clock import now
from tests.predictions.stores import AT, shop

pytestmark = pytest.mark.django_db


def of_people(account: Account, ids: list[int]) -> PeopleForecast:
    def read_row(query: sql.Composable) -> tuple[object, ...]:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row: tuple[object, ...] = cursor.fetchone()
            return row

    query = sql.SQL("SELECT id AS profile_id FROM unnest({}::bigint[]) AS t(id)")
    return forecast_of(account, query.format(sql.Literal(ids)), read_row)


@pytest.fixture
def account() -> Account:
    account = shop()
    refresh(account, AT)
    return account


def customers(account: Account) -> list[Prediction]:
    rows = Prediction.objects.filter(account=account).exclude(predicted_clv=None)
    return list(rows.order_by("profile_id"))


def test_the_sum_is_that_of_predicted_clv(account: Account) -> None:
    rows = customers(account)
    some_of_them = rows[::7]
    forecast = of_people(account, [row.profile_id for row in some_of_them])
    assert forecast.people == len(some_of_them)
    assert forecast.without == 0
    assert forecast.expected == pytest.approx(sum(row.predicted_clv or 0 for row in some_of_them))
    assert forecast.expected is not None
    assert forecast.low is not None
    assert forecast.high is not None
    assert forecast.expected is not None
    assert 0 < forecast.low < forecast.expected < forecast.high


def test_of_all_customers_the_range_is_that_of_the_accounts_forecast(account: Account) -> None:
    whole = of_people(account, [row.profile_id for row in customers(account)])
    day = Day.objects.get(account=account)
    assert day.forecast is not None
    revenue = day.forecast["revenue"]
    assert whole.expected is not None
    assert whole.high is not None
    assert whole.high / whole.expected == pytest.approx(revenue["total_high"] / revenue["total"])


@pytest.mark.parametrize("share", [2, 10, 50])
def test_of_some_the_range_is_what_their_own_forecast_would_say(
    account: Account, share: int
) -> None:
    ids = [row.profile_id for row in customers(account)][::share]
    run = Run.objects.get(account=account)
    _orders, spend = models_of(run)
    people = some(account, ids)
    log = orders_of(account, people, metrics_of(account, choices_of(account)))
    cutoff = day_number(Day.objects.get(account=account).day)
    until = end_of_day(cutoff, account.zone)
    summary = summarise(settle(log.orders, Log.empty(), account.zone, until=until), cutoff)
    own = forecast(summary, fit_of(run), spend, edges=(0, 365), model_error=model_error_of(run))
    assert own is not None
    assert own.revenue is not None
    quick = of_people(account, ids)
    assert quick.expected is not None
    assert quick.high is not None
    assert quick.expected == pytest.approx(own.revenue.total, rel=0.01)
    own_width, width = own.revenue.total_high / own.revenue.total, quick.high / quick.expected
    assert np.log(width) == pytest.approx(np.log(own_width), rel=0.1)


def test_who_is_not_in_it_is_counted_with_the_reason(account: Account) -> None:
    ids = [row.profile_id for row in customers(account)[:5]]
    newcomer = Profile.objects.create(
        account=account, external_id="new", created=now(), updated=now()
    )
    idle = Profile.objects.create(account=account, external_id="idle", created=AT, updated=AT)
    Prediction.objects.create(account=account, profile=idle, as_of=AT.date())
    odd = customers(account)[10]
    Prediction.objects.filter(account=account, profile_id=odd.profile_id).update(predicted_clv=None)
    result = of_people(account, [*ids, newcomer.pk, idle.pk, odd.profile_id])
    assert (result.people, result.without) == (5, 3)
    assert (result.never_ordered, result.newer, result.unpredictable) == (1, 1, 1)
    assert result.lack is None


def test_without_predictions_the_reason_is_the_accounts() -> None:
    empty = create_account(slug="empty")
    person = Profile.objects.create(account=empty, external_id="a", created=now(), updated=now())
    result = of_people(empty, [person.pk])
    assert (result.people, result.expected, result.lack) == (0, None, "not_yet")
    assert of_people(empty, []).without == 0


def test_predictions_of_another_account_are_not_heard(account: Account) -> None:
    other = create_account(slug="other")
    assert of_people(other, [row.profile_id for row in customers(account)]).people == 0


@pytest.mark.parametrize("variance", [0.01, 0.0225, 0.5])
def test_a_range_says_its_variance(variance: float) -> None:
    low, high = range_of(100.0, variance)
    assert relative_variance(100.0, high) == pytest.approx(variance)
    assert low * high == pytest.approx(100.0**2)
