"""Destinations among the uses of a segment."""

from __future__ import annotations

from segments.destinations import kinds as _kinds  # registers them

__all__ = ["_kinds"]
