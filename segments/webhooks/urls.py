"""URLs of the pages of webhooks, under the settings."""

from __future__ import annotations

from django.urls import path

from segments.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.index, name="list"),
    path("new", views.new, name="new"),
    path("<str:key>/", views.detail, name="detail"),
    path("<str:key>/edit", views.edit, name="edit"),
    path("<str:key>/secret", views.secret, name="secret"),
    path("<str:key>/test", views.test, name="test"),
    path("<str:key>/switch", views.switch, name="switch"),
    path("<str:key>/delete", views.delete, name="delete"),
    path("<str:key>/replay", views.replay, name="replay"),
    path("<str:key>/replay-failed", views.replay_failed, name="replay-failed"),
]
