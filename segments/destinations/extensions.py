"""Destinations among the uses of a segment."""

from __future__ import annotations

from segments.destinations import kinds as _kinds  # registers them
from segments.destinations import stores as _stores

__all__ = ["_kinds", "_stores"]
