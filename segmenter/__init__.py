"""The ground floor. Imports nothing: the embedded services start before packages are installed."""

from __future__ import annotations

__version__ = "0.1.0"
