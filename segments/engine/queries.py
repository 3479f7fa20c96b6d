"""Reading an account's segments, and what their definitions refer to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

import psycopg.sql as sql
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from profiles.columns.population import Extension, extensions
from profiles.columns.row_reader import GroupRows, RowReader
from profiles.models import List, Metric
from segmenter.accounts.models import Account
from segmenter.kernel.errors import Conflict, Invalid, NotFound, Problem
from segmenter.kernel.json_pointer import child
from segments.definition.codec import decode
from segments.definition.limits import too_deep
from segments.definition.validate import groups_of
from segments.models import Segment

MOST_NAMED = 10
"""Segments that an error names when a name may mean several."""


def segments_of(account: Account) -> QuerySet[Segment]:
    return Segment.objects.filter(account=account)


def get_segment(account: Account, key: str) -> Segment:
    """Return a segment by its public key. Raises NotFound."""
    segment = segments_of(account).filter(key=key).first()
    if segment is None:
        raise NotFound("The segment")
    return segment


def referring_segments(account_id: int, key: str) -> list[Segment]:
    """Return the other segments whose definition refers to a list or segment, by name.

    An unreadable definition counts as referring to it if its JSON contains the key.
    """
    return [segment for segment, _key in references_to(account_id, {key})]


def references_to(account_id: int, keys: Collection[str]) -> list[tuple[Segment, str]]:
    """Return each segment that refers to one of some lists and segments, with that key, by name.

    References of a segment to itself are left out.
    """
    rows = Segment.objects.filter(account_id=account_id).order_by("name")
    return [
        (segment, key)
        for segment in rows
        for key in sorted(_references(segment.definition, keys))
        if key != segment.key
    ]


def segments_built_on(segment: Segment) -> list[Segment]:
    """Return the segments whose definition refers to one, directly or through others."""
    result: dict[str, Segment] = {}
    keys = {segment.key}
    while keys:
        others = {other.key: other for other, _key in references_to(segment.account_id, keys)}
        keys = others.keys() - result.keys() - {segment.key}
        result |= {key: others[key] for key in keys}
    return list(result.values())


def _references(definition: Any, keys: Collection[str]) -> set[str]:
    occurring = set(keys).intersection(_texts(definition))
    try:
        return occurring & groups_of(decode(definition)) if occurring else set()
    except Invalid:
        return occurring


def _texts(value: Any) -> Iterator[str]:
    """All texts of a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _texts(item)


def free_name(account: Account, name: str) -> str:
    """The name, with a number behind it if a segment has it already."""
    name = " ".join(name.split())
    names = set(segments_of(account).values_list("name", flat=True))
    numbered = (f"{name[:190]} ({n})" for n in itertools.count(2))
    return name if name not in names else next(each for each in numbered if each not in names)


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
    """What the definitions of an account may refer to. Each table is read once, on first use."""

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
        """The name of a metric, with its key if others have that name; its key if it is gone."""
        return _unique_name(key, self.metrics, self._metric_names)

    def group(self, key: str) -> str:
        """The name of a list or segment, with its key if others have that name."""
        return _unique_name(key, self._groups, self._group_names)

    @cached_property
    def _groups(self) -> dict[str, str]:
        return {key: segment.name for key, segment in self.segments.items()} | self.lists

    @cached_property
    def _metric_names(self) -> Counter[str]:
        return Counter(self.metrics.values())

    @cached_property
    def _group_names(self) -> Counter[str]:
        return Counter(self._groups.values())


def _unique_name(key: str, names: dict[str, str], counts: Counter[str]) -> str:
    name = names.get(key, key)
    if counts[name] < 2:
        return name
    while name in counts:
        name = f"{name} ({key})"
    return name


def resolve_names(account: Account, definition: Any) -> Any:
    """Replace the names of metrics and groups in a definition (`metric`, `groups`) by keys.

    Raises Invalid with a pointer for each unknown name, and for a definition that is too deep.
    """
    refusal = too_deep(definition)
    if refusal is not None:
        raise Invalid(refusal)
    names = _Names(Inventory(account))
    resolved = names.resolve(definition, "")
    if names.problems:
        raise Invalid(*names.problems)
    return resolved


class _Names:
    """Keys by name; collects a problem for each unknown name."""

    def __init__(self, inventory: Inventory) -> None:
        self._metrics = {name: key for key, name in inventory.metrics.items()}
        self._groups = {segment.name: key for key, segment in inventory.segments.items()}
        self._groups |= {name: key for key, name in inventory.lists.items()}
        self.problems: list[Problem] = []

    def resolve(self, value: Any, at: str) -> Any:
        if isinstance(value, list):
            return [self.resolve(item, f"{at}/{i}") for i, item in enumerate(value)]
        if not isinstance(value, dict):
            return value
        resolved: dict[str, Any] = {}
        for name, item in value.items():
            if name == "metric" and "metric_id" not in value and isinstance(item, str):
                resolved["metric_id"] = self._metric(item, f"{at}/metric")
            elif name == "groups" and "group_ids" not in value and isinstance(item, list):
                resolved["group_ids"] = [
                    self._group(group, f"{at}/groups/{i}") for i, group in enumerate(item)
                ]
            else:
                resolved[name] = self.resolve(item, child(at, name))
        return resolved

    def _metric(self, name: str, pointer: str) -> str:
        if name not in self._metrics:
            message = gettext("There is no metric “%(name)s”.") % {"name": name}
            self.problems.append(Problem(pointer, "unknown", message))
        return self._metrics.get(name, name)

    def _group(self, name: Any, pointer: str) -> Any:
        if not isinstance(name, str) or name not in self._groups:
            message = gettext("There is no list or segment “%(name)s”.") % {"name": name}
            self.problems.append(Problem(pointer, "unknown", message))
            return name
        return self._groups[name]


def _members(rows: RowReader, key: str) -> GroupRows | None:
    """The members of a segment, for `Population.group`."""
    segment = Segment.objects.filter(account_id=rows.account_id, key=key).first()
    if segment is None:
        return None
    query = sql.SQL(
        "SELECT profile_id, entered FROM segments_membership p WHERE {} AND segment_id = {}"
    )
    return rows.group_rows(query, segment.pk)


def _state(account_id: int, key: str) -> object:
    """The version of a segment's row: a change of its members changes its size, and so the row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT xmin::text, ctid::text FROM segments_segment"
            " WHERE account_id = %s AND key = %s AND deleted IS NULL",
            [account_id, key],
        )
        return cursor.fetchone()


extensions.add("segment", Extension(_members, _state))
