"""Addresses of the downloads."""

from __future__ import annotations

from django.urls import path

from segments.exports import views

urlpatterns = [
    path("segments/<str:key>/members.csv", views.download, name="csv"),
]
