"""Segmenter's ground floor. Imports nothing, so that the embedded services start before any package is installed."""

from __future__ import annotations

__version__ = "0.1.0"
