"""Finds or starts PostgreSQL and Valkey for an installation on one machine.

Standard library only: no Django and no packages.
"""

from __future__ import annotations


class ServiceError(Exception):
    """A service could not be found, started or stopped. The message says what to do about it."""
