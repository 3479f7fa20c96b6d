"""How fast a forecast and a test report of everyone are: `-m bench segment_forecast`.

Customers are drawn from the models, so that there is something to predict. Half of them are a
sample and half its control; all of them received a campaign, and a third opened it.
"""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from django.db import connection

from bench.parts import Target
from bench.predictions import DAYS, draw_log
from bench.rows import RINGS, fill_people, fill_segment
from bench.rows import settle as settle_tables
from predictions.storage.refresh import refresh
from profiles.columns.mirror.upkeep import maintain
from profiles.models import List, Metric
from segmenter.accounts.models import create_account
from segmenter.kernel.clock import now
from segments.campaigns.jobs import ask_for_report, report_start, run_report
from segments.campaigns.measures import campaigns_of
from segments.campaigns.report import period_of
from segments.forecasts.actuals import count_actuals
from segments.forecasts.jobs import ask_for_forecast, forecast_start, run_forecast
from segments.models import JobStatus

PEOPLE = {"small": 20_000, "demo": 200_000}
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
AT = OPENED + timedelta(days=DAYS, hours=12)
TARGETS = {"a forecast of all members, made by a worker": Target(most=120.0)}
_MAILS = """INSERT INTO profiles_event
    (account_id, metric_id, profile_id, time, unique_id, properties, received)
    SELECT account_id, %(metric)s, id, %(at)s, %(metric)s || '-' || id,
    '{"Campaign Name": "Spring"}', %(at)s FROM profiles_profile WHERE id %% %(share)s = 0"""


def measure(people: int) -> Iterator[tuple[str, float, str]]:
    """Yield (name, figure, unit)."""
    account = create_account(slug="bench-forecast")
    fill_people(account, people)
    metrics = {
        name: Metric.objects.create(account=account, name=name, created=OPENED)
        for name in ("Placed Order", "Received Email", "Opened Email")
    }
    _write_orders(account.pk, metrics["Placed Order"].pk, people)
    segment = fill_segment(account, "All", range(RINGS))
    mailed = AT - timedelta(days=2)
    groups = [
        List.objects.create(account=account, name=n, created=mailed, updated=mailed) for n in "AB"
    ]
    with connection.cursor() as cursor:
        for place, group in enumerate(groups):
            cursor.execute(
                "INSERT INTO profiles_listmember (account_id, list_id, profile_id, joined)"
                " SELECT account_id, %s, id, %s FROM profiles_profile WHERE id %% 2 = %s",
                [group.pk, mailed - timedelta(hours=1), place],
            )
        for name, share in (("Received Email", 1), ("Opened Email", 3)):
            values: dict[str, Any] = {"metric": metrics[name].pk, "at": mailed, "share": share}
            cursor.execute(_MAILS, values)
    settle_tables()
    with connection.cursor() as cursor:
        for table in ("profiles_event", "profiles_listmember"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    yield "mirror", _seconds(lambda: maintain(account, now())), "s"
    yield "predictions fitted and written", _seconds(lambda: refresh(account, AT)), "s"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE predictions_prediction")
    forecast_start.subscribers.clear()  # the worker is this process, and is timed
    report_start.subscribers.clear()
    forecast = ask_for_forecast(segment, user=None, at=AT)
    yield (
        "a forecast of all members, made by a worker",
        _seconds(lambda: run_forecast(forecast.pk, now)),
        "s",
    )
    forecast.refresh_from_db()
    assert forecast.status == JobStatus.DONE, forecast.error
    assert forecast.due is not None
    yield "members in the forecast", forecast.people, "people"
    later = AT + timedelta(days=40)
    yield "what came of it in a month", _seconds(lambda: count_actuals(account, later)), "s"
    period = period_of(groups, AT)
    yield "campaigns to choose from", _seconds(lambda: campaigns_of(account, groups, period)), "s"
    report = ask_for_report(
        account=account,
        samples=groups[:1],
        control=groups[1],
        campaign="Spring",
        goal="ordered",
        user=None,
        at=AT,
    )
    yield "a test report, made by a worker", _seconds(lambda: run_report(report.pk, now)), "s"
    report.refresh_from_db()
    assert report.status == JobStatus.DONE, report.error
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "most memory of the process", peak, "MB"


def _seconds(work: Callable[[], Any]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def _write_orders(account: int, metric: int, people: int) -> None:
    """Write the orders of drawn customers; each is one of the people."""
    log = draw_log(people)
    micros = int(OPENED.timestamp()) * 1_000_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM profiles_profile WHERE account_id = %s", [account])
        first = cursor.fetchone()[0]
        cursor.execute(
            "CREATE TEMPORARY TABLE drawn (profile_id bigint, micros bigint, value float8)"
        )
        with cursor.copy("COPY drawn FROM STDIN") as copy:
            for start in range(0, len(log), 100_000):
                part = log.take(slice(start, start + 100_000))  # type: ignore[arg-type]
                columns = (part.customer + first, part.time + micros, part.value)
                rows = zip(*(column.tolist() for column in columns), strict=True)
                copy.write("".join(f"{one}\t{time}\t{value}\n" for one, time, value in rows))
        cursor.execute(
            "INSERT INTO profiles_event (account_id, metric_id, profile_id, time, value,"
            " unique_id, properties, received) SELECT %s, %s, profile_id,"
            " to_timestamp(micros / 1e6), value, row_number() OVER ()::text, '{}',"
            " to_timestamp(micros / 1e6) FROM drawn",
            [account, metric],
        )
        cursor.execute("DROP TABLE drawn")
