"""URLs of a segment's performance."""

from __future__ import annotations

from django.urls import path

from segments.performance import views

urlpatterns = [
    path("segments/<str:key>/performance", views.report, name="performance"),
    path("segments/<str:key>/performance.csv", views.report_csv, name="performance-csv"),
]
