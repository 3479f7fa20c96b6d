"""The columns of a profile that say where the person is."""

from __future__ import annotations

from typing import Any

from profiles.ingest.parse import LOCATION_FIELDS


def location_of(columns: Any) -> dict[str, Any]:
    """The part of a profile's columns that says where the person is."""
    return {name: columns[name] for name in (*LOCATION_FIELDS, "latitude", "longitude")}
