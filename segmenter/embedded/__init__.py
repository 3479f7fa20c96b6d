"""Finds or starts PostgreSQL and Valkey for the one-machine default.

Standard library only: no Django, and nothing that must be installed before a server runs.
"""

from __future__ import annotations


class ServiceError(Exception):
    """A service could not be found, started or stopped. The text says what to do about it."""
