"""Addresses of the pages of metrics."""

from __future__ import annotations

from django.urls import path

from profiles.metrics import views

urlpatterns = [
    path("metrics/", views.index, name="metrics"),
    path("metrics/<str:key>/", views.detail, name="metric"),
]
