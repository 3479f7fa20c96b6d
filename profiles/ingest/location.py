"""The columns of a profile that contain its location."""

from __future__ import annotations

from typing import Any

from profiles.ingest.parse import LOCATION_FIELDS


def location_of(columns: Any) -> dict[str, Any]:
    """The columns of a profile that contain its location."""
    return {name: columns[name] for name in (*LOCATION_FIELDS, "latitude", "longitude")}
