"""Addresses of forecasts."""

from __future__ import annotations

from django.urls import path

from segments.forecasts import views

urlpatterns = [
    path("segments/<str:key>/forecasts", views.index, name="forecasts"),
    path("segments/<str:key>/forecasts/make", views.make, name="forecast-make"),
    path("segments/<str:key>/forecasts/monthly", views.monthly, name="forecast-monthly"),
    path("segments/<str:key>/forecasts/<int:forecast_id>", views.detail, name="forecast"),
    path(
        "segments/<str:key>/forecasts/<int:forecast_id>/cancel",
        views.cancel,
        name="forecast-cancel",
    ),
]
