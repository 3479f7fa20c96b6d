"""Fixtures that all tests share."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.cast"]
