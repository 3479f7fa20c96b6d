"""Forecasts of a segment: made once, of whom, kept, and compared with what came of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models import Sum

from predictions.models import Prediction
from predictions.storage.people_months import forecast_months
from predictions.storage.refresh import refresh
from profiles.ingest.erase import erase
from profiles.ingest.merge import merge
from profiles.ingest.store import ingest_events
from profiles.models import Profile
from segmenter.accounts.models import Account, create_account
from segmenter.kernel.errors import Conflict
from segments.engine import job_lease
from segments.engine.job_lease import LEASE, TRIES, late_jobs
from segments.forecasts import jobs
from segments.forecasts.actuals import accounts_to_count, count_actuals
from segments.forecasts.cohorts import read_cohort
from segments.forecasts.jobs import ask_for_forecast, run_forecast
from segments.forecasts.plans import start_plan
from segments.models import (
    ForecastBlock,
    ForecastPlan,
    JobStatus,
    Membership,
    Segment,
    SegmentForecast,
)
from tests.builders.shops import new_segment
from tests.predictions.stores import AT
from tests.segments.forecasts.shop import (
    FIRST,
    clock,
    fill,
    forecast_of_members,
    members_of,
    segment_of,
)

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """What a worker feels of kill -9: nothing runs any more."""


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker but those that tests are, and blocks of a few people."""
    monkeypatch.setattr(jobs.forecast_start, "subscribers", [])
    monkeypatch.setattr("segments.forecasts.cohorts.BLOCK", 30)


@pytest.fixture
def account(db: None) -> Account:
    account = create_account(slug="shop", name="Shop")
    fill(account)
    return account


@pytest.fixture
def segment(account: Account) -> Segment:
    return segment_of(account)


def order(person: int, day: datetime, value: float, name: str = "") -> dict[str, object]:
    return {
        "metric": "Placed Order",
        "time": day.isoformat(),
        "value": value,
        "unique_id": name or f"{person} {day} {value}",
        "profile": {"id": str(person)},
    }


def store(account: Account, *events: dict[str, object], at: datetime) -> None:
    outcome = ingest_events(account=account, records=list(events), at=at)
    assert not outcome.rejected


# --- making one ----------------------------------------------------------------------------------


