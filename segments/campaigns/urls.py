"""Addresses of the test report."""

from __future__ import annotations

from django.urls import path

from segments.campaigns import views

urlpatterns = [
    path("test-report", views.report, name="test-report"),
]
