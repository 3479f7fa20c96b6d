"""Monthly forecasts: made once a month where somebody asked for them, of whole months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from predictions.models import Day
from segmenter.accounts.models import Account, create_account
from segments.engine.editing import set_active
from segments.forecasts import jobs
from segments.forecasts.jobs import run_forecast
from segments.forecasts.months import last_full_day, months_over
from segments.forecasts.plans import make_monthly, month_of, start_plan, stop_plan
from segments.models import Segment, SegmentForecast
from tests.predictions.stores import AT
from tests.segments.forecasts.shop import FIRST, fill, segment_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker but those that tests are."""
    monkeypatch.setattr(jobs.forecast_start, "subscribers", [])


@pytest.fixture
def account(db: None) -> Account:
    account = create_account(slug="shop", name="Shop")
    fill(account)
    return account


@pytest.fixture
def segment(account: Account) -> Segment:
    return segment_of(account)


def next_month() -> datetime:
    month = (FIRST.replace(day=1) + timedelta(days=32)).replace(day=1)
    return datetime.combine(month, datetime.min.time(), UTC) + timedelta(hours=5)


@pytest.fixture
def predictions_of_today(segment: Segment) -> None:
    """As if predictions were refreshed on the first of the next month."""
    Day.objects.update(day=(next_month() - timedelta(days=1)).date())


@pytest.mark.usefixtures("predictions_of_today")
def test_a_plan_makes_one_forecast_at_the_beginning_of_each_month(segment: Segment) -> None:
    start_plan(segment, user=None, at=AT)
    start_plan(segment, user=None, at=AT)
    assert make_monthly(AT) == []
    at = next_month()
    assert make_monthly(at - timedelta(hours=3)) == []
    (forecast_id,) = make_monthly(at)
    assert make_monthly(at) == make_monthly(at + timedelta(days=20)) == []
    forecast = SegmentForecast.objects.get(pk=forecast_id)
    run_forecast(forecast_id, lambda: at)
    forecast.refresh_from_db()
    assert forecast.user is None
    assert forecast.expected is not None
    assert forecast.expected["months"][0] == at.date().isoformat()
    assert stop_plan(segment)
    assert not stop_plan(segment)
    assert make_monthly(at + timedelta(days=40)) == []


def test_a_plan_waits_for_the_predictions_of_the_whole_month_before(segment: Segment) -> None:
    start_plan(segment, user=None, at=AT)
    assert make_monthly(next_month()) == []
    Day.objects.update(day=next_month().date())
    assert len(make_monthly(next_month() + timedelta(days=2))) == 1


@pytest.mark.usefixtures("predictions_of_today")
def test_an_inactive_segment_is_not_forecast_by_itself(segment: Segment) -> None:
    start_plan(segment, user=None, at=AT)
    set_active(segment, on=False, at=AT)
    assert make_monthly(next_month()) == []


def test_months_and_days_begin_when_the_first_night_of_the_zone_is_over() -> None:
    zone = ZoneInfo("Asia/Tokyo")
    at = datetime(2026, 3, 31, 18, tzinfo=UTC)  # 03:00 on 1 April there
    assert month_of(at, zone) == date(2026, 4, 1)
    assert month_of(at - timedelta(seconds=1), zone) == date(2026, 3, 1)
    assert last_full_day(at, zone) == date(2026, 3, 31)
    assert last_full_day(at - timedelta(seconds=1), zone) == date(2026, 3, 30)
    assert months_over((0, 30, 60), date(2026, 1, 1), date(2026, 1, 31)) == 1
    assert months_over((0, 30, 60), date(2026, 1, 1), date(2026, 1, 30)) == 0
