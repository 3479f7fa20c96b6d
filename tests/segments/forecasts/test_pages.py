"""The pages of forecasts: what they say before, during and after, and to whom."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils.html import strip_tags

from segmenter.accounts.models import Account, User
from segments.forecasts import jobs
from segments.forecasts.jobs import ask_for_forecast
from segments.forecasts.wording import month_names, month_rows, sentences
from segments.models import ForecastPlan, JobStatus, Segment, SegmentForecast
from segments.uses import latest_records
from tests.builders.shops import new_segment
from tests.fixtures.cast import AT, SignIn

pytestmark = pytest.mark.django_db


def amounts(expected: float) -> dict[str, object]:
    return {
        "expected": [expected] * 12,
        "low": [0.8 * expected] * 12,
        "high": [1.25 * expected] * 12,
        "total": 12 * expected,
        "total_low": 0.9 * 12 * expected,
        "total_high": 1.1 * 12 * expected,
    }


@pytest.fixture
def segment(account: Account) -> Segment:
    return new_segment(account, "Buyers", size=130, as_of=AT)


@pytest.fixture
def forecast(segment: Segment) -> SegmentForecast:
    """100 orders and 5,000 a month from 1 March on, of 120 people."""
    months = [f"{2026 + (n + 2) // 12}-{(n + 2) % 12 + 1:02}-01" for n in range(12)]
    return SegmentForecast.objects.create(
        account=segment.account,
        segment=segment,
        status=JobStatus.DONE,
        heartbeat=AT,
        created=AT,
        finished=AT,
        as_of=AT,
        day=AT.date() - timedelta(days=1),
        members=130,
        people=120,
        without={"never_ordered": 7, "newer": 2, "unpredictable": 1},
        expected={
            "months": months,
            "until": "2027-02-28",
            "orders": amounts(100),
            "revenue": amounts(5000),
            "filters": {"order_metric": "abcdef"},
        },
        due=AT.date() + timedelta(days=30),
    )


def page_of(forecast: SegmentForecast, user: User, sign_in: SignIn) -> str:
    path = f"/segments/{forecast.segment.key}/forecasts/{forecast.pk}"
    with time_machine.travel(AT, tick=False):
        page = sign_in(user).get(path).content.decode()
    return " ".join(strip_tags(page).split())


def test_the_page_says_what_is_expected_of_whom(
    forecast: SegmentForecast, viewer: User, sign_in: SignIn
) -> None:
    page = page_of(forecast, viewer, sign_in)
    for text in (
        "1,080 to 1,320 orders expected in 12 months.",
        "54,000 to 66,000 of revenue expected in 12 months.",
        "March 2026 100 80 to 125 – 5,000 4,000 to 6,250 –",
        "120 people of the 130 members at 1 Mar 2026, 13:00.",
        "7 people have not ordered yet.",
        "2 people came after 28 Feb 2026, the last day that predictions know of.",
        "1 person has no prediction",
    ):
        assert text in page


def test_what_came_stands_beside_it(
    forecast: SegmentForecast, viewer: User, sign_in: SignIn
) -> None:
    forecast.actual, forecast.erased = {"orders": [130.0, 70.4], "revenue": [5000.5, 100.0]}, 1
    forecast.save()
    page = page_of(forecast, viewer, sign_in)
    for text in (
        "In the first 2 months 200 came, where 200 were expected.",
        "March 2026 100 80 to 125 130 above the range",
        "April 2026 100 80 to 125 70 below the range",
        "5,000 4,000 to 6,250 5,001 April",
        "1 person was erased since",
    ):
        assert text in page


def test_after_a_year_the_sentence_is_about_all_of_it(forecast: SegmentForecast) -> None:
    forecast.actual = {"orders": [100.0] * 11 + [102.0], "revenue": [9000.0] * 12}
    assert sentences(forecast) == [
        "1,080 to 1,320 orders expected; 1,202 came.",
        "54,000 to 66,000 of revenue expected; 108,000 came.",
    ]
    total = month_rows(forecast)[-1]
    assert total.revenue is not None
    assert (total.orders.level, total.revenue.level) == ("", "above")


def test_months_that_are_not_of_the_calendar_are_named_from_day_to_day(
    forecast: SegmentForecast,
) -> None:
    assert forecast.expected is not None
    months = [f"2026-{n:02}-30" for n in range(3, 13)] + ["2027-01-30", "2027-02-28"]
    names = month_names({**forecast.expected, "months": months, "until": "2027-03-29"})
    assert (names[0], names[-1]) == ("30 Mar to 29 Apr 2026", "28 Feb to 29 Mar 2027")


def test_without_predictions_the_page_says_what_is_missing(
    segment: Segment, marketer: User, sign_in: SignIn
) -> None:
    client, path = sign_in(marketer), f"/segments/{segment.key}/forecasts"
    page = client.get(path).content.decode()
    assert "Predictions have not been computed yet." in page
    assert "Make a forecast" not in page
    answer = client.post(f"{path}/make", follow=True).content.decode()
    assert "Predictions have not been computed yet." in answer
    assert not SegmentForecast.objects.exists()
    assert not ForecastPlan.objects.exists()


def test_a_marketer_makes_one_and_has_it_made_each_month(
    segment: Segment, marketer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "refusal_of", lambda _segment: "")
    client, path = sign_in(marketer), f"/segments/{segment.key}/forecasts"
    answer = client.post(f"{path}/make", {"monthly": "1"})
    forecast = SegmentForecast.objects.get()
    assert answer["Location"] == f"{path}/{forecast.pk}"
    for headers in ({}, {"HX-Request": "true"}):
        assert "every 1s" in client.get(answer["Location"], headers=headers).content.decode()
    assert "made at the beginning of each month" in client.get(path).content.decode()
    client.post(f"{path}/monthly", {"on": "0"})
    assert not ForecastPlan.objects.exists()
    client.post(f"{path}/{forecast.pk}/cancel")
    forecast.refresh_from_db()
    assert forecast.status == JobStatus.CANCELLED
    assert "every 1s" not in client.get(answer["Location"]).content.decode()


def test_a_failure_is_shown_with_its_reason(
    segment: Segment, forecast: SegmentForecast, viewer: User, sign_in: SignIn
) -> None:
    forecast.status, forecast.error, forecast.expected = JobStatus.FAILED, "No space left", None
    forecast.save()
    assert "No space left" in page_of(forecast, viewer, sign_in)
    with time_machine.travel(AT, tick=False):
        assert sign_in(viewer).get(f"/segments/{segment.key}/forecasts").status_code == 200


def test_forecasts_are_in_the_log_of_uses(forecast: SegmentForecast, marketer: User) -> None:
    record = next(r for r in latest_records(forecast.segment, 9) if r.kind == "Forecast")
    assert record.text == "1,080 to 1,320 orders expected in 12 months."
    assert (record.level, record.by) == ("good", "")


def test_viewers_read_and_strangers_find_nothing(
    forecast: SegmentForecast,
    viewer: User,
    stranger: User,
    marketer: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "refusal_of", lambda _segment: "")
    path = f"/segments/{forecast.segment.key}/forecasts"
    for address in (f"{path}/make", f"{path}/monthly", f"{path}/{forecast.pk}/cancel"):
        assert sign_in(viewer).post(address).status_code == 403
        assert sign_in(stranger).post(address).status_code == 404
    for address in (path, f"{path}/{forecast.pk}"):
        assert sign_in(viewer).get(address).status_code == 200
        assert sign_in(stranger).get(address).status_code == 404
    elsewhere = new_segment(forecast.account, "Other", as_of=AT)
    for wrong in (forecast.pk + 1, 10**30):
        assert sign_in(marketer).get(f"{path}/{wrong}").status_code == 404
    other = f"/segments/{elsewhere.key}/forecasts/{forecast.pk}"
    assert sign_in(marketer).get(other).status_code == 404
    assert ask_for_forecast(elsewhere, user=None, at=AT).pk != forecast.pk
