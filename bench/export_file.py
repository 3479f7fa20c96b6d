"""How fast exports are made: `.venv/bin/python -m bench.part export_file --profiles 200000`.

Twenty columns of half of the people: identity, place, consent with whether they can be reached,
predictions, properties, orders in a window. The limit is PostgreSQL's COPY of one query with the
same columns, joins and rows, unformatted, read by the same client. A file goes into nothing
(`written`), or through a whole job into rows (`stored`). Turns are taken, so that whatever else
the machine does meets all alike.
"""

from __future__ import annotations

import gc
import resource
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from django.db import connection

from bench.parts import LIMIT, Target
from bench.rows import RINGS, SINCE, fill_people, fill_segment, settle
from profiles.models import Metric, Property
from segmenter.accounts.models import create_account
from segmenter.kernel.clock import database_now, now
from segments.exports.jobs import run_export, start
from segments.member_files.database_snapshot import database_snapshot
from segments.member_files.file import plan_export, write_file
from segments.member_files.member_rows import blocks_query
from segments.member_files.request import ExportRequest
from segments.models import Export, Segment

PEOPLE = {"small": 20_000, "demo": 200_000}
ROUNDS = 3
COLUMNS = (
    *("id", "external_id", "email", "first_name", "last_name", "phone_number", "created"),
    *("city", "region", "country", "entered", "consent.email", "consent.email.can_receive"),
    *("predicted_clv", "total_clv", "churn_probability", "Points", "Favourite colours"),
    *("count:Placed Order:365d", "sum:Placed Order"),
)
_COPY = """COPY (
    SELECT p.id, p.external_id, p.email, p.first_name, p.last_name, p.phone_number, p.created,
        p.city, p.region, p.country, m.entered, c.status,
        p.email IS NOT NULL AND s.profile_id IS NULL AND c.status IS DISTINCT FROM 'unsubscribed',
        d.predicted_clv, d.total_clv, d.churn_probability, p.properties -> 'Points',
        p.properties -> 'Favourite colours', e.recent, e.value
    FROM segments_membership m JOIN profiles_profile p ON p.id = m.profile_id
    LEFT JOIN profiles_consent c ON c.account_id = {account} AND c.channel = 'email'
        AND c.profile_id = p.id AND (c.status_date IS NULL OR c.status_date <= now())
    LEFT JOIN (SELECT DISTINCT profile_id FROM profiles_suppression WHERE account_id = {account}
        AND channel = 'email' AND date <= now()) s ON s.profile_id = p.id
    LEFT JOIN predictions_prediction d ON d.account_id = {account} AND d.profile_id = p.id
    LEFT JOIN (SELECT e.profile_id, sum(value) AS value,
        count(*) FILTER (WHERE time >= now() - interval '365 days') AS recent
        FROM profiles_event e WHERE e.account_id = {account} AND e.metric_id = {metric}
        GROUP BY e.profile_id) e ON e.profile_id = p.id
    WHERE m.account_id = {account} AND m.segment_id = {segment} ORDER BY m.profile_id
) TO STDOUT"""
_FILL = (
    """INSERT INTO profiles_consent (account_id, profile_id, channel, status, status_date, recorded)
       SELECT account_id, id, 'email',
       (ARRAY['subscribed', 'unsubscribed'])[1 + (id %% 5 = 0)::int], %(at)s, %(at)s
       FROM profiles_profile WHERE id %% 3 > 0""",
    """INSERT INTO profiles_suppression (account_id, profile_id, channel, reason, date)
       SELECT account_id, id, 'email', 'hard_bounce', %(at)s FROM profiles_profile
       WHERE id %% 50 = 0""",
    """INSERT INTO predictions_prediction (account_id, profile_id, as_of, historic_clv,
       predicted_clv, total_clv, predicted_number_of_orders, churn_probability)
       SELECT account_id, id, '2026-03-01', id %% 400, id %% 97 / 3.0, id %% 500, 1.5,
       id %% 100 / 100.0 FROM profiles_profile WHERE id %% 10 < 7""",
    """INSERT INTO profiles_event (account_id, metric_id, profile_id, time, value, unique_id,
       properties, received) SELECT account_id, %(metric)s, id, %(at)s - n * interval '90 days',
       id %% 300 / 2.0, n::text, '{}', %(at)s FROM profiles_profile, generate_series(1, 4) AS n
       WHERE id %% 2 = 0""",
)
TARGETS = {
    "20 columns as CSV, times PostgreSQL's own COPY": Target(most=3.0),
    "20 columns as CSV, stored by a job, times PostgreSQL's own COPY": Target(most=3.0),
    "a stored export, peak memory above that before it": Target(most=100.0),
}


