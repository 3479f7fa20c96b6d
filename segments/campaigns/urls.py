"""Addresses of the test report."""

from __future__ import annotations

urlpatterns = []  # type: ignore[var-annotated]
