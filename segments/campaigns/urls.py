"""Addresses of the test report."""

from __future__ import annotations

from django.urls import path

from segments.campaigns import views

urlpatterns = [
    path("test-report", views.report, name="test-report"),
    path("test-report/count", views.count, name="test-report-count"),
    path("test-report/<int:report_id>/progress", views.progress, name="test-report-progress"),
    path("test-report/<int:report_id>/cancel", views.cancel, name="test-report-cancel"),
]
