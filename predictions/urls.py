"""Addresses of predictions, below /predictions/."""

from __future__ import annotations

from django.urls import path

from predictions.pages import views

app_name = "predictions"
urlpatterns = [
    path("", views.index, name="index"),
    path("again", views.again, name="again"),
    path("settings", views.settings, name="settings"),
]