class _Nothing:
    """Counts what is written."""

    def __init__(self) -> None:
        self.rows_done = self.size = 0

    def write(self, content: bytes, /) -> int:
        self.size += len(content)
        return len(content)


def measure(people: int) -> Iterator[tuple[str, float, str] | tuple[str, float, str, str]]:
    """Yield (name, figure, unit) or (name, figure, unit, LIMIT)."""
    segment, metric = _filled(people)
    ways = {
        "copy": lambda: _copy(segment, metric),
        "csv": lambda: _write(segment, "csv"),
        "stored": lambda: _store(segment),
    }
    gc.collect()
    before, peak = _peak_memory(), 0.0
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _turn in range(ROUNDS):
        for way, run in ways.items():
            started = perf_counter()
            if run() != segment.size:
                raise AssertionError(f"{way} does not hold all members")
            times[way].append(perf_counter() - started)
    peak = _peak_memory() - before
    name = f"{segment.size:,} members x {len(COLUMNS)} columns"
    yield f"{name} as CSV", median(times["csv"]), "s"
    yield f"{name} as CSV", median(times["copy"]), "s", LIMIT
    yield f"{name} as CSV, stored by a job", median(times["stored"]), "s"
    for way, suffix in (("csv", ""), ("stored", ", stored by a job")):
        ratios = [one / copy for one, copy in zip(times[way], times["copy"], strict=True)]
        yield f"20 columns as CSV{suffix}, times PostgreSQL's own COPY", median(ratios), "times"
    yield "a stored export, peak memory above that before it", peak, "MB"
    for kind in ("jsonl", "parquet", "xlsx"):
        started = perf_counter()
        _write(segment, kind)
        yield f"{name} as {kind}", perf_counter() - started, "s"


def _filled(people: int) -> tuple[Segment, int]:
    account = create_account(slug="bench-export-file")
    fill_people(account, people)
    for name in ("Points", "Favourite colours"):
        assert Property.objects.filter(account=account, name=name).exists()
    metric = Metric.objects.create(account=account, name="Placed Order", created=SINCE)
    with connection.cursor() as cursor:
        for statement in _FILL:
            cursor.execute(statement, {"at": SINCE, "metric": metric.pk})
    segment = fill_segment(account, "Half", range(RINGS // 2))
    settle()
    with connection.cursor() as cursor:
        for table in ("profiles_event", "profiles_consent", "predictions_prediction"):
            cursor.execute(f"VACUUM ANALYZE {table}")
    return segment, metric.pk


def _copy(segment: Segment, metric: int) -> int:
    query = _COPY.format(account=segment.account_id, segment=segment.pk, metric=metric)
    with connection.cursor() as cursor, cursor.copy(query) as rows:
        return sum(1 for _row in rows)


def _write(segment: Segment, kind: str) -> int:
    request = ExportRequest(COLUMNS, format=kind, delimiter=";", decimal=",")
    sink = _Nothing()
    with database_snapshot(own=True) as snapshot:
        plan = plan_export(segment, request, snapshot.at)
        people = snapshot.rows(blocks_query(segment, (), snapshot.at))
        write_file(plan, snapshot, [(first, last) for first, last, _count, _ids in people], sink)
    return sink.rows_done


def _store(segment: Segment) -> int:
    request = ExportRequest(COLUMNS, delimiter=";", decimal=",")
    export = start(segment, request, user=None, at=now())
    run_export(export.pk, database_now)
    done = Export.objects.get(pk=export.pk)
    if done.error:
        raise AssertionError(done.error)
    done.delete()
    return done.rows_done


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
