"""The values in definitions, so that the facts drawn afterwards fall on their edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .windows import COMPLETION_WINDOWS, midnight, read_date
from .world import Json, is_number


@dataclass(frozen=True)
class Focus:
    """`edges` are units and quantities back from `at`, `dates` UTC instants, `windows` lengths.

    `metrics` and `properties` are names, `numbers` and `texts` literals to compare with.
    """

    edges: tuple[tuple[str, int], ...] = ()
    dates: tuple[datetime, ...] = ()
    windows: tuple[timedelta, ...] = ()
    metrics: tuple[str, ...] = ()
    properties: tuple[str, ...] = ()
    numbers: tuple[float, ...] = ()
    texts: tuple[str, ...] = ()


def focus_on(definitions: Iterable[Json], zone: str) -> Focus:
    """Collect the relative edges, fixed dates and completion windows of definitions."""
    parts = [part for definition in definitions for part in _objects(definition)]
    filters = [part for part in parts if part.get("type") == "date"]
    return Focus(
        edges=tuple(edge for filter_ in filters for edge in _edges(filter_)),
        dates=tuple(moment for filter_ in filters for moment in _dates(filter_, ZoneInfo(zone))),
        windows=tuple(
            timedelta(seconds=COMPLETION_WINDOWS[length] if isinstance(length, str) else length)
            for length in (part.get("completion_window_seconds") for part in parts)
            if length is not None
        ),
        metrics=tuple(part["metric_id"] for part in parts if "metric_id" in part),
        properties=tuple(
            part[name].removeprefix("properties['").removesuffix("']").replace("\\'", "'")
            for part in parts
            for name in ("property", "measurement_property", "distinct_by")
            if name in part
        ),
        numbers=tuple(value for value in _literals(parts) if is_number(value)),
        texts=tuple(value for value in _literals(parts) if isinstance(value, str)),
    )


def _literals(parts: list[Json]) -> Iterator[Any]:
    for part in parts:
        value = part.get("value")
        yield from value if isinstance(value, list) else [value]


def _objects(node: Any) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from _objects(part)


def _edges(filter_: Json) -> Iterator[tuple[str, int]]:
    if "unit" in filter_:
        direction = -1 if filter_["operator"].endswith("next") else 1
        for name in ("quantity", "start", "end"):
            if name in filter_:
                yield filter_["unit"], filter_[name] * direction


def _dates(filter_: Json, zone: ZoneInfo) -> Iterator[datetime]:
    for name in ("date", "start", "end"):
        text = filter_.get(name)
        stamp = read_date(text, zone) if isinstance(text, str) else None
        if stamp is not None:
            yield stamp.instant
            if stamp.day is not None:
                yield midnight(stamp.day + timedelta(days=1), zone)
