"""The metrics of all accounts in Prometheus's text format, read from the rows at each scrape.

Nothing is counted in memory, so every web process answers the same. Only `process_` and `python_`
are of the process that answers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from prometheus_client import CollectorRegistry, Metric, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from profiles.models import ImportJob, ImportStatus, ProfileChange
from segmenter.accounts.status import account_slugs, count_by_account, gauge_by_account, gauges
from segments.engine.rewind import WARNING_PERIOD
from segments.engine.watermark import watermarks
from segments.health import heartbeats
from segments.health.audits import CONCLUSIVE
from segments.health.changes import pending_changes
from segments.models import Audit, Build, Segment, SegmentStatus

log = logging.getLogger(__name__)


def exposition(at: datetime) -> tuple[bytes, str]:
    """Return the text of `/metrics` as of `at`, and its content type.

    Works without the database: `segmenter_database_up 0` and the metrics of the process.
    """
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(_Rows(at))
    return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4


class _Rows(Collector):
    """The metrics that are read from rows, at one moment."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def collect(self) -> Iterable[Metric]:
        try:
            metrics = [metric for _, read in gauges.items() for metric in read(self.at)]
        except (InterfaceError, OperationalError) as error:
            log.warning("The figures for Prometheus cannot be read: %s", error)
            metrics = []
        up = GaugeMetricFamily(
            "segmenter_database_up", "1 if PostgreSQL answered", value=1 if metrics else 0
        )
        return [up, *metrics]


@gauges.register("changes")
def _changes(at: datetime) -> Iterator[Metric]:
    slugs, marks = account_slugs(), watermarks(at)
    yield gauge_by_account(
        "segmenter_changes_waiting",
        "Changes of people whose consequences are not drawn yet",
        {account_id: float(count) for account_id, count in pending_changes().items()},
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_oldest_change_age_seconds",
        "Age of the oldest change that waits; 0 if none does",
        {
            account_id: max((at - mark.oldest).total_seconds(), 0)
            for account_id, mark in marks.items()
            if mark.oldest
        },
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_watermark_lag_seconds",
        "How far behind live membership may be",
        {account_id: mark.lag.total_seconds() for account_id, mark in marks.items()},
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_clock_age_seconds",
        "How long ago the windows of time were last moved",
        {
            account_id: (at - mark.clock).total_seconds()
            for account_id, mark in marks.items()
            if mark.clock
        },
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_clock_ahead_seconds",
        "How far windows of time have moved into the future; 0 unless the clock went back",
        {account_id: mark.ahead.total_seconds() for account_id, mark in marks.items()},
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_clock_went_back_seconds",
        "By how much the clock went back within the last day; 0 if it did not",
        {
            account_id: mark.went_back_by.total_seconds()
            for account_id, mark in marks.items()
            if mark.went_back_at and at - mark.went_back_at <= WARNING_PERIOD
        },
        slugs=slugs,
    )
    aside = ProfileChange.objects.filter(handled__isnull=False).exclude(error="")
    yield gauge_by_account(
        "segmenter_changes_set_aside",
        "Changes whose consequences could not be drawn",
        count_by_account(aside),
        slugs=slugs,
    )


@gauges.register("work")
def _work(at: datetime) -> Iterator[Metric]:
    slugs = account_slugs()
    yield gauge_by_account(
        "segmenter_builds_unfinished",
        "Builds of segments that wait or run",
        count_by_account(Build.objects.filter(finished=None)),
        slugs=slugs,
    )
    yield gauge_by_account(
        "segmenter_segments_frozen",
        "Segments whose definition cannot be evaluated",
        count_by_account(Segment.objects.filter(status=SegmentStatus.FROZEN)),
        slugs=slugs,
    )
    running = [ImportStatus.WAITING, ImportStatus.RUNNING]
    yield gauge_by_account(
        "segmenter_imports_unfinished",
        "Imports of files that wait or run",
        count_by_account(ImportJob.objects.filter(status__in=running)),
        slugs=slugs,
    )


@gauges.register("audits")
def _audits(at: datetime) -> Iterator[Metric]:
    slugs = account_slugs()
    last = (
        Audit.objects.filter(CONCLUSIVE).order_by("account", "-started", "-pk").distinct("account")
    )
    rows = list(last.values_list("account", "differences", "started"))
    yield gauge_by_account(
        "segmenter_audit_differences",
        "People whom the last audit found in the wrong place",
        {account_id: differences for account_id, differences, _ in rows},
        slugs=slugs,
    )
    age = GaugeMetricFamily(
        "segmenter_audit_age_seconds",
        "How long ago the last audit began that came to its end; absent before the first",
        labels=["account"],
    )
    for account_id, _, started in rows:
        if account_id in slugs:
            age.add_metric([slugs[account_id]], (at - started).total_seconds())
    yield age


@gauges.register("processes")
def _processes(at: datetime) -> Iterator[Metric]:
    processes = heartbeats.process_states(at)
    age = GaugeMetricFamily(
        "segmenter_heartbeat_age_seconds",
        "How long ago a process was last heard",
        labels=["kind", "process"],
    )
    alive = GaugeMetricFamily(
        "segmenter_processes_alive", "Processes that are alive", labels=["kind"]
    )
    for one in processes:
        age.add_metric([one.kind, one.host], one.silence.total_seconds())
    for kind in ("worker", "beat"):
        alive.add_metric([kind], sum(one.is_alive for one in processes if one.kind == kind))
    yield from (age, alive)


@gauges.register("written")
def _insert_counts(at: datetime) -> Iterator[Metric]:
    """Counts by PostgreSQL's own statistics: counting the ledger would read all of its rows."""
    tables = {
        "segments_membershipchange": "segmenter_membership_changes",
        "profiles_event": "segmenter_events_stored",
        "profiles_profilechange": "segmenter_changes_noted",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins FROM pg_stat_user_tables"
            " WHERE relid = ANY(SELECT to_regclass(name)::oid FROM unnest(%s::text[]) name)",
            [list(tables)],
        )
        for table, rows in cursor.fetchall():
            yield CounterMetricFamily(
                tables[table],
                f"Rows written to {table} as PostgreSQL counts them, rolled back ones too",
                value=rows,
            )
