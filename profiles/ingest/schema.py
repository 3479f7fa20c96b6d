"""Which metrics, lists and properties exist: made when they are first named, remembered here."""

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
    """Name to (id, key) of metrics, which are made if they do not exist; in a transaction."""
    wanted = set(names)
    known = _metrics.get(account_id, {})
    if wanted <= known.keys():
        return known
    missing = sorted(wanted - known.keys())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO profiles_metric (account_id, key, name, created)"
            " SELECT %s, key, name, %s FROM unnest(%s::text[], %s::text[]) AS t(key, name)"
            " ON CONFLICT DO NOTHING",
            [account_id, at, [new_key() for _ in missing], missing],
        )
    rows = Metric.objects.filter(account_id=account_id, name__in=missing)
    found = {metric.name: (metric.pk, metric.key) for metric in rows}
    if len(found) < len(missing):
        return metrics_by_name(account_id, wanted, at)
    transaction.on_commit(partial(_remember_metrics, account_id, found))
    return {**known, **found}


def _remember_metrics(account_id: int, found: Mapping[str, tuple[int, str]]) -> None:
    with _lock:
        _metrics[account_id] = {**_metrics.get(account_id, {}), **found}


def lists_by_name(account_id: int, names: Iterable[str], at: datetime) -> dict[str, List]:
    """Name to list; lists are made if they do not exist; in a transaction."""
    wanted = set(names)
    if not wanted:
        return {}
    found = {row.name: row for row in List.objects.filter(account_id=account_id, name__in=wanted)}
    missing = sorted(wanted - found.keys())
    if not missing:
        return found
    List.objects.bulk_create(
        [List(account_id=account_id, name=name, created=at, updated=at) for name in missing],
        ignore_conflicts=True,
    )
    return lists_by_name(account_id, wanted, at)


def note_properties(
    account_id: int,
    owners: Iterable[tuple[int | None, Mapping[str, Any]]],
    at: datetime,
) -> None:
    """Remember which properties occur with which types; in a transaction.

    `owners` are pairs of a metric's id (None for profiles) and properties.
    """
    seen = _seen.get(account_id, set())
    new = {
        found
        for metric_id, properties in owners
        for name, value in properties.items()
        if value is not None and (found := (metric_id, name, json_type(value))) not in seen
    }
    if not new:
        return
    ordered = sorted(new, key=lambda found: (found[0] or 0, found[1], found[2]))
    with connection.cursor() as cursor:
        for metric_id, name, type_ in ordered:
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
    """Drop what this process remembers (after rows were removed)."""
    with _lock:
        _metrics.clear()
        _seen.clear()
