"""The URL of the account's rule."""

from __future__ import annotations

from django.urls import path

from segments.inactivity import views

urlpatterns = [path("settings/unused-segments", views.settings, name="inactivity")]
