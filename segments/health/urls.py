"""URLs of the status page and of the metrics for Prometheus."""

from __future__ import annotations

from django.urls import path

from segments.health import views

urlpatterns = [
    path("status/", views.index, name="status-page"),
    path("status/again", views.again, name="status-again"),
    path("metrics", views.metrics, name="prometheus"),
]
