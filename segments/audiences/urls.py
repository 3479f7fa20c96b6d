"""Addresses of a segment's audiences."""

from __future__ import annotations

from django.urls import path

from segments.audiences import views

urlpatterns = [
    path("segments/<str:key>/audience", views.audience, name="audience"),
    path("segments/<str:key>/audience/history", views.history, name="audience-history"),
    path("segments/<str:key>/audience/new", views.new, name="audience-new"),
    path(
        "segments/<str:key>/audience/<str:file_key>.csv", views.download, name="audience-download"
    ),
]