def test_the_forecast_is_of_the_members_with_a_prediction(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    people = Prediction.objects.filter(profile_id__in=members_of(segment), predicted_clv__gte=0)
    expected = forecast.expected
    assert (forecast.status, forecast.error) == (JobStatus.DONE, "")
    assert expected is not None
    assert forecast.people == people.count() == forecast.members - 1
    assert forecast.without == {"newer": 1, "never_ordered": 0, "unpredictable": 0}
    total = people.aggregate(total=Sum("predicted_clv"))["total"]
    assert sum(expected["revenue"]["expected"]) == pytest.approx(total, abs=0.01)
    assert expected["months"][0] == FIRST.isoformat()
    assert forecast.day == FIRST - timedelta(days=1)
    assert forecast.due == date.fromisoformat(expected["months"][1]) - timedelta(days=1)
    assert read_cohort(forecast).tolist() == sorted(people.values_list("profile_id", flat=True))
    assert ForecastBlock.objects.count() > 2


def test_before_there_are_predictions_the_words_are_those_of_the_account() -> None:
    empty = create_account(slug="empty")
    segment = new_segment(empty, "None", as_of=AT)
    with pytest.raises(Conflict, match="Predictions have not been computed yet"):
        ask_for_forecast(segment, user=None, at=AT)
    store(empty, order_of("ada", AT - timedelta(days=9)), at=AT)
    refresh(empty, AT)
    with pytest.raises(Conflict, match="1 customers have ordered; it takes 500"):
        ask_for_forecast(segment, user=None, at=AT)
    assert not SegmentForecast.objects.exists()


def order_of(name: str, day: datetime) -> dict[str, object]:
    return {**order(0, day, 5.0), "profile": {"external_id": name}}


def test_a_segment_that_is_being_built_has_no_members_to_forecast(account: Account) -> None:
    with pytest.raises(Conflict, match="built for the first time"):
        ask_for_forecast(new_segment(account, "New"), user=None, at=AT)


def test_a_segment_without_predictions_is_forecast_as_nothing(account: Account) -> None:
    idle = Profile.objects.create(account=account, external_id="x", created=AT, updated=AT)
    forecast = forecast_of_members(new_segment(account, "Idle", idle.pk, as_of=AT))
    assert (forecast.status, forecast.people, forecast.members) == (JobStatus.DONE, 0, 1)
    assert forecast.expected is None
    assert forecast.due is None


def test_one_that_is_being_made_is_not_made_twice(segment: Segment) -> None:
    first = ask_for_forecast(segment, user=None, at=AT)
    assert ask_for_forecast(segment, user=None, at=AT).pk == first.pk
    run_forecast(first.pk, clock())
    assert ask_for_forecast(segment, user=None, at=AT).pk != first.pk


def test_whoever_takes_over_from_a_dead_worker_begins_anew(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast = ask_for_forecast(segment, user=None, at=AT)

    def dies(*_args: object, **_more: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "forecast_months", dies)
        with pytest.raises(Killed):
            run_forecast(forecast.pk, clock())
    later = AT + LEASE
    run_forecast(forecast.pk, lambda: later - timedelta(seconds=1))
    forecast.refresh_from_db()
    assert (forecast.status, forecast.tries) == (JobStatus.RUNNING, 1)
    assert late_jobs(SegmentForecast, later) == [forecast.pk]
    Membership.objects.filter(segment=segment, profile_id=members_of(segment)[0]).delete()
    run_forecast(forecast.pk, lambda: later)
    forecast.refresh_from_db()
    assert (forecast.status, forecast.tries) == (JobStatus.DONE, 2)
    assert len(read_cohort(forecast)) == forecast.people == len(members_of(segment)) - 1


def test_a_worker_that_was_replaced_changes_nothing(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast = ask_for_forecast(segment, user=None, at=AT)

    def overtaken(*args: object, **more: object) -> object:
        SegmentForecast.objects.update(heartbeat=AT + timedelta(seconds=9))
        return forecast_months(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(jobs, "forecast_months", overtaken)
    run_forecast(forecast.pk, clock())
    forecast.refresh_from_db()
    assert (forecast.status, forecast.expected) == (JobStatus.RUNNING, None)


def test_after_so_many_dead_workers_it_is_given_up(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    forecast = ask_for_forecast(segment, user=None, at=AT)

    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(jobs, "forecast_months", breaks)
    for number in range(TRIES):
        at = AT + number * LEASE
        with pytest.raises(RuntimeError):
            run_forecast(forecast.pk, lambda at=at: at)  # type: ignore[misc]
    run_forecast(forecast.pk, lambda: AT + TRIES * LEASE)
    forecast.refresh_from_db()
    assert forecast.status == JobStatus.FAILED
    assert (
        forecast.error == "Given up: its worker went away 5 times. RuntimeError: the disk is full"
    )
    assert late_jobs(SegmentForecast, AT + timedelta(days=1)) == []


def test_one_that_was_cancelled_is_not_made(segment: Segment) -> None:
    forecast = ask_for_forecast(segment, user=None, at=AT)
    assert job_lease.cancel(forecast, at=AT)
    assert not job_lease.cancel(forecast, at=AT)
    run_forecast(forecast.pk, clock())
    forecast.refresh_from_db()
    assert (forecast.status, forecast.tries) == (JobStatus.CANCELLED, 0)


def test_a_message_that_was_lost_is_sent_again_once(segment: Segment) -> None:
    forecast = ask_for_forecast(segment, user=None, at=AT)
    assert late_jobs(SegmentForecast, AT) == []
    later = AT + timedelta(seconds=6)
    assert late_jobs(SegmentForecast, later) == [forecast.pk]
    assert late_jobs(SegmentForecast, later) == []
    earlier = AT - timedelta(days=3)  # the clock went back
    assert late_jobs(SegmentForecast, earlier) == [forecast.pk]


# --- what came -----------------------------------------------------------------------------------


def noon(days: float) -> datetime:
    return datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=days, hours=12)


def test_what_came_is_of_its_people_whoever_is_a_member_later(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    account, (inside, other, *_rest) = segment.account, read_cohort(forecast).tolist()
    outside = Prediction.objects.exclude(profile_id__in=members_of(segment)).first()
    assert outside is not None
    Membership.objects.filter(segment=segment, profile_id=inside).delete()
    Membership.objects.create(
        account=account, segment=segment, profile_id=outside.profile_id, entered=AT
    )
    store(
        account,
        order(inside, noon(3), 100.0),
        order(outside.profile_id, noon(3), 5000.0),
        order(other, noon(4), 10.0),
        order(other, noon(-1), 999.0),  # of the last day before it
        at=noon(20),
    )
    assert accounts_to_count(noon(20)) == []
    month = forecast.due
    assert month is not None
    end = datetime.combine(month, datetime.min.time(), UTC) + timedelta(days=1)
    assert accounts_to_count(end + timedelta(hours=2, minutes=59)) == []
    due_at = end + timedelta(hours=3)
    assert accounts_to_count(due_at) == [account.pk]
    assert count_actuals(account, due_at) == 1
    forecast.refresh_from_db()
    assert forecast.actual == {"orders": [2.0], "revenue": [110.0]}
    assert forecast.due is not None
    assert forecast.due > month
    assert count_actuals(account, due_at) == 0
    assert accounts_to_count(due_at) == []


def test_with_each_month_the_earlier_ones_are_counted_anew(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    account, person = segment.account, read_cohort(forecast).tolist()[0]
    store(account, order(person, noon(3), 100.0, "a"), at=noon(5))
    count_actuals(account, noon(32))
    store(account, order(person, noon(4), 50.0, "late"), at=noon(33))
    count_actuals(account, noon(65))
    forecast.refresh_from_db()
    assert forecast.actual == {"orders": [2.0, 0.0], "revenue": [150.0, 0.0]}


def test_forecasts_that_are_due_together_are_counted_together(
    segment: Segment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segments.forecasts.actuals.TOGETHER", 2)
    forecasts = [forecast_of_members(segment) for _number in range(3)]
    person = read_cohort(forecasts[0]).tolist()[0]
    store(segment.account, order(person, noon(3), 100.0), at=noon(5))
    assert count_actuals(segment.account, noon(32)) == 3
    for forecast in forecasts:
        forecast.refresh_from_db()
        assert forecast.actual == {"orders": [1.0], "revenue": [100.0]}


def test_after_the_last_month_its_people_are_forgotten(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    account = segment.account
    assert count_actuals(account, noon(366)) == 1
    forecast.refresh_from_db()
    assert len(forecast.actual["orders"]) == 12
    assert forecast.due is None
    assert not ForecastBlock.objects.exists()
    assert count_actuals(account, noon(400)) == 0


def test_an_erased_person_leaves_the_forecast(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    other = forecast_of_members(segment)
    account, (person, stays, *_rest) = segment.account, read_cohort(forecast).tolist()
    store(account, order(person, noon(3), 100.0), order(stays, noon(3), 7.0), at=noon(4))
    erase(account=account, profile_id=person, at=noon(5))
    for one in (forecast, other):
        assert person not in read_cohort(one).tolist()
        one.refresh_from_db()
        assert one.erased == 1
    count_actuals(account, noon(32))
    forecast.refresh_from_db()
    assert forecast.actual["revenue"] == [7.0]


def test_a_merged_person_is_followed_and_counts_once(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    account, (kept_id, merged_id, *_rest) = segment.account, read_cohort(forecast).tolist()
    merge(account=account, keep_id=kept_id, drop_id=merged_id, at=noon(1))
    store(account, order(kept_id, noon(3), 100.0), at=noon(4))
    assert merged_id not in read_cohort(forecast).tolist()
    count_actuals(account, noon(32))
    forecast.refresh_from_db()
    assert forecast.actual == {"orders": [1.0], "revenue": [100.0]}
    erase(account=account, profile_id=kept_id, at=noon(33))
    assert {kept_id, merged_id}.isdisjoint(read_cohort(forecast).tolist())
    forecast.refresh_from_db()
    assert forecast.erased == 1


def test_where_the_metric_of_orders_is_gone_nothing_came(segment: Segment) -> None:
    forecast = forecast_of_members(segment)
    assert forecast.expected is not None
    forecast.expected["filters"] = {"order_metric": "nonono"}
    forecast.save()
    assert count_actuals(segment.account, noon(32)) == 1
    forecast.refresh_from_db()
    assert forecast.actual == {"orders": [0.0], "revenue": [0.0]}


def test_a_forecast_goes_with_its_segment(segment: Segment) -> None:
    forecast_of_members(segment)
    start_plan(segment, user=None, at=AT)
    segment.delete()
    for model in (SegmentForecast, ForecastBlock, ForecastPlan):
        assert not model._default_manager.exists()
