"""Looking up an account's segments, and what definitions refer to. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import psycopg.sql as sql
from django.db import connection
from django.db.models import Q, QuerySet

from profiles.columns.population import Extension, extensions
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.models import List, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segments.definition.limits import too_deep
from segments.models import Segment

MOST_NAMED = 10
"""Segments that an error names when a name may mean several."""


def segments_of(account: Account) -> QuerySet[Segment]:
    return Segment.objects.filter(account=account)


def get_segment(account: Account, key: str) -> Segment:
    """Return a segment by its public key. Raises NotFound."""
    found = segments_of(account).filter(key=key).first()
    if found is None:
        raise NotFound("The segment")
    return found


def find_segment(account: Account, text: str) -> Segment:
    """Return the segment that somebody means: by its name or key, else by its name in any case.

    Raises NotFound if there is none, Conflict if there are several.
    """
    segments = segments_of(account)
    text = text.strip()
    if "\0" in text:
        raise NotFound(f"The segment {text!r}")
    for match in (Q(name=text) | Q(key=text), Q(name__iexact=text)):
        matches = list(segments.filter(match).order_by("name")[:MOST_NAMED])
        if len(matches) > 1:
            names = ", ".join(f"{segment.name!r} ({segment.key})" for segment in matches)
            message = f"{text!r} may mean several segments; use the key of one of them: {names}."
            raise Conflict(Problem("", "ambiguous", message))
        if matches:
            return matches[0]
    raise NotFound(f"The segment {text!r}")


class Inventory:
    """What an account has that a definition may refer to; each table is read once, when asked."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @cached_property
    def metrics(self) -> dict[str, str]:
        """Key to name."""
        return dict(Metric.objects.filter(account=self.account).values_list("key", "name"))

    @cached_property
    def lists(self) -> dict[str, str]:
        """Key to name."""
        return dict(List.objects.filter(account=self.account).values_list("key", "name"))

    @cached_property
    def segments(self) -> dict[str, Segment]:
        """Key to segment."""
        return {segment.key: segment for segment in segments_of(self.account)}

    def metric(self, key: str) -> str:
        """What a metric is called; its key if there is none."""
        return self.metrics.get(key, key)

    def group(self, key: str) -> str:
        """What a list or segment is called; its key if there is none."""
        if key in self.lists:
            return self.lists[key]
        return self.segments[key].name if key in self.segments else key


def resolve_names(account: Account, definition: Any) -> Any:
    """Put keys where a definition names a metric or groups: `metric`, `groups`.

    Raises Invalid with a pointer for a name that the account does not have, or what is too deep.
    """
    refusal = too_deep(definition)
    if refusal is not None:
        raise Invalid(refusal)
    inventory = Inventory(account)
    metrics = {name: key for key, name in inventory.metrics.items()}
    groups = {segment.name: key for key, segment in inventory.segments.items()}
    groups |= {name: key for key, name in inventory.lists.items()}
    return _resolved(definition, metrics, groups, "")


def _resolved(value: Any, metrics: Mapping[str, str], groups: Mapping[str, str], at: str) -> Any:
    if isinstance(value, list):
        return [_resolved(item, metrics, groups, f"{at}/{i}") for i, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    named: dict[str, Any] = {}
    for name, item in value.items():
        if name == "metric" and "metric_id" not in value and isinstance(item, str):
            named["metric_id"] = _key(item, metrics, f"{at}/metric", "metric")
        elif name == "groups" and "group_ids" not in value and isinstance(item, list):
            named["group_ids"] = [
                _key(group, groups, f"{at}/groups/{i}", "list or segment")
                for i, group in enumerate(item)
            ]
        else:
            named[name] = _resolved(item, metrics, groups, f"{at}/{name}")
    return named


def _key(name: Any, keys: Mapping[str, str], pointer: str, what: str) -> str:
    if name not in keys:
        raise Invalid(Problem(pointer, "unknown", f"There is no {what} {name!r}."))
    return keys[name]


def _members(rows: RowReader, key: str) -> GroupRows | None:
    """Who is in a segment, for `Population.group`."""
    found = Segment.objects.filter(account_id=rows.account_id, key=key).first()
    if found is None:
        return None
    query = sql.SQL(
        "SELECT profile_id, entered FROM segments_membership p WHERE {} AND segment_id = {}"
    )
    return rows.joined(query, found.pk)


def _state(account_id: int, key: str) -> object:
    """Which version of a segment's row there is: whoever changes its members changes its size."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text, ctid::text FROM segments_segment"
            " WHERE account_id = %s AND key = %s",
            [account_id, key],
        )
        return cursor.fetchone()


extensions.add("segment", Extension(_members, _state))
