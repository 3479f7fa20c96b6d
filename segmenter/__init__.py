"""The ground floor: settings, URLs, Celery, and what all apps share. No arrow runs up from it."""

from __future__ import annotations

__version__ = "0.1.0"
