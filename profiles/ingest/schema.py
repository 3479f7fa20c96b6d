"""Metrics, lists and properties: created when they first occur, and cached in the process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from threading import Lock
from typing import Any

from django.db import connection, transaction

from profiles.ingest.checks import json_type
from profiles.models import List, Metric
from segmenter.kernel.keys import new_key

_lock = Lock()
_metrics: dict[int, dict[str, tuple[int, str]]] = {}
_seen: dict[int, set[tuple[int | None, str, str]]] = {}


def metrics_by_name(
    account_id: int, names: Iterable[str], at: datetime
) -> dict[str, tuple[int, str]]:
    """Name to (id, key) of metrics; missing ones are created. Call it in a transaction."""
    names_set = set(names)
    cached = _metrics.get(account_id, {})
    if names_set <= cached.keys():
        return cached
    missing = sorted(names_set - cached.keys())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO profiles_metric (account_id, key, name, created)"
            " SELECT %s, key, name, %s FROM unnest(%s::text[], %s::text[]) AS t(key, name)"
            " ON CONFLICT DO NOTHING",
            [account_id, at, [new_key() for _ in missing], missing],
        )
    rows = Metric.objects.filter(account_id=account_id, name__in=missing)
    created = {metric.name: (metric.pk, metric.key) for metric in rows}
    if len(created) < len(missing):
        return metrics_by_name(account_id, names_set, at)
    transaction.on_commit(partial(_remember_metrics, account_id, created))
    return {**cached, **created}


def _remember_metrics(account_id: int, metrics: Mapping[str, tuple[int, str]]) -> None:
    with _lock:
        _metrics[account_id] = {**_metrics.get(account_id, {}), **metrics}


def lists_by_name(account_id: int, names: Iterable[str], at: datetime) -> dict[str, List]:
    """Name to list; missing ones are created. Call it in a transaction."""
    distinct_names = set(names)
    if not distinct_names:
        return {}
    lists = {
        row.name: row for row in List.objects.filter(account_id=account_id, name__in=distinct_names)
    }
    missing = sorted(distinct_names - lists.keys())
    if not missing:
        return lists
    List.objects.bulk_create(
        [List(account_id=account_id, name=name, created=at, updated=at) for name in missing],
        ignore_conflicts=True,
    )
    return lists_by_name(account_id, distinct_names, at)


def note_properties(
    account_id: int,
    owners: Iterable[tuple[int | None, Mapping[str, Any]]],
    at: datetime,
) -> None:
    """Record which properties occur, with their types. Call it in a transaction.

    `owners` are pairs of a metric's id (None for profiles) and properties.
    """
    cached = _seen.get(account_id, set())
    new = {
        entry
        for metric_id, properties in owners
        for name, value in properties.items()
        if value is not None and (entry := (metric_id, name, json_type(value))) not in cached
    }
    if not new:
        return
    entries = sorted(new, key=lambda entry: (entry[0] or 0, entry[1], entry[2]))
    with connection.cursor() as cursor:
        for metric_id, name, type_ in entries:
            cursor.execute(
                """INSERT INTO profiles_property (account_id, metric_id, name, types, first_seen)
                   VALUES (%s, %s, %s, ARRAY[%s]::varchar[], %s)
                   ON CONFLICT (account_id, metric_id, name) DO UPDATE
                   SET types = profiles_property.types || excluded.types
                   WHERE NOT profiles_property.types @> excluded.types""",
                [account_id, metric_id, name, type_, at],
            )
    transaction.on_commit(partial(_remember_properties, account_id, new))


def _remember_properties(account_id: int, new: set[tuple[int | None, str, str]]) -> None:
    with _lock:
        _seen[account_id] = _seen.get(account_id, set()) | new


def forget() -> None:
    """Clear the caches of this process (after rows were deleted)."""
    with _lock:
        _metrics.clear()
        _seen.clear()
