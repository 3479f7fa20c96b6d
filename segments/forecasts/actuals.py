"""What came of forecasts: orders and revenue of their people, for each month that is over.

With every month that ends all months before are counted anew, so that later refunds and events that
came late are in them. After the last month the ids of the people are deleted.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from django.db import connection, transaction

from predictions.storage.people_months import Cohort, months_of, outcomes_of
from predictions.storage.serialization import day_number
from segmenter.accounts.models import Account
from segments.forecasts.cohorts import read_cohort
from segments.forecasts.months import QUIET, last_day_of_month, last_full_day, months_over
from segments.models import ForecastBlock, SegmentForecast

TOGETHER = 20
"""Forecasts that are counted from one reading of the orders: the ids of each may be a million."""


def accounts_to_count(at: datetime) -> list[int]:
    """Return the accounts with a forecast of which a month is over and not counted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT f.account_id FROM segments_segmentforecast f"
            " JOIN accounts_account a ON a.id = f.account_id WHERE f.due IS NOT NULL"
            " AND f.due < (%s AT TIME ZONE a.time_zone - make_interval(secs => %s))::date"
            " ORDER BY 1",
            [at, QUIET.total_seconds()],
        )
        return [account_id for (account_id,) in cursor.fetchall()]


def count_actuals(account: Account, at: datetime) -> int:
    """Count what came of an account's forecasts that are due; return how many. Idempotent."""
    until = last_full_day(at, account.zone)
    by_metrics: dict[tuple[tuple[str, str], ...], list[SegmentForecast]] = defaultdict(list)
    for forecast in SegmentForecast.objects.filter(account=account, due__lte=until).order_by("pk"):
        assert forecast.expected is not None
        by_metrics[tuple(sorted(forecast.expected["filters"].items()))].append(forecast)
    for metrics, forecasts in by_metrics.items():
        for start in range(0, len(forecasts), TOGETHER):
            _count(account, dict(metrics), forecasts[start : start + TOGETHER], until)
    return sum(map(len, by_metrics.values()))


def _count(
    account: Account, metrics: dict[str, str], forecasts: list[SegmentForecast], until: date
) -> None:
    """Count the months of some forecasts that have ended by the end of a day."""
    cohorts = [_cohort(forecast) for forecast in forecasts]
    outcomes = outcomes_of(account, metrics, cohorts, until=until)
    for forecast, cohort, (orders, revenue) in zip(forecasts, cohorts, outcomes, strict=True):
        assert forecast.day is not None
        over = months_over(cohort.edges, forecast.day, until)
        actual = {"orders": orders[:over].tolist(), "revenue": revenue[:over].tolist()}
        due = last_day_of_month(cohort.edges, forecast.day, over)
        with transaction.atomic():
            rows = SegmentForecast.objects.filter(pk=forecast.pk, due=forecast.due)
            if rows.update(actual=actual, due=due) and due is None:
                ForecastBlock.objects.filter(forecast=forecast).delete()


def _cohort(forecast: SegmentForecast) -> Cohort:
    assert forecast.expected is not None
    assert forecast.day is not None
    edges = months_of(forecast.expected, forecast.day)
    return Cohort(read_cohort(forecast), day_number(forecast.day), edges)
