"""Distances between points."""

from __future__ import annotations

import math

Point = tuple[float, float]

HOSTILE = ["", " ", "\0", "a\0b", "🎉", "\ud800", "x" * 10_000, "1" * 10_000, "%s' OR 1=1", "٣٣٣"]


def kilometres(here: Point, there: Point) -> float:
    """Haversine distance on a sphere of 6371 km."""
    a, b, c, d = map(math.radians, (*here, *there))
    h = math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(h))


def near(point: Point | None, there: Point, within: float) -> bool:
    return point is not None and kilometres(point, there) <= within


BOSTON = (42.3601, -71.0589)
NEW_YORK = (40.7506, -73.9972)


STOCKHOLM = (59.3293, 18.0686)
